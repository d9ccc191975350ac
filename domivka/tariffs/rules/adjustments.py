"""What lowers a charge: benefit, recalculation for an outage, subsidy (domain.md §5.4, §5.5). Pure and scalar.

Percentages and norms come from the caller with the dates on which they hold; each function rounds once, half up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domivka.tariffs.rules.penalty import half_up


def benefit_kop(*, price: Decimal, volume: Decimal, percent: Decimal) -> int:
    """Benefit on the volume within the norm: price × volume × percent. `price` in hryvnias a unit."""
    return half_up(Fraction(price) * Fraction(volume) * Fraction(percent))  # hryvnias × 100 kop, per cent ÷ 100


def outage_by_days_kop(*, monthly_kop: int, percent_a_day: Decimal, days: int) -> int:
    """Recalculation of a month's charge for whole days without the service, never more than the charge."""
    return min(half_up(Fraction(monthly_kop) * Fraction(percent_a_day) / 100 * days), monthly_kop)


def outage_by_hours_kop(*, monthly_kop: int, hours: int, month_hours: int) -> int:
    """Recalculation for hours without the service out of the hours of the month."""
    return min(half_up(Fraction(monthly_kop) * hours / month_hours), monthly_kop)


def absence_kop(*, monthly_kop: int, absent_person_days: int, person_days: int) -> int:
    """Recalculation of a charge by norm or by people for those who were away: their days' share of the month's person-days
    (people registered × days). Nobody registered: nothing."""
    if person_days == 0:
        return 0
    return min(half_up(Fraction(monthly_kop) * absent_person_days / person_days), monthly_kop)


@dataclass(frozen=True, slots=True)
class SubsidyNorms:
    """Living minimum per person in kopiykas, the income coefficient Kg and the base share Rg in per cent."""

    living_minimum_kop: int
    income_coefficient: Decimal = Decimal(2)
    base_percent: Decimal = Decimal(15)


@dataclass(frozen=True, slots=True)
class SubsidyShare:
    """The compulsory share in per cent of the income, exact, and in kopiykas; the subsidy is what is left."""

    percent: Fraction
    share_kop: int
    subsidy_kop: int


def subsidy_share(*, income_kop: int, persons: int, cost_within_norms_kop: int, norms: SubsidyNorms) -> SubsidyShare:
    """Ro = Kd ÷ Kg × Rg with Kd = income a person ÷ living minimum; the per cent is not rounded before the sum is.

    `income_kop`: of the whole family a month. The subsidy is never negative.
    """
    per_person = Fraction(income_kop, persons)
    percent = per_person / norms.living_minimum_kop / Fraction(norms.income_coefficient) * Fraction(norms.base_percent)
    share = half_up(Fraction(income_kop) * percent / 100)
    return SubsidyShare(percent, share, max(cost_within_norms_kop - share, 0))
