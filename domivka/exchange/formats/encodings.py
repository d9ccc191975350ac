"""Which code page a text is in, by the letters it would have (domain.md §6.1: CP866 and CP1125 share most bytes)."""

from __future__ import annotations

import codecs
import math
import re
from typing import Final

from domivka.exchange.formats.content import Content

_FREQUENCY: Final = {
    "о": 94, "а": 72, "н": 65, "и": 61, "і": 57, "в": 55, "т": 55, "е": 49, "р": 45, "с": 41, "к": 39, "л": 37,
    "у": 34, "д": 32, "м": 31, "п": 29, "я": 25, "з": 24, "ь": 18, "г": 17, "б": 17, "ч": 14, "х": 12, "й": 14,
    "ж": 9, "ц": 8, "ш": 8, "ю": 9, "щ": 5, "ї": 7, "є": 6, "ф": 4, "ґ": 1, "ё": 0.05, "ъ": 0.05, "ы": 0.05, "э": 0.05,
}  # fmt: skip
"""Letters of Ukrainian per thousand, roughly; only the ratios matter."""
_WEIGHT: Final = {letter: math.log(share / 0.5) for letter, share in _FREQUENCY.items()}
_ODD: Final = -4.0  # what no Ukrainian text has: box drawing, letters of other alphabets
_SWAPPED: Final = -3.0  # a capital after a small letter: the sign of a wrong table
_CASE: Final = re.compile(r"[а-яіїєґ][А-ЯІЇЄҐ]")
_ALLOWED: Final = set("№«»“”„’‘–—−…°€₴§×²³½¼\u00a0ʼ•")
_SAMPLE: Final = 200_000

UTF_8: Final = "utf-8"
CODE_PAGES: Final = ("cp1251", "cp866", "cp1125", "koi8-u")


def _score(text: str) -> float:
    score = _SWAPPED * len(_CASE.findall(text))
    for letter in set(text):
        if letter < "\x80" or letter in _ALLOWED:
            continue
        weight = _WEIGHT.get(letter.lower(), _ODD)
        if letter != letter.lower():
            weight -= 1.0  # capitals are rarer
        score += weight * text.count(letter)
    return score


def detect_code_page(sample: bytes, candidates: tuple[str, ...] = CODE_PAGES) -> str:
    """The single-byte table under which the bytes look most like Ukrainian; the first one when nothing tells."""
    high = bytes(byte for byte in sample[:_SAMPLE] if byte >= 0x80 or byte in b" \n\r\t;abcdefghijklmnopqrstuvwxyz")
    scores = {name: _score(high.decode(name, "replace")) for name in candidates}
    return max(candidates, key=lambda name: scores[name])


def find_encoding(content: Content) -> tuple[str, int]:
    """The name of a text's encoding, and how many bytes its mark takes: UTF-8 and UTF-16 by their marks or strictly,
    else a code page."""
    head = content.head(_SAMPLE)
    for mark, name in (
        (codecs.BOM_UTF8, UTF_8),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return name, len(mark)
    strict = codecs.getincrementaldecoder(UTF_8)()
    try:
        for block in content.blocks():
            strict.decode(block)
        strict.decode(b"", final=True)
    except UnicodeDecodeError:
        return detect_code_page(head), 0
    return UTF_8, 0
