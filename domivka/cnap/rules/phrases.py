"""Texts of answers with places for words: «Шановний(на) {заявник}, за заявою № {номер}…»."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

PLACES: Final = (
    "заявник",
    "номер",
    "тема",
    "цнап",
    "адреса",
    "телефон",
    "години",
    "строк",
    "сьогодні",
    "адміністратор",
)
"""Names of the places, as administrators write them. Тема of an application is its service."""

_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def unknown(text: str) -> list[str]:
    """Places that nobody will fill, in order, each once."""
    found = (name.strip() for name in _PLACE.findall(text))
    return [name for name in dict.fromkeys(found) if name.lower() not in PLACES]


def fill(text: str, words: Mapping[str, str]) -> str:
    """The text with its places filled; a place without a word stays as it was, so that it is seen."""
    return _PLACE.sub(lambda match: words.get(match[1].strip().lower(), "") or match[0], text)
