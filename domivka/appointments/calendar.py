"""On which days and hours an office receives people, and which of its times are free."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domivka.appointments.models import Break, Holiday, Hours, Question, SpecialDay, Visit, Window
from domivka.appointments.rules.slots import KYIV, OfficeDay, Pause, Slot, overlap, slots
from domivka.appointments.rules.states import TAKES_TIME, State
from domivka.kernel.errors import NotFoundError
from domivka.kernel.workdays import holidays

DAYS_AHEAD: Final = 30
"""How far ahead people can book, calendar days."""


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time at which at least one window is free; `window_ids` are those windows."""

    slot: Slot
    window_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with what is left of it: «2020-07-10 з 09:05 до 16:00»; `times` are the free ones, in order."""

    day: dt.date
    opens: dt.time
    closes: dt.time
    times: tuple[Slot, ...]

    @property
    def free(self) -> int:
        return len(self.times)


def office_days(*, office_id: int, first: dt.date, last: dt.date) -> list[OfficeDay]:
    """Days from `first` to `last` on which the office is open. Four queries.

    A special day of the office goes before the town's table of holidays, that before the country's, that before the hours of
    the weekday. A centre that closes for good (`cnap.offices`) has no days from then on.
    """
    hours: dict[int, list[Hours]] = defaultdict(list)
    closed_from = None
    rows = Hours.objects.filter(office_id=office_id, valid_from__lte=last).order_by("valid_from")
    for row in rows.select_related("office"):
        hours[row.weekday].append(row)
        closed_from = row.office.closed_from
    days = SpecialDay.objects.filter(office_id=office_id, day__range=(first, last)).select_related("office")
    special = {row.day: row for row in days}
    closed_from = next((row.office.closed_from for row in special.values()), closed_from)
    own = dict(Holiday.objects.filter(town__office=office_id, day__range=(first, last)).values_list("day", "is_off"))
    pauses = tuple(Pause(row.starts, row.ends) for row in Break.objects.filter(office_id=office_id).order_by("starts"))
    found = []
    for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1)):
        if closed_from is not None and day >= closed_from:
            break
        if day in special:
            opens, closes = special[day].opens, special[day].closes
        elif own.get(day, day in holidays()):
            continue
        else:
            of_day = [row for row in hours[day.weekday()] if row.valid_from <= day]
            opens, closes = (of_day[-1].opens, of_day[-1].closes) if of_day else (None, None)
        if opens is not None and closes is not None and opens < closes:
            found.append(OfficeDay(day, opens, closes, pauses))
    return found


def free_times(
    *, office_id: int, question_id: int, day: dt.date, at: dt.datetime, user_id: int | None = None
) -> list[FreeTime]:
    """Times of a day that can be booked now, in order; what the person holds is free for that person. Seven queries."""
    return _free(office_id, question_id, day, day, at, user_id).get(day, [])


def free_days(
    *, office_id: int, question_id: int, at: dt.datetime, days: int = DAYS_AHEAD, user_id: int | None = None
) -> list[FreeDay]:
    """Days ahead that have a free time, in order; days that are full or closed are left out. What the person holds is free
    for that person. Seven queries."""
    first = at.astimezone(KYIV).date()
    last = first + dt.timedelta(days=days)
    opened = {one.day: one for one in office_days(office_id=office_id, first=first, last=last)}
    free = _free(office_id, question_id, first, last, at, user_id)
    return [
        FreeDay(day, opened[day].opens, opened[day].closes, tuple(time.slot for time in times))
        for day, times in free.items()
        if times
    ]


def nearest(days: Sequence[FreeDay], *, most: int = 6) -> list[Slot]:
    """The first free times of these days."""
    return [slot for day in days for slot in day.times][:most]


def _free(
    office_id: int, question_id: int, first: dt.date, last: dt.date, at: dt.datetime, user_id: int | None
) -> dict[dt.date, list[FreeTime]]:
    minutes = Question.objects.filter(pk=question_id, is_open=True).values_list("minutes", flat=True).first()
    if minutes is None:
        raise NotFoundError
    windows = list(
        Window.objects.filter(office_id=office_id, is_open=True, questions=question_id)
        .order_by("number")
        .values_list("pk", flat=True)
    )
    taken: dict[tuple[int | None, dt.date], list[Slot]] = defaultdict(list)
    visits = Visit.objects.filter(
        office_id=office_id, day__range=(first, last), state__in=TAKES_TIME, starts_at__isnull=False
    ).exclude(state=State.HELD, held_until__lte=at)
    if user_id is not None:
        visits = visits.exclude(state=State.HELD, user_id=user_id)
    for window_id, day, starts_at, ends_at in visits.values_list("window_id", "day", "starts_at", "ends_at"):
        if starts_at is not None and ends_at is not None:
            taken[window_id, day].append(Slot(starts_at, ends_at))
    found = {}
    for one in office_days(office_id=office_id, first=first, last=last):
        times = (
            FreeTime(slot, tuple(window for window in windows if not overlap(slot, taken[window, one.day])))
            for slot in slots(one, minutes=minutes)
            if slot.starts_at > at
        )
        found[one.day] = [time for time in times if time.window_ids]
    return found
