"""Holding, booking, moving and cancelling a visit. Who keeps a window and a time is decided by the database."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from domivka.appointments import letters
from domivka.appointments.calendar import DAYS_AHEAD, FreeTime, free_times
from domivka.appointments.errors import AlreadyBooked, DetailsMissing, HoldExpired, NotPossibleNow, SlotGone, SlotTaken
from domivka.appointments.models import Visit, VisitStep
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event, State, next_state
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError

HOLD: Final = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom the office expects."""

    surname: str
    name: str
    patronymic: str
    phone: str


def hold(*, user_id: int, office_id: int, question_id: int, starts_at: dt.datetime, at: dt.datetime) -> int:
    """Keep a time for ten minutes while the person fills in the form; the visit's id. What the person held before is let go;
    a visit of the same question whose time is over is counted as missed.

    Errors: `SlotGone`, `SlotTaken`, `AlreadyBooked`, `NotFoundError` (no such question).
    """
    with transaction.atomic():
        _one_at_a_time(user_id)
        read_calendar(office_id)
        own = Visit.objects.select_for_update().filter(user_id=user_id)
        for row in own.filter(question_id=question_id, state=State.BOOKED):
            if row.ends_at is None or row.ends_at > at:
                raise AlreadyBooked
            step(row, Event.MISS, user_id=None, at=at)
        for row in own.filter(state=State.HELD):
            step(row, Event.EXPIRE, user_id=user_id, at=at)
        free = _free_time(office_id, question_id, starts_at, at)
        _let_go_stale(office_id, free, at)
        for window_id in free.window_ids:
            visit_id = _insert(user_id, office_id, question_id, window_id, free, at)
            if visit_id is not None:
                return visit_id
    raise SlotTaken


def book(*, user_id: int, visit_id: int, visitor: Visitor, at: dt.datetime) -> int:
    """Save a held time; the number in the queue of that day.

    A hold that ran out is still the person's while nobody else took the time. A visit of the same question that had to be
    moved is replaced by this one. Errors: `NotFoundError`, `HoldExpired`, `SlotGone` (its time has begun), `DetailsMissing`,
    `NotPossibleNow` (saved before).
    """
    if not (visitor.surname.strip() and visitor.name.strip() and visitor.phone.strip()):
        raise DetailsMissing
    with transaction.atomic():
        row = only(Visit.objects.select_for_update(of=("self",)).filter(user_id=user_id, pk=visit_id))
        if row.state == State.EXPIRED:
            raise HoldExpired
        if row.state == State.HELD and (row.starts_at is None or row.starts_at <= at):
            raise SlotGone
        row.surname, row.name = visitor.surname.strip()[:80], visitor.name.strip()[:80]
        row.patronymic, row.phone = visitor.patronymic.strip()[:80], visitor.phone.strip()[:20]
        row.number = next_number(row.office_id, row.day)
        row.held_until = None
        step(row, Event.BOOK, user_id=user_id, at=at)
        replaced = Visit.objects.filter(user_id=user_id, question_id=row.question_id, state=State.MUST_MOVE)
        for old in replaced.select_for_update():
            step(old, Event.CANCEL, user_id=user_id, at=at)
        return row.number


def move(*, user_id: int, visit_id: int, starts_at: dt.datetime, at: dt.datetime) -> None:
    """Another time of the same office for the same question; the old time is free at once, or nothing changes.

    Errors: `NotFoundError`, `NotPossibleNow`, `SlotGone`, `SlotTaken`.
    """
    _move(Visit.objects.filter(user_id=user_id, pk=visit_id), starts_at, user_id, at)


def move_for(*, office_id: int, visit_id: int, starts_at: dt.datetime, user_id: int, at: dt.datetime) -> None:
    """As `move`, by the desk, for somebody who asked by phone; the person is told of the new time. Errors as there."""
    with transaction.atomic():
        row = _move(Visit.objects.filter(office_id=office_id, pk=visit_id), starts_at, user_id, at)
        letters.tell_of_new_time(row, at=at)


def _move(rows: QuerySet[Visit], starts_at: dt.datetime, actor_id: int, at: dt.datetime) -> Visit:
    with transaction.atomic():
        read_calendar(only(rows).office_id)  # before the visit's row, as whoever changes the calendar does
        row = only(rows.select_for_update(of=("self",)))
        if row.state != State.MUST_MOVE and (row.starts_at is None or row.starts_at <= at):
            raise NotPossibleNow
        held_too = Visit.objects.filter(user=row.user, question_id=row.question_id, state=State.HELD)
        for held in held_too.select_for_update():
            step(held, Event.EXPIRE, user_id=actor_id, at=at)
        free = _free_time(row.office_id, row.question_id, starts_at, at)
        _let_go_stale(row.office_id, free, at)
        day = free.slot.starts_at.astimezone(KYIV).date()
        row.number = row.number if day == row.day else next_number(row.office_id, day)
        row.day, row.starts_at, row.ends_at = day, free.slot.starts_at, free.slot.ends_at
        before = row.state
        for window_id in free.window_ids:
            row.window_id, row.state = window_id, before
            try:
                with transaction.atomic():
                    step(row, Event.MOVE, user_id=actor_id, at=at)
            except IntegrityError:  # somebody was faster at this window
                continue
            return row
    raise SlotTaken


