"""Penalty of a month: literal cases, and any case against the scalar rule and a day-by-day reference in fractions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domivka.tariffs.rules.overdue import CALENDAR, DEBTS, FREE, PAID, debt_days, penalties
from domivka.tariffs.rules.penalty import DebtStep, PenaltyTerms, Suspension, penalty_kop

DAYS = 31
FIRST = dt.date(2026, 10, 1)


@dataclass
class Month:
    """One account in October: the sums of `debts`, the days from which two months' charges count, payments and days off."""

    whole: int = 0
    older: int = 0
    last: int = 0
    older_day: int = 1
    last_day: int = 21
    paid: list[tuple[int, int]] = field(default_factory=list)
    off: set[int] = field(default_factory=set)  # in the whole town
    free: set[int] = field(default_factory=set)  # of the home
    free_at: int | None = None  # the provider whose penalty is suspended; 7 is the account's
    percent: str = "0.01"
    cap: str = "100"
    charged: int = 0
    peak: int = 0


def penalty(*months: Month) -> list[int]:
    """Amounts of the accounts, all in one frame; the town's days off and terms are the first one's."""
    town = months[0]
    rows = [
        (n, n, n, 7, month.whole, month.older, month.last) for n, month in enumerate(months, start=1)
    ]  # a provider's service of its own for each
    counted = debt_days(
        debts=pl.DataFrame(rows, schema=DEBTS, orient="row"),
        paid=pl.DataFrame(
            [(n, *one) for n, month in enumerate(months, start=1) for one in month.paid], schema=PAID, orient="row"
        ),
        calendar=pl.DataFrame(
            [
                (n, day, day >= month.older_day, day >= month.last_day)
                for n, month in enumerate(months, start=1)
                for day in range(1, DAYS + 1)
                if day not in town.off
            ],
            schema=CALENDAR,
            orient="row",
        ),
        free=pl.DataFrame(
            [(n, month.free_at, day) for n, month in enumerate(months, start=1) for day in month.free],
            schema=FREE,
            orient="row",
        ),
    )
    known = pl.DataFrame(
        [(n, month.charged, month.peak) for n, month in enumerate(months, start=1)],
        schema={"account_service_id": pl.Int64, "charged_kop": pl.Int64, "known_kop": pl.Int64},
        orient="row",
    )
    full = counted.join(known, on="account_service_id").with_columns(
        peak_kop=pl.max_horizontal("known_kop", "largest_kop")
    )
    found = penalties(
        days=full,
        percent_e4=int(Decimal(town.percent) * 10**4),
        cap_percent_e4=int(Decimal(town.cap) * 10**4),
    )
    amounts = dict(found.select("account_service_id", "amount_kop").iter_rows())
    return [amounts.get(n, 0) for n in range(1, len(months) + 1)]


def overdue(month: Month, day: int) -> int:
    due = month.whole + (month.older if day >= month.older_day else 0) + (month.last if day >= month.last_day else 0)
    return max(0, due - sum(kop for paid_on, kop in month.paid if paid_on <= day))


