"""Ukrainian phone numbers as people type them (domain.md §1.4)."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s\u00a0()\-–—−‑./]+")


def normalise(text: str) -> str | None:
    """`+380` and nine digits for `(066) 123 45 67`, `38 063 03 05 004`, `80…`, `0…`, nine digits; else None.

    Short and free numbers (`0 800 …`) are no one's own phone, so they are None too.
    """
    digits = _SEPARATORS.sub("", text)
    plus = digits.startswith("+")
    digits = digits.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if len(digits) == 12 and digits.startswith("380"):
        subscriber = digits[3:]
    elif plus:
        return None
    elif len(digits) == 11 and digits.startswith("80"):
        subscriber = digits[2:]
    elif len(digits) == 10 and digits.startswith("0"):
        subscriber = digits[1:]
    elif len(digits) == 9:
        subscriber = digits
    else:
        return None
    return None if subscriber.startswith(("0", "800", "900")) else f"+380{subscriber}"


def shown(phone: str) -> str:
    """`+380 66 123 45 67` with no-break spaces."""
    return "\u00a0".join((phone[:4], phone[4:6], phone[6:9], phone[9:11], phone[11:])) if len(phone) == 13 else phone


def masked(phone: str) -> str:
    """`+380 66 *** ** 67`, where the number itself need not be read."""
    return "\u00a0".join((phone[:4], phone[4:6], "***", "**", phone[11:])) if len(phone) == 13 else phone
