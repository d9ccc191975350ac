"""What recalculations take off: the vectors of domain.md §5.6, and the frame held against fractions and the scalar rules."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domivka.tariffs.rules.adjustments import absence_kop, outage_by_days_kop, outage_by_hours_kop
from domivka.tariffs.rules.recalculation import ONE_E4, recalculate, share_e6

Row = tuple[int, int, int, int, int]
COLUMNS = ["monthly_kop", "left_kop", "percent_e4", "part", "whole"]


def off(*rows: Row) -> list[int]:
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.Int64), orient="row")
    return recalculate(frame)["off_kop"].to_list()


def reference(row: Row) -> int:
    """In fractions and decimals, written from the rule and not from the code."""
    monthly, left, percent, part, whole = row
    if monthly <= 0 or left <= 0:
        return 0
    asked = Fraction(monthly) * Fraction(percent, 10_000) * Fraction(part, whole)
    rounded = (Decimal(asked.numerator) / Decimal(asked.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    return min(int(rounded), monthly, left)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((707_33, 707_33, 330, 4, 1), 93_37),  # 3.3 % a day, 4 days
        ((707_33, 707_33, ONE_E4, 48, 720), 47_16),  # 48 of 720 hours
        ((707_33, 50_00, 330, 4, 1), 50_00),  # no more than what is left
        ((707_33, 707_33, 330, 31, 1), 707_33),  # 102.3 %
        ((707_33, 0, 330, 4, 1), 0),
        ((707_33, -10_00, 330, 4, 1), 0),
        ((-55_00, -55_00, 330, 4, 1), 0),  # money back already
        ((109_44, 109_44, ONE_E4, 31, 93), 36_48),  # one of three away for a whole month
        ((109_44, 109_44, ONE_E4, 0, 0), 0),  # nobody registered
    ],
)
def test_recalculation_of_one_account(row: Row, expected: int) -> None:
    assert off(row) == [expected]


amounts = st.integers(-10_000_00, 100_000_00)
rows = st.tuples(amounts, amounts, st.integers(1, 10_000), st.integers(0, 800), st.integers(1, 800))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, min_size=1, max_size=20))
def test_frame_equals_fractions_row_by_row(given_rows: list[Row]) -> None:
    assert off(*given_rows) == [reference(row) for row in given_rows]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000_00), st.integers(1, 10_000), st.integers(0, 31), st.integers(1, 744))
def test_frame_equals_the_scalar_rules(monthly: int, percent: int, days: int, hours: int) -> None:
    by_days = outage_by_days_kop(monthly_kop=monthly, percent_a_day=Decimal(percent) / 100, days=days)
    by_hours = outage_by_hours_kop(monthly_kop=monthly, hours=hours, month_hours=744)
    by_absence = absence_kop(monthly_kop=monthly, absent_person_days=days, person_days=93)

    found = off(
        (monthly, monthly, percent, days, 1),
        (monthly, monthly, ONE_E4, hours, 744),
        (monthly, monthly, ONE_E4, days, 93),
    )

    assert found == [by_days, by_hours, by_absence]


def test_absence_of_nobody_registered_is_nothing() -> None:
    assert absence_kop(monthly_kop=100_00, absent_person_days=0, person_days=0) == 0
    assert absence_kop(monthly_kop=109_44, absent_person_days=31, person_days=93) == 36_48


def test_volume_goes_with_the_absence() -> None:
    frame = pl.DataFrame({"volume": [10_800_000], "part": [31], "whole": [93]})

    assert frame.select(share_e6(pl.col("volume"), pl.col("part"), pl.col("whole"))).item() == 3_600_000