def reference(month: Month, town: Month) -> int:
    """The same in fractions, one day after another."""
    total, largest = Fraction(0), month.peak
    for day in range(1, DAYS + 1):
        if day in town.off or (day in month.free and month.free_at in (None, 7)):
            continue
        debt = overdue(month, day)
        largest = max(largest, debt)
        total += Fraction(debt) * Fraction(town.percent) / 100
    rounded = int(total + Fraction(1, 2))
    left = max(int(Fraction(largest) * Fraction(town.cap) / 100) - month.charged, 0)
    return min(rounded, left)


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (Month(whole=1000_00), 3_10),  # domain.md §5.6: 1000.00, 31 days
        (Month(last=1000_00), 1_10),  # due on the 20th: 11 days
        (Month(last=1000_00, last_day=32), 0),  # a term that ends in the next month
        (Month(older=1000_00, older_day=2), 3_00),  # the 31st was a Sunday: from the 2nd
        (Month(whole=1000_00, paid=[(11, 400_00)]), 1_00 + 1_26),  # paid on the 11th: that day counts with 600.00
        (Month(whole=1000_00, paid=[(1, 1000_00)]), 0),
        (Month(last=1000_00, paid=[(20, 1000_00)]), 0),
        (Month(last=1000_00, paid=[(21, 999_99)]), 0),  # a kopiyka for 11 days is nothing
        (Month(whole=-500_00, last=1000_00), 55),  # an advance covers the half
        (Month(whole=1000_00, off=set(range(1, 11))), 2_10),
        (Month(whole=1000_00, free=set(range(1, 31))), 10),
        (Month(whole=1000_00, free=set(range(1, 31)), free_at=7), 10),
        (Month(whole=1000_00, free=set(range(1, 31)), free_at=8), 3_10),  # another provider's suspension
        (Month(whole=1000_00, charged=999_00, peak=1000_00), 1_00),  # the cap leaves 1.00
        (Month(whole=1000_00, charged=1000_00, peak=1000_00), 0),
        (Month(whole=1000_00, charged=1000_00, peak=2000_00), 3_10),  # the debt was larger once
        (Month(whole=322_36, percent="0.0050"), 50),  # 0.499658
    ],
)
def test_penalty_of_a_month(month: Month, expected: int) -> None:
    assert penalty(month) == [expected]
    assert reference(month, month) == expected


def test_penalty_of_45_days_over_two_months() -> None:
    """domain.md §5.6: 322.36 for 45 days is 1.45; a month is rounded for itself, so 14 and 31 days are 0.45 and 1.00."""
    assert penalty(Month(last=322_36, last_day=18), Month(whole=322_36)) == [45, 1_00]


money = st.integers(-2_000_00, 5_000_00)
day = st.integers(1, DAYS)


spans = st.lists(st.tuples(day, st.integers(1, 12)), max_size=2).map(
    lambda found: {n for first, length in found for n in range(first, min(first + length, DAYS + 1))}
)


@st.composite
def a_month(draw: st.DrawFn) -> Month:
    return Month(
        whole=draw(money), older=draw(money), last=draw(money), older_day=draw(st.sampled_from([1, 1, 2, 4])),
        last_day=draw(st.integers(1, 34)), paid=draw(st.lists(st.tuples(day, st.integers(1, 4_000_00)), max_size=3)),
        off=draw(spans), free=draw(spans),
        free_at=draw(st.sampled_from([None, 7, 8])), percent=draw(st.sampled_from(["0.01", "0.005", "0.0033", "0.0001"])),
        cap=draw(st.sampled_from(["100", "50", "0.3333"])), charged=draw(st.sampled_from([0, 0, 1, 5_00, 2000_00])),
        peak=draw(st.sampled_from([0, 0, 3000_00])),
    )  # fmt: skip


@given(st.lists(a_month(), min_size=1, max_size=3))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_penalty_equals_the_reference(months: list[Month]) -> None:
    assert penalty(*months) == [reference(month, months[0]) for month in months]


@given(a_month())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_penalty_equals_the_scalar_rule(month: Month) -> None:
    month.charged = month.peak = 0  # the scalar rule is asked for the whole life of a debt
    paused = month.off | (month.free if month.free_at in (None, 7) else set())

    scalar = penalty_kop(
        debt=[DebtStep(_day(n), 0 if n in paused else overdue(month, n)) for n in range(1, DAYS + 1)],
        last_on=_day(DAYS),
        terms=PenaltyTerms(daily_percent=Decimal(month.percent), cap_percent=Decimal(month.cap)),
        suspensions=[Suspension(_day(n), _day(n)) for n in paused],
    )

    assert penalty(month) == [scalar]


def _day(n: int) -> dt.date:
    return FIRST + dt.timedelta(days=n - 1)
