"""Phone numbers as people type them (domain.md §1.4)."""

from __future__ import annotations

import pytest

from domivka.identity.rules import phones


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("+380671234567", "+380671234567"),
        ("0673332221", "+380673332221"),
        ("(066) 123 45 67", "+380661234567"),
        ("38 063 03 05 004", "+380630305004"),
        ("80661234567", "+380661234567"),
        ("661234567", "+380661234567"),
        ("066-123-45-67", "+380661234567"),
        ("+38 (066) 123-45-67", "+380661234567"),
        ("066\u00a0123\u00a045\u00a067", "+380661234567"),
        ("+38 044 366 80 54", "+380443668054"),
    ],
)
def test_phone_is_understood_however_it_is_written(typed: str, normal: str) -> None:
    assert phones.normalise(typed) == normal


@pytest.mark.parametrize(
    "typed",
    ["067123456", "+38067123456789", "+381671234567", "0 800 216 612", "", "abc", "ivan@example.com", "+0671234567"],
)
def test_phone_that_is_no_ones_own_is_refused(typed: str) -> None:
    assert phones.normalise(typed) is None


def test_phone_is_shown_in_groups_and_masked() -> None:
    assert phones.shown("+380661234567") == "+380\u00a066\u00a0123\u00a045\u00a067"
    assert phones.masked("+380661234567") == "+380\u00a066\u00a0***\u00a0**\u00a067"
