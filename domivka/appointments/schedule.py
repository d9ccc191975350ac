"""What an office decides of its calendar: windows and their questions, hours, breaks, special days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from domivka.appointments.displaced import changing
from domivka.appointments.errors import QuestionExists, WrongHours
from domivka.appointments.holidays import next_year
from domivka.appointments.models import Break, Hours, Question, SpecialDay, Visit, Window
from domivka.appointments.rules.states import State
from domivka.cnap import api as cnap
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class WindowView:
    """A window and the ids of the questions it serves."""

    id: int
    number: int
    is_open: bool
    question_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class HoursView:
    """Hours of a weekday (Monday is 0) from a day on; equal times are a closed day."""

    weekday: int
    opens: dt.time
    closes: dt.time
    valid_from: dt.date


@dataclass(frozen=True, slots=True)
class SpecialDayView:
    """A day that is not like its weekday; `opens` is None when it is closed. `booked` is how many already come."""

    id: int
    day: dt.date
    opens: dt.time | None
    closes: dt.time | None
    note: str
    booked: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The calendar of an office."""

    windows: tuple[WindowView, ...]
    hours: tuple[HoursView, ...]
    breaks: tuple[tuple[int, dt.time, dt.time], ...]
    special_days: tuple[SpecialDayView, ...]


def schedule(*, office_id: int, today: dt.date) -> Schedule:
    """The calendar from today on. Six queries."""
    windows = Window.objects.filter(office_id=office_id).order_by("number").prefetch_related("questions")
    booked: dict[dt.date, int] = {}
    for day in Visit.objects.filter(office_id=office_id, day__gte=today, state=State.BOOKED).values_list(
        "day", flat=True
    ):
        booked[day] = booked.get(day, 0) + 1
    return Schedule(
        tuple(WindowView(w.pk, w.number, w.is_open, frozenset(q.pk for q in w.questions.all())) for w in windows),
        tuple(
            HoursView(*row)
            for row in Hours.objects.filter(office_id=office_id)
            .order_by("weekday", "-valid_from")
            .values_list("weekday", "opens", "closes", "valid_from")
        ),
        tuple(Break.objects.filter(office_id=office_id).order_by("starts").values_list("pk", "starts", "ends")),
        tuple(
            SpecialDayView(*row, booked.get(row[1], 0))
            for row in SpecialDay.objects.filter(office_id=office_id, day__gte=today)
            .order_by("day")
            .values_list("pk", "day", "opens", "closes", "note")
        ),
    )


def save_window(
    *,
    office_id: int,
    number: int,
    question_ids: Sequence[int],
    is_open: bool,
    user_id: int,
    at: dt.datetime,
    agreed: Collection[int] = (),
) -> int:
    """A window by its number, with exactly these questions of the town; its id. Bookings it can no longer serve go to other
    windows that are free. Errors: `VisitsFallOut`."""
    with changing(office_ids=[office_id], agreed=agreed, user_id=user_id, at=at):
        row, _made = Window.objects.update_or_create(office_id=office_id, number=number, defaults={"is_open": is_open})
        town_id = cnap.office(office_id=office_id).town_id
        row.questions.set(Question.objects.filter(town_id=town_id, pk__in=question_ids))
        _record("window", office_id, user_id, at)
    return row.pk


def save_hours(
    *,
    office_id: int,
    weekday: int,
    opens: dt.time,
    closes: dt.time,
    valid_from: dt.date,
    user_id: int,
    at: dt.datetime,
    agreed: Collection[int] = (),
) -> None:
    """Hours of a weekday from a day on; equal times close it. Errors: `WrongHours`, `VisitsFallOut`."""
    if opens > closes or not 0 <= weekday <= 6:
        raise WrongHours
    with changing(office_ids=[office_id], agreed=agreed, user_id=user_id, at=at):
        Hours.objects.update_or_create(
            office_id=office_id, weekday=weekday, valid_from=valid_from, defaults={"opens": opens, "closes": closes}
        )
        _record("hours", office_id, user_id, at)


