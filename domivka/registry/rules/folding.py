"""Forms of street names, house and flat numbers that compare equal when people mean the same address (domain.md §1.6)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_LATIN: Final = "ABCEHIKMOPTXYÏaceikopxyï"
_CYRILLIC: Final = "АВСЕНІКМОРТХУЇасеікорхуї"
_LOOK_ALIKES: Final = str.maketrans(_LATIN, _CYRILLIC)
_WORD: Final = re.compile(r"[^\W\d_]+")
_CYRILLIC_LETTER: Final = re.compile(r"[\u0400-\u04ff]")
_APOSTROPHES: Final = re.compile(r"[\u0027\u2018\u2019\u02bc\u0060\u00b4\u02b9\u2032*\"«»“”„]")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")

KINDS: Final = {
    "вул.": ("вул", "вулиця", "ул", "улица"),
    "просп.": ("просп", "проспект", "пр", "прт", "прспкт"),
    "пров.": ("пров", "провулок", "пер", "переулок"),
    "бульв.": ("бульв", "бульвар", "бул", "бр"),
    "пл.": ("пл", "площа", "площадь"),
    "наб.": ("наб", "набережна"),
    "шосе": ("шосе", "ш"),
    "узвіз": ("узвіз", "узв"),
    "проїзд": ("проїзд", "прд"),
    "тупик": ("тупик", "туп"),
    "алея": ("алея", "ал"),
    "майдан": ("майдан", "мн"),
    "мкр.": ("мкр", "мікрорайон", "мкрн"),
    "кв-л": ("квл", "квартал"),
}
"""Kinds of streets as Domivka writes them, and the words that mean them once folded."""

_KIND_OF: Final = {word: kind for kind, words in KINDS.items() for word in words}
_HYPHENED: Final = re.compile(r"\b(пр|б|м|кв|мкр|пл)-(т|р|н|д|л|ща|кт)\b")


def _fold_word(match: re.Match[str]) -> str:
    word = match.group()
    if _CYRILLIC_LETTER.search(word) or all(letter in _LATIN for letter in word):
        return word.translate(_LOOK_ALIKES)
    return word


def fold_look_alikes(text: str) -> str:
    """Latin letters that look Cyrillic become so inside Cyrillic words: «Мар'янiвна» (Latin i) → «Мар'янівна».

    CP866 has no «і», so files written in it carry the Latin one. Words in real Latin stay as they are.
    """
    return _WORD.sub(_fold_word, unicodedata.normalize("NFC", text))


def fold(text: str) -> str:
    """Lower case, one space between words, no apostrophes, ґ as г, look-alikes Cyrillic: what search compares."""
    text = _APOSTROPHES.sub("", fold_look_alikes(text).lower()).replace("ґ", "г")
    return _NOT_LETTERS.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class StreetText:
    """A street as someone wrote it: the kind («вул.», empty when not written), the name, and the name's key."""

    kind: str
    name: str
    key: str


def parse_street(text: str) -> StreetText:
    """«бульвар Їжакевича», «Їжакевича б-р» → kind «бульв.», name «Їжакевича», key «їжакевича»."""
    written = " ".join(fold_look_alikes(text).split())
    words = _HYPHENED.sub(r"\1\2", written.lower()).replace(".", ". ").split()
    originals = written.replace(".", ". ").split()
    kind = ""
    if len(words) > 1:
        first, last = fold(words[0]), fold(words[-1])
        if first in _KIND_OF:
            kind, originals = _KIND_OF[first], originals[1:]
        elif last in _KIND_OF:
            kind, originals = _KIND_OF[last], originals[:-1]
    name = " ".join(originals)
    return StreetText(kind, name, fold(name))


def street_key(text: str) -> str:
    """The folded name without the kind word."""
    return parse_street(text).key


_HOUSE_WORDS: Final = re.compile(r"^(?:будинок|буд|дім|д|№)[\s.]*(?=\d)")
_BLOCK: Final = re.compile(r"(?<=[\dа-яєіїґ])[\s,\-]*(?:корпус|корп|кор|к)[\s.]*(?=[\dа-яєіїґ])")
_FLAT_WORDS: Final = re.compile(r"^(?:квартира|кварт|кв|№)[\s.]*(?=\d)")
_ROOM_WORDS: Final = re.compile(r"^(?:кімната|кімн|кім|к)[\s.]*(?=\d)")
_OFFICE_WORDS: Final = re.compile(r"^(?:нежитлове приміщення|неж\.?\s*прим|н[/.\s]*п|прим)[\s.]*(?=\d)")
_NONE: Final = {"", "0", "-", "–", "—", "б/н", "немає", "нет"}


def _number(text: str) -> str:
    text = unicodedata.normalize("NFC", text).upper().translate(_LOOK_ALIKES).lower()
    text = _APOSTROPHES.sub("", text).replace("\\", "/").replace("ґ", "г").replace("\u00a0", " ").strip()
    return re.sub(r"[–—−]", "-", text)


def _tidy(text: str) -> str:
    text = re.sub(r"(?<=\d)[\s.\-]+(?=[а-яєії])", "", text)  # «12-а», «12 а» → «12а»
    text = re.sub(r"(?<=[а-яєії])[\s.\-]+(?=\d)", "", text)
    text = re.sub(r"\s*([/\-])\s*", r"\1", text)
    text = re.sub(r"[\s.,]+", "", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def building_key(text: str) -> str:
    """«12-А» = «12 а» = «12а»; «15 корп. 2» = «15к2»; «6/1» stays; Latin letters and leading zeros are folded."""
    return _tidy(_BLOCK.sub("к", _HOUSE_WORDS.sub("", _number(text))))[:20]


def flat_key(text: str) -> str:
    """«кв. 24-А» = «24а»; «н/п 3» and «кімн. 5» keep their kind, so they never meet flat 3 or 5; none is ''."""
    number = _number(text)
    if number in _NONE:
        return ""
    number = _OFFICE_WORDS.sub("н/п", _FLAT_WORDS.sub("", number))
    key = _tidy(_ROOM_WORDS.sub("кім", number))[:20]
    return "" if key in _NONE else key


def natural_key(key: str) -> str:
    """The key with its numbers padded, so that text order is natural order: 2, 4/2, 11, 53б."""
    return re.sub(r"\d+", lambda match: match.group().zfill(6), key)[:40]
