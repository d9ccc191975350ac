"""A town's table of holidays: a year is filled from the country's, or copied from the year before, and edited by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from domivka.appointments.displaced import changing
from domivka.appointments.models import Holiday
from domivka.cnap import api as cnap
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError
from domivka.kernel.workdays import holiday_names, holidays


@dataclass(frozen=True, slots=True)
class HolidayView:
    """A day of the table; `is_off` False is a holiday on which the offices work."""

    id: int
    day: dt.date
    name: str
    is_off: bool


def holidays_of(*, town_id: int, year: int) -> list[HolidayView]:
    """The town's table of a year, in order. One query."""
    rows = Holiday.objects.filter(town_id=town_id, day__year=year).order_by("day")
    return [HolidayView(*row) for row in rows.values_list("pk", "day", "name", "is_off")]


def save_holiday(
    *,
    town_id: int,
    day: dt.date,
    name: str,
    is_off: bool,
    user_id: int,
    at: dt.datetime,
    agreed: Collection[int] = (),
) -> None:
    """A day of the table, by its date. Errors: `VisitsFallOut`."""
    with changing(office_ids=_offices(town_id), agreed=agreed, user_id=user_id, at=at, why=name[:160]):
        Holiday.objects.update_or_create(town_id=town_id, day=day, defaults={"name": name[:160], "is_off": is_off})
        _record(town_id, user_id, at)


def remove_holiday(
    *, town_id: int, holiday_id: int, user_id: int, at: dt.datetime, agreed: Collection[int] = ()
) -> None:
    """The country's table decides of the day again. Errors: `NotFoundError`, `VisitsFallOut`."""
    with changing(office_ids=_offices(town_id), agreed=agreed, user_id=user_id, at=at):
        if not Holiday.objects.filter(town_id=town_id, pk=holiday_id).delete()[0]:
            raise NotFoundError(_("Такого дня немає."))
        _record(town_id, user_id, at)


def fill_year(*, town_id: int, year: int, user_id: int, at: dt.datetime, agreed: Collection[int] = ()) -> int:
    """The country's holidays, where the table has no such day yet; how many. In martial law they are working days, and come
    as such. Errors: `VisitsFallOut`."""
    named = ((dt.date.fromisoformat(f"{year}-{day}"), name) for day, name in holiday_names().items())
    found = [Holiday(town_id=town_id, day=day, name=name, is_off=day in holidays()) for day, name in named]
    return _add(found, town_id, user_id, at, agreed)


def copy_year(*, town_id: int, year: int, user_id: int, at: dt.datetime, agreed: Collection[int] = ()) -> int:
    """Days of the year before, where the table has no such day yet; how many. Errors: `VisitsFallOut`."""
    before = holidays_of(town_id=town_id, year=year - 1)
    found = [
        Holiday(town_id=town_id, day=day, name=row.name, is_off=row.is_off)
        for row in before
        if (day := next_year(row.day)) is not None
    ]
    return _add(found, town_id, user_id, at, agreed)


def next_year(day: dt.date) -> dt.date | None:
    """The same day a year later; None for 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return None


def _add(found: Iterable[Holiday], town_id: int, user_id: int, at: dt.datetime, agreed: Collection[int]) -> int:
    with changing(office_ids=_offices(town_id), agreed=agreed, user_id=user_id, at=at):
        before = Holiday.objects.filter(town_id=town_id).count()
        Holiday.objects.bulk_create(found, ignore_conflicts=True)
        _record(town_id, user_id, at)
        return Holiday.objects.filter(town_id=town_id).count() - before


def _offices(town_id: int) -> list[int]:
    return [one.id for one in cnap.offices(town_ids=[town_id])]


def _record(town_id: int, user_id: int, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action="appointments.holiday_saved", object_kind="town", object_id=town_id,
        town_id=town_id,
    )  # fmt: skip
