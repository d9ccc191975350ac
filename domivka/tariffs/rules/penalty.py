"""Penalty for late payment, with the spans in which it is not charged (domain.md §5.4; law 2189-VIII, article 26).

Scalar, one debt at a time; `overdue` is the same for a month of many accounts. The rate, the cap, the moved due day and the suspensions are data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domivka.kernel.workdays import next_working_day


@dataclass(frozen=True, slots=True)
class PenaltyTerms:
    """Per cent of the debt a day, the most it may reach in per cent of the debt, and whether a due day that is not a
    working day moves to the next working one (Civil Code, article 254)."""

    daily_percent: Decimal
    cap_percent: Decimal
    due_day_moves: bool = True


@dataclass(frozen=True, slots=True)
class Suspension:
    """A span of days, both included, in which no penalty grows; `last_on` None: not ended yet."""

    first_on: dt.date
    last_on: dt.date | None

    def covers(self, day: dt.date) -> bool:
        return self.first_on <= day and (self.last_on is None or day <= self.last_on)


@dataclass(frozen=True, slots=True)
class DebtStep:
    """The overdue debt from a day on, until the next step."""

    from_on: dt.date
    debt_kop: int


def penalty_from(*, due_on: dt.date, terms: PenaltyTerms, holidays: Container[dt.date] = frozenset()) -> dt.date:
    """The first day of penalty: the first working day after the last day of the payment term."""
    last = next_working_day(due_on, holidays) if terms.due_day_moves else due_on
    return next_working_day(last + dt.timedelta(days=1), holidays)


def penalty_days(*, first_on: dt.date, last_on: dt.date, suspensions: Iterable[Suspension] = ()) -> int:
    """Days of `first_on..last_on`, both included, that no suspension covers."""
    spans = tuple(suspensions)
    days = (first_on + dt.timedelta(days=n) for n in range((last_on - first_on).days + 1))
    return sum(1 for day in days if not any(span.covers(day) for span in spans))


def penalty_kop(
    *,
    debt: Sequence[DebtStep],
    last_on: dt.date,
    terms: PenaltyTerms,
    suspensions: Iterable[Suspension] = (),
    charged_kop: int = 0,
) -> int:
    """Penalty in kopiykas on a debt that changed by `debt` steps (oldest first) until `last_on`, less `charged_kop`.

    Every day counts with the debt of that day; the sum is rounded once, half up, and never passes whole kopiykas of the
    largest debt × cap.
    """
    spans = tuple(suspensions)
    total = Fraction(0)
    for step, following in zip(debt, [*debt[1:], None], strict=True):
        until = last_on if following is None else min(last_on, following.from_on - dt.timedelta(days=1))
        days = penalty_days(first_on=step.from_on, last_on=until, suspensions=spans)
        total += Fraction(step.debt_kop) * Fraction(terms.daily_percent) / 100 * days
    cap = Fraction(max((step.debt_kop for step in debt), default=0)) * Fraction(terms.cap_percent) / 100
    return max(min(half_up(total), int(cap)) - charged_kop, 0)


def yearly_interest_kop(*, debt_kop: int, days: int, yearly_percent: Decimal, year_days: int = 365) -> int:
    """Interest a year on a debt (Civil Code, article 625; only a court awards it), rounded once, half up."""
    return half_up(Fraction(debt_kop) * Fraction(yearly_percent) / 100 * days / year_days)


def half_up(value: Fraction) -> int:
    """A whole number, half away from zero."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    return (whole + (2 * rest >= value.denominator)) * (-1 if value < 0 else 1)
