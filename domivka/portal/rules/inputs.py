"""What people type into money and meter fields."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_SPACES: Final = str.maketrans("", "", " \u00a0\u202f'")
MAX_DIGITS: Final = 12
_NUMBER: Final = re.compile(r"([0-9]+)(?:\.([0-9]*))?")


class NotANumber(ValueError):
    """The text is not a number one can pay or read from a meter."""


def _decimal(text: str, decimals: int) -> Decimal:
    plain = text.translate(_SPACES).replace(",", ".").removesuffix("грн").removesuffix("₴")
    match = _NUMBER.fullmatch(plain)
    if match is None or len(match[1]) > MAX_DIGITS or len(match[2] or "") > decimals:
        raise NotANumber(text)
    return Decimal(plain)


def parse_money(text: str) -> int:
    """`1 264,70`, `1264.7`, `0` → kopiykas. An empty text is 0; a third decimal or a minus is `NotANumber`."""
    if not text.strip():
        return 0
    return int(_decimal(text, 2) * 100)


def parse_reading(text: str, *, decimals: int = 3) -> Decimal | None:
    """`58`, `58,125` → Decimal; an empty text is None (nothing was typed)."""
    if not text.strip():
        return None
    return _decimal(text, decimals)
