"""Codes with the right check digits for invented organisations (domain.md §1)."""

from __future__ import annotations


def edrpou(first_seven: str) -> str:
    """Seven digits and the check digit of a legal entity's code (§1.1)."""
    digits = [int(digit) for digit in first_seven]
    weights = [7, 1, 2, 3, 4, 5, 6] if first_seven[0] in "345" else [1, 2, 3, 4, 5, 6, 7]
    rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    if rest == 10:
        rest = sum(digit * (weight + 2) for digit, weight in zip(digits, weights, strict=True)) % 11
    return f"{first_seven}{rest % 10}"


def iban(bank_code: str, account: str) -> str:
    """The Ukrainian IBAN of an account at the bank with this six-digit code (§1.3)."""
    body = bank_code + account.rjust(19, "0")
    check = 98 - int(body + "3010" + "00") % 97  # U = 30, A = 10
    return f"UA{check:02d}{body}"
