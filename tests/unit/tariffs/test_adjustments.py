from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from domivka.tariffs.rules.adjustments import (
    SubsidyNorms,
    benefit_kop,
    outage_by_days_kop,
    outage_by_hours_kop,
    subsidy_share,
)
from domivka.tariffs.rules.penalty import (
    DebtStep,
    PenaltyTerms,
    Suspension,
    penalty_days,
    penalty_from,
    penalty_kop,
    yearly_interest_kop,
)

TERMS = PenaltyTerms(daily_percent=Decimal("0.01"), cap_percent=Decimal(100))
DAY = dt.date(2026, 4, 1)
WAR = Suspension(dt.date(2022, 2, 24), dt.date(2023, 12, 29))


def penalty(debt_kop: int, days: int, **more: object) -> int:
    last = DAY + dt.timedelta(days=days - 1)
    return penalty_kop(debt=[DebtStep(DAY, debt_kop)], last_on=last, terms=TERMS, **more)  # type: ignore[arg-type]  # test options


@pytest.mark.parametrize(("debt_kop", "days", "expected"), [(1000_00, 31, 3_10), (322_36, 45, 1_45), (1000_00, 0, 0)])
def test_penalty_of_a_debt(debt_kop: int, days: int, expected: int) -> None:
    assert penalty(debt_kop, days) == expected


def test_penalty_stops_at_the_debt_itself() -> None:
    assert penalty(1000_00, 9_999) == 999_90
    assert penalty(1000_00, 10_000) == 1000_00
    assert penalty(1000_00, 12_000) == 1000_00


def test_penalty_counts_each_day_with_the_debt_of_that_day() -> None:
    steps = [DebtStep(DAY, 1000_00), DebtStep(DAY + dt.timedelta(days=10), 400_00)]

    assert penalty_kop(debt=steps, last_on=DAY + dt.timedelta(days=29), terms=TERMS) == 1_00 + 80


def test_penalty_already_charged_is_not_charged_again() -> None:
    assert penalty(1000_00, 31, charged_kop=3_00) == 10
    assert penalty(1000_00, 31, charged_kop=5_00) == 0


def test_penalty_does_not_grow_while_suspended() -> None:
    debt = [DebtStep(dt.date(2022, 2, 20), 1000_00)]

    assert penalty_kop(debt=debt, last_on=dt.date(2023, 12, 29), terms=TERMS, suspensions=[WAR]) == 40
    assert penalty_kop(debt=debt, last_on=dt.date(2023, 12, 30), terms=TERMS, suspensions=[WAR]) == 50
    assert penalty_kop(debt=debt, last_on=dt.date(2023, 12, 30), terms=TERMS) > 60_00


def test_overlapping_suspensions_count_a_day_once() -> None:
    spans = [Suspension(DAY, DAY + dt.timedelta(days=5)), Suspension(DAY + dt.timedelta(days=3), None)]

    assert (
        penalty_days(first_on=DAY - dt.timedelta(days=2), last_on=DAY + dt.timedelta(days=30), suspensions=spans) == 2
    )


@pytest.mark.parametrize(
    ("due_on", "moves", "first"),
    [
        (dt.date(2026, 3, 31), True, dt.date(2026, 4, 1)),
        (dt.date(2026, 5, 31), True, dt.date(2026, 6, 2)),  # a Sunday moves to Monday
        (dt.date(2026, 5, 31), False, dt.date(2026, 6, 1)),
    ],
)
def test_penalty_starts_on_the_first_working_day_after_the_term(due_on: dt.date, moves: bool, first: dt.date) -> None:
    terms = PenaltyTerms(TERMS.daily_percent, TERMS.cap_percent, due_day_moves=moves)

    assert penalty_from(due_on=due_on, terms=terms) == first


def test_penalty_start_skips_holidays() -> None:
    christmas = frozenset({dt.date(2026, 12, 25)})

    assert penalty_from(due_on=dt.date(2026, 12, 24), terms=TERMS, holidays=christmas) == dt.date(2026, 12, 28)


def test_yearly_interest() -> None:
    assert yearly_interest_kop(debt_kop=1000_00, days=31, yearly_percent=Decimal(3)) == 2_55


def test_benefit_within_the_norm() -> None:
    assert benefit_kop(price=Decimal("4.32"), volume=Decimal(100), percent=Decimal(50)) == 216_00


def test_recalculation_for_an_outage() -> None:
    assert outage_by_days_kop(monthly_kop=707_33, percent_a_day=Decimal("3.3"), days=4) == 93_37
    assert outage_by_hours_kop(monthly_kop=707_33, hours=48, month_hours=720) == 47_16


def test_recalculation_never_exceeds_the_charge() -> None:
    assert outage_by_days_kop(monthly_kop=707_33, percent_a_day=Decimal("3.3"), days=31) == 707_33


def test_subsidy_share_is_rounded_only_at_the_end() -> None:
    share = subsidy_share(
        income_kop=17100_00, persons=4, cost_within_norms_kop=3000_00, norms=SubsidyNorms(living_minimum_kop=2920_00)
    )

    assert round(share.percent, 4) == Fraction("10.9803")
    assert (share.share_kop, share.subsidy_kop) == (1877_63, 1122_37)


def test_subsidy_is_never_negative() -> None:
    share = subsidy_share(
        income_kop=90000_00, persons=1, cost_within_norms_kop=3000_00, norms=SubsidyNorms(living_minimum_kop=2920_00)
    )

    assert share.subsidy_kop == 0
