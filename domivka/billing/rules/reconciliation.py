"""Does a table of account states hold together: does each month's closing balance follow from the one before?

For states that come from elsewhere (a provider's file, a printed table): they are checked, never repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domivka.kernel.period import Period


@dataclass(frozen=True, slots=True)
class StatedMonth:
    """A month as the table states it, kopiykas. `closing_kop` is positive when the household owes; `corrected_kop` has
    recalculation, penalty and subscription with their signs; `relieved_kop` is subsidy and benefit, positive."""

    period: Period
    charged_kop: int
    paid_kop: int
    closing_kop: int
    corrected_kop: int = 0
    relieved_kop: int = 0


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A month whose closing balance is not what the month before and its own movements give."""

    period: Period
    stated_kop: int
    expected_kop: int

    @property
    def difference_kop(self) -> int:
        return self.stated_kop - self.expected_kop


def mismatches(months: Sequence[StatedMonth], *, opening_kop: int | None = None) -> list[Mismatch]:
    """Months that do not follow: closing = opening + charged + corrected − relieved − paid (domain.md §5.4).

    Months in any order; the first is checked only when `opening_kop` is given. Each month is checked against the
    *stated* balance before it, so that one slip is reported once.
    """
    found: list[Mismatch] = []
    before = opening_kop
    for month in sorted(months, key=lambda month: month.period):
        if before is not None:
            expected = before + month.charged_kop + month.corrected_kop - month.relieved_kop - month.paid_kop
            if expected != month.closing_kop:
                found.append(Mismatch(month.period, month.closing_kop, expected))
        before = month.closing_kop
    return found
