"""Free times of a day: a grid that begins at the opening and again after each break.

Office hours are wall-clock times of Kyiv; moments are UTC, so a day on which the clocks change has the hours it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

KYIV: Final = ZoneInfo("Europe/Kyiv")


@dataclass(frozen=True, slots=True)
class Pause:
    """A break of a day, from and until."""

    starts: dt.time
    ends: dt.time


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """When an office receives people on a day."""

    day: dt.date
    opens: dt.time
    closes: dt.time
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A time for one visit; both ends are moments in UTC."""

    starts_at: dt.datetime
    ends_at: dt.datetime


def slots(of: OfficeDay, *, minutes: int) -> list[Slot]:
    """The day's times of `minutes` each, in order. One that would run into a break, or past closing, is not offered; after
    a break they begin at its end."""
    length = dt.timedelta(minutes=minutes)
    found = []
    for opens, closes in _open_spans(of):
        starts_at = opens
        while starts_at + length <= closes:
            found.append(Slot(starts_at, starts_at + length))
            starts_at += length
    return found


def _open_spans(of: OfficeDay) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Stretches between breaks, as moments."""
    edge = of.opens
    for pause in sorted(of.pauses, key=lambda one: one.starts):
        if pause.starts > edge:
            yield _moment(of.day, edge), _moment(of.day, min(pause.starts, of.closes))
        edge = max(edge, pause.ends)
    if edge < of.closes:
        yield _moment(of.day, edge), _moment(of.day, of.closes)


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, KYIV).astimezone(dt.UTC)


def fits(slot: Slot, of: OfficeDay) -> bool:
    """Is the office open for all of the slot."""
    return any(opens <= slot.starts_at and slot.ends_at <= closes for opens, closes in _open_spans(of))


def overlap(slot: Slot, taken: Sequence[Slot]) -> bool:
    """Does any of the taken times touch the slot. Ends that meet do not."""
    return any(one.starts_at < slot.ends_at and slot.starts_at < one.ends_at for one in taken)
