"""Check digits of the identifiers a registry holds (domain.md §1). A failed check warns; it never blocks an import,
because real providers' papers carry codes that fail."""

from __future__ import annotations

import re
from typing import Final

_SPACES: Final = re.compile(r"[\s\u00a0]+")


def edrpou_is_valid(code: str) -> bool:
    """Eight digits of a legal entity with the right check digit; the all-zero placeholder is refused (§1.1)."""
    if not re.fullmatch(r"\d{8}", code, re.ASCII) or code == "00000000":
        return False
    digits = [int(digit) for digit in code]
    weights = [7, 1, 2, 3, 4, 5, 6] if code[0] in "345" else [1, 2, 3, 4, 5, 6, 7]
    rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    if rest == 10:
        rest = sum(digit * (weight + 2) for digit, weight in zip(digits, weights, strict=False)) % 11
    return rest % 10 == digits[7]


def rnokpp_is_valid(number: str) -> bool:
    """Ten digits of a person's tax number with the right check digit, not all zeros (§1.2)."""
    if not re.fullmatch(r"\d{10}", number, re.ASCII) or number == "0000000000":
        return False
    weights = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return total % 11 % 10 == int(number[9])


def compact_iban(text: str) -> str:
    """The IBAN without spaces of any kind, upper case."""
    return _SPACES.sub("", text).upper()


def iban_is_valid(text: str) -> bool:
    """A Ukrainian IBAN of 29 characters whose remainder by 97 is 1 (§1.3); spaces are allowed."""
    iban = compact_iban(text)
    if not re.fullmatch(r"UA\d{27}", iban, re.ASCII):
        return False
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1


def normal_phone(text: str) -> str | None:
    """`+380` and nine digits, from any way people write it; None when it is not a Ukrainian number (§1.4)."""
    digits = re.sub(r"\D", "", text)
    for prefix in ("380", "80", "0", ""):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 9:
            number = digits[len(prefix) :]
            return None if number.startswith("0") else f"+380{number}"
    return None


def is_toll_free(text: str) -> bool:
    """A number 0 800 XXX XXX: a contact, never a sign-in."""
    return (normal_phone(text) or "").startswith("+380800")


def katottg_is_valid(code: str) -> bool:
    """`UA` and 17 digits (§1.5); there is no check digit."""
    return re.fullmatch(r"UA\d{17}", code, re.ASCII) is not None


_LEVELS: Final = (("district", 10, 12), ("settlement", 7, 10), ("hromada", 4, 7), ("raion", 2, 4))


def katottg_level(code: str) -> str:
    """The deepest group that is not zero: region, raion, hromada, settlement or district. `ValueError` for a bad code."""
    if not katottg_is_valid(code):
        raise ValueError(code)
    digits = code[2:]
    return next((name for name, start, end in _LEVELS if int(digits[start:end])), "region")


def postal_index_is_valid(text: str) -> bool:
    """Five digits in a band that is in use (§1.6)."""
    return re.fullmatch(r"\d{5}", text, re.ASCII) is not None and 1 <= int(text[:2]) <= 99
