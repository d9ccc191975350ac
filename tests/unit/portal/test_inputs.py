"""What people type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.kernel.money import Money
from domivka.portal.rules.inputs import NotANumber, parse_money, parse_reading


@pytest.mark.parametrize(
    ("text", "kop"),
    [("1264,70", 126470), ("1 264.7", 126470), ("1\u00a0264,70", 126470), ("0", 0), ("", 0), (" 25 грн", 2500)],
)
def test_money_is_read_as_people_type_it(text: str, kop: int) -> None:
    assert parse_money(text) == kop


@pytest.mark.parametrize("text", ["1,234", "-5", "abc", "1e5", "٣", "NaN", "Infinity", "1,2,3", "9" * 30, "--"])
def test_money_that_cannot_be_paid_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        parse_money(text)


@given(st.integers(min_value=0, max_value=10**11))
def test_money_as_shown_is_read_back(kop: int) -> None:
    assert parse_money(str(Money(kop))) == parse_money(Money(kop).plain()) == kop


def test_reading_is_read_with_a_comma_and_leading_zeros() -> None:
    assert [parse_reading(text) for text in ("00058", "58,125", "")] == [Decimal(58), Decimal("58.125"), None]


def test_reading_with_too_many_decimals_is_refused() -> None:
    with pytest.raises(NotANumber):
        parse_reading("58,1255")