def save_break(
    *, office_id: int, starts: dt.time, ends: dt.time, user_id: int, at: dt.datetime, agreed: Collection[int] = ()
) -> None:
    """A break of every day. Errors: `WrongHours`, `VisitsFallOut`."""
    if starts >= ends:
        raise WrongHours
    with changing(office_ids=[office_id], agreed=agreed, user_id=user_id, at=at):
        Break.objects.create(office_id=office_id, starts=starts, ends=ends)
        _record("break", office_id, user_id, at)


def remove_break(*, office_id: int, break_id: int, user_id: int, at: dt.datetime) -> None:
    """Errors: `NotFoundError`."""
    with transaction.atomic():
        if not Break.objects.filter(office_id=office_id, pk=break_id).delete()[0]:
            raise NotFoundError(_("Такої перерви немає."))
        _record("break", office_id, user_id, at)


def save_special_day(
    *,
    office_id: int,
    day: dt.date,
    opens: dt.time | None,
    closes: dt.time | None,
    note: str,
    user_id: int,
    at: dt.datetime,
    agreed: Collection[int] = (),
) -> None:
    """Other hours of a day, or none; those who are booked outside them are told why by `note`. Errors: `WrongHours`,
    `VisitsFallOut`."""
    if (opens is None) != (closes is None) or (opens is not None and closes is not None and opens >= closes):
        raise WrongHours
    with changing(office_ids=[office_id], agreed=agreed, user_id=user_id, at=at, why=note[:160]):
        SpecialDay.objects.update_or_create(
            office_id=office_id, day=day, defaults={"opens": opens, "closes": closes, "note": note[:160]}
        )
        _record("special_day", office_id, user_id, at)


def remove_special_day(
    *, office_id: int, special_day_id: int, user_id: int, at: dt.datetime, agreed: Collection[int] = ()
) -> None:
    """The day is like its weekday again. Errors: `NotFoundError`, `VisitsFallOut`."""
    with changing(office_ids=[office_id], agreed=agreed, user_id=user_id, at=at):
        if not SpecialDay.objects.filter(office_id=office_id, pk=special_day_id).delete()[0]:
            raise NotFoundError(_("Такого дня немає."))
        _record("special_day", office_id, user_id, at)


def copy_special_days(*, office_id: int, year: int, user_id: int, at: dt.datetime, agreed: Collection[int] = ()) -> int:
    """Special days of a year on the same days of the next one, where it has none yet; how many. Errors: `VisitsFallOut`."""
    with changing(office_ids=[office_id], agreed=agreed, user_id=user_id, at=at):
        rows = SpecialDay.objects.filter(office_id=office_id, day__year=year).order_by("day")
        copies = [
            SpecialDay(office_id=office_id, day=day, opens=row.opens, closes=row.closes, note=row.note)
            for row in rows
            if (day := next_year(row.day)) is not None
        ]
        before = SpecialDay.objects.filter(office_id=office_id).count()
        SpecialDay.objects.bulk_create(copies, ignore_conflicts=True)
        _record("special_day", office_id, user_id, at)
        return SpecialDay.objects.filter(office_id=office_id).count() - before


def save_question(
    *,
    town_id: int,
    name: str,
    minutes: int,
    user_id: int,
    at: dt.datetime,
    name_en: str = "",
    question_id: int | None = None,
) -> int:
    """A question of a town, or a new one after all others; its id. Visits that are booked keep their length.

    Errors: `NotFoundError`, `QuestionExists` (another one has that name).
    """
    of_town = Question.objects.filter(town_id=town_id)
    try:
        with transaction.atomic():
            if question_id is None:
                row = Question(town_id=town_id, position=of_town.count())
            elif (found := of_town.select_for_update().filter(pk=question_id).first()) is not None:
                row = found
            else:
                raise NotFoundError(_("Такого питання немає."))
            row.name, row.name_en, row.minutes = name.strip()[:160], name_en.strip()[:160], minutes
            row.save()
            audit.record(
                at=at, actor_id=user_id, action="appointments.question_saved", object_kind="visit_question",
                object_id=row.pk, town_id=town_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise QuestionExists from error
    return row.pk


def _record(what: str, office_id: int, user_id: int, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"appointments.{what}_saved", object_kind="office", object_id=office_id,
        town_id=cnap.office(office_id=office_id).town_id,
    )  # fmt: skip
