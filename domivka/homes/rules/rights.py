"""What a person may do with a home, and for how long a home is shared."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

KYIV: Final = ZoneInfo("Europe/Kyiv")


class Right(StrEnum):
    """Whoever has any right sees; to send readings and to pay are given one by one; the rest is the owner's."""

    SEE = "see"
    READINGS = "readings"
    PAY = "pay"
    OWN = "own"


EVERYTHING: Final = frozenset(Right)


def helper_rights(*, readings: bool, pays: bool) -> frozenset[Right]:
    """The rights of a helper: never `OWN`."""
    given = ((Right.SEE, True), (Right.READINGS, readings), (Right.PAY, pays))
    return frozenset(right for right, is_given in given if is_given)


class WithRights:
    """What the rights of a home say in pages; for dataclasses with `rights`."""

    __slots__ = ()
    rights: frozenset[Right]

    @property
    def may_send_readings(self) -> bool:
        return Right.READINGS in self.rights

    @property
    def may_pay(self) -> bool:
        return Right.PAY in self.rights


class Term(StrEnum):
    """For how long a home is shared: half a year unless asked otherwise, a year at most."""

    WEEK = "week"
    MONTH = "month"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS: Final = {Term.MONTH: 1, Term.HALF_YEAR: 6, Term.YEAR: 12}


def last_day(term: Term, *, today: dt.date) -> dt.date:
    """The last day of access that starts today: seven days on, or the same day of a later month (its last day when it
    has no such day)."""
    if term is Term.WEEK:
        return today + dt.timedelta(days=7)
    year, month = divmod(today.year * 12 + today.month - 1 + _MONTHS[term], 12)
    return dt.date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def end_of(day: dt.date) -> dt.datetime:
    """Access ends with a day: at the first moment of the next one in Kyiv."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), KYIV)


def last_day_of(end: dt.datetime) -> dt.date:
    """The day that `end_of` was given."""
    return (end - dt.timedelta(microseconds=1)).astimezone(KYIV).date()


REMINDED_BEFORE: Final = dt.timedelta(days=7)


def is_time_to_remind(*, since: dt.datetime, until: dt.datetime, at: dt.datetime) -> bool:
    """A week before the end; not of access so short that its beginning is about as near."""
    return until - since > 2 * REMINDED_BEFORE and dt.timedelta(0) < until - at <= REMINDED_BEFORE
