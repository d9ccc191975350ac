"""The authorisation key: derived, printed, typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.homes.rules import keys
from domivka.kernel.period import Period

OCTOBER = Period(202610)


def make(premises_id: int = 7, period: Period = OCTOBER, serial: int = 1, town: str = "town") -> str:
    return keys.derive(secret=town, premises_id=premises_id, period=period, serial=serial)


def test_key_is_ten_digits_printed_in_three_groups() -> None:
    key = make()

    assert len(key) == 10
    assert key.isdecimal()
    assert keys.printed("4821937506") == "4821-9375-06"


def test_key_stays_the_same_for_the_same_bill() -> None:
    assert make() == "5108086446"


@pytest.mark.parametrize(
    "other",
    [make(premises_id=8), make(period=OCTOBER.next), make(serial=2), make(town="another town")],
    ids=["premises", "month", "serial", "secret"],
)
def test_key_differs_by_premises_month_serial_and_secret(other: str) -> None:
    assert other != make()


@pytest.mark.parametrize(
    "typed",
    [
        "{a}-{b}-{c}",
        "{a} {b} {c}",
        "{a}{b}{c}",
        "  {a}–{b}–{c} ",
        "{a}.{b}.{c}",
        "№ {a}-{b}-{c}",
        "{a}\u00a0{b}\u00a0{c}",
    ],
)
def test_typed_key_may_have_spaces_and_dashes(typed: str) -> None:
    key = make()

    assert keys.typed(typed.format(a=key[:4], b=key[4:8], c=key[8:])) == key


def test_typed_key_takes_letters_that_look_like_digits() -> None:
    assert keys.typed("1003 0000 " + keys.check_digits("10030000")) == keys.typed(
        "ІОО" + "З ОО00 " + keys.check_digits("10030000")
    )


@pytest.mark.parametrize("typed", ["", "1234", "abcdefghij", "12345678901", "5108086447", "١٢٣٤٥٦٧٨٩٠"])
def test_typed_key_that_cannot_be_a_key_is_none(typed: str) -> None:
    assert keys.typed(typed) is None


@given(st.integers(0, 10**8 - 1), st.integers(0, 9), st.integers(1, 9))
def test_typed_key_with_one_wrong_digit_is_noticed(body: int, place: int, change: int) -> None:
    key = f"{body:08d}" + keys.check_digits(f"{body:08d}")
    wrong = key[:place] + str((int(key[place]) + change) % 10) + key[place + 1 :]

    assert keys.typed(key) == key
    assert keys.typed(wrong) is None


@given(st.integers(0, 10**8 - 1), st.integers(0, 8))
def test_typed_key_with_two_neighbours_swapped_is_noticed(body: int, place: int) -> None:
    key = f"{body:08d}" + keys.check_digits(f"{body:08d}")
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]

    assert swapped == key or keys.typed(swapped) is None