def cancel(*, user_id: int, visit_id: int, at: dt.datetime) -> None:
    """«Скасувати візит»: the time is free at once. Errors: `NotFoundError`, `NotPossibleNow`."""
    _cancel(Visit.objects.filter(user_id=user_id, pk=visit_id), user_id, at)


def cancel_for(*, office_id: int, visit_id: int, user_id: int, at: dt.datetime) -> None:
    """As `cancel`, by the desk, for somebody who asked by phone. Errors as there."""
    _cancel(Visit.objects.filter(office_id=office_id, pk=visit_id), user_id, at)


def _cancel(rows: QuerySet[Visit], actor_id: int, at: dt.datetime) -> None:
    with transaction.atomic():
        step(only(rows.select_for_update(of=("self",))), Event.CANCEL, user_id=actor_id, at=at)


def read_calendar(office_id: int) -> None:
    """Until the end of the transaction nobody changes the office's calendar; readers do not hinder each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [f"visits.calendar:{office_id}"])


def change_calendar(office_id: int) -> None:
    """Until the end of the transaction nobody takes a time of the office."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"visits.calendar:{office_id}"])


def next_number(office_id: int, day: dt.date) -> int:
    """The next number of the office's day; in the caller's transaction, one caller at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"visits:{office_id}:{day}"])
    return (Visit.objects.filter(office_id=office_id, day=day).aggregate(last=Max("number"))["last"] or 0) + 1


def _one_at_a_time(user_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"visitor:{user_id}"])


def _free_time(office_id: int, question_id: int, starts_at: dt.datetime, at: dt.datetime) -> FreeTime:
    """The time as it is offered now. `SlotGone` for one that the office does not have, `SlotTaken` for one that is full."""
    day = starts_at.astimezone(KYIV).date()
    if day > at.astimezone(KYIV).date() + dt.timedelta(days=DAYS_AHEAD):
        raise SlotGone
    for time in free_times(office_id=office_id, question_id=question_id, day=day, at=at):
        if time.slot.starts_at == starts_at:
            return time
    taken = Visit.objects.filter(office_id=office_id, question_id=question_id, starts_at=starts_at)
    raise SlotTaken if taken.exists() and starts_at > at else SlotGone


def _let_go_stale(office_id: int, free: FreeTime, at: dt.datetime) -> None:
    """Holds that ran out and stand in the way."""
    stale = Visit.objects.select_for_update(skip_locked=True).filter(
        office_id=office_id, state=State.HELD, held_until__lte=at,
        starts_at__lt=free.slot.ends_at, ends_at__gt=free.slot.starts_at,
    )  # fmt: skip
    for row in stale:
        step(row, Event.EXPIRE, user_id=None, at=at)


_INSERT: Final = """
INSERT INTO appointments_visit (user_id, office_id, question_id, window_id, day, starts_at, ends_at, state, held_until, code,
                                surname, name, patronymic, phone, made_at)
VALUES (%(user)s, %(office)s, %(question)s, %(window)s, %(day)s, %(starts)s, %(ends)s, 'held', %(until)s, %(code)s,
        '', '', '', '', %(at)s)
ON CONFLICT DO NOTHING RETURNING id
"""


def _insert(
    user_id: int, office_id: int, question_id: int, window_id: int, free: FreeTime, at: dt.datetime
) -> int | None:
    """The visit's id; None when another's transaction has the window at that time (its end is waited for)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "user": user_id, "office": office_id, "question": question_id, "window": window_id,
                "day": free.slot.starts_at.astimezone(KYIV).date(), "starts": free.slot.starts_at,
                "ends": free.slot.ends_at, "until": at + HOLD, "code": secrets.token_hex(8), "at": at,
            },
        )  # fmt: skip
        found = cursor.fetchone()
    return int(found[0]) if found else None


def only(rows: QuerySet[Visit]) -> Visit:
    """The visit, with its office and question; `NotFoundError`."""
    row = rows.select_related("office", "question").first()
    if row is None:
        raise NotFoundError(_("Такого візиту немає."))
    return row


def step(row: Visit, event: Event, *, user_id: int | None, at: dt.datetime) -> None:
    """One transition: the table allows it, the row is saved, history and audit know it. `NotPossibleNow` otherwise."""
    after = next_state(row.state, event)
    if after is None:
        raise NotPossibleNow
    row.state = after
    row.save()
    VisitStep.objects.create(visit=row, event=event, state=after, at=at, actor_id=user_id)
    if event is not Event.EXPIRE:
        audit.record(
            at=at, actor_id=user_id, action=f"appointments.{event}", object_kind="visit", object_id=row.pk,
            town_id=row.office.town_id, detail={"state": str(after)}, person_ids=[row.user_id],
        )  # fmt: skip
