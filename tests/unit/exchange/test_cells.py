from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.exchange.cells import month_in_title, parse_day, parse_month, to_kop, to_number


@pytest.mark.parametrize(
    ("written", "kop"),
    [
        ("1639.76", 163976),
        ("1639,76", 163976),
        ("1\u00a0639,76 грн.", 163976),
        ("1 639,76грн", 163976),
        ("1\u202f639,76 ₴", 163976),
        ("1.639,76", 163976),
        ("1,639.76", 163976),
        ("-366,52", -36652),
        ("−366,52 грн.", -36652),
        ("580.9", 58090),
        ("0", 0),
        (None, 0),
        ("+5", 500),
        ("12.500", 1250),
    ],
)
def test_money_is_read_however_it_is_written(written: str | None, kop: int) -> None:
    values, bad = to_kop(pl.Series([written], dtype=pl.String))

    assert (values.to_list(), bad.to_list()) == ([kop], [False])


@pytest.mark.parametrize("written", ["сім", "1e5", "1,23E+09", "1.005", "--5", "5-", "=1+1", "1,2,3", "9" * 40])
def test_what_is_not_money_is_told(written: str) -> None:
    _, bad = to_kop(pl.Series([written]))

    assert bad.to_list() == [True]


@given(st.integers(-(10**12), 10**12))
def test_money_survives_any_way_of_writing(kop: int) -> None:
    amount = Decimal(kop) / 100
    ways = [f"{amount:.2f}", f"{amount:.2f}".replace(".", ","), f"{amount:,.2f}".replace(",", " ").replace(".", ",")]

    values, bad = to_kop(pl.Series([*ways, f"{amount:,.2f} грн.".replace(",", "\u00a0").replace(".", ",", 1)][:3]))

    assert values.to_list() == [kop] * 3
    assert not bad.any()


def test_column_of_mixed_ways_is_read_whole() -> None:
    numbers, bad = to_number(pl.Series(["1.5", "1,5", None, "x"]))

    assert numbers.to_list() == [Decimal("1.5"), Decimal("1.5"), None, None]
    assert bad.to_list() == [False, False, False, True]


@pytest.mark.parametrize(
    "written",
    [
        "жовтень 2026",
        "Жовтень 2026 р.",
        "жовтня 2026",
        "10.2026",
        "202610",
        "2026-10",
        "10/2026",
        "01.10.2026",
        "2026.10",
    ],
)
def test_month_is_read_however_it_is_written(written: str) -> None:
    assert parse_month(written) == 202610


@pytest.mark.parametrize("written", ["", "жовтень", "13.2026", "2026", "202613", "щось 2026"])
def test_what_is_not_a_month_is_none(written: str) -> None:
    assert parse_month(written) is None


def test_month_is_found_in_a_title() -> None:
    assert month_in_title("КП «Тепло». Стан розрахунків за жовтень 2026 р.") == 202610
    assert month_in_title("Відомість за 10.2026") == 202610
    assert month_in_title("Відомість від 05.11.2026") is None
    assert month_in_title("Відомість") is None


@pytest.mark.parametrize("written", ["20261105", "05.11.2026", "2026-11-05", "2026-11-05 00:00:00", "05.11.26"])
def test_day_is_read_however_it_is_written(written: str) -> None:
    assert parse_day(written) == dt.date(2026, 11, 5)


def test_impossible_day_is_none() -> None:
    assert parse_day("20261131") is None
