"""When an answer is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from domivka.kernel.workdays import next_working_day

DAYS: Final = 30
"""Unless the town or the service says otherwise (law 5203-VI: at most 30 calendar days)."""


@dataclass(frozen=True, slots=True)
class Term:
    """So many calendar days from `valid_from` on; of one service, or of all (`service_id` is None)."""

    days: int
    valid_from: dt.date
    service_id: int | None = None


def term_days(terms: Sequence[Term], *, on: dt.date, service_id: int | None = None) -> int:
    """The service's own latest term that is in force, else the town's, else 30 days."""
    for owner in dict.fromkeys((service_id, None)):
        fitting = [term for term in terms if term.service_id == owner and term.valid_from <= on]
        if fitting:
            return max(fitting, key=lambda term: term.valid_from).days
    return DAYS


def due_on(sent_on: dt.date, days: int, days_off: Container[dt.date]) -> dt.date:
    """The last day: counted from the day after the sending, moved to a working day (Civil Code, articles 253 and 254)."""
    return next_working_day(sent_on + dt.timedelta(days=days), days_off)
