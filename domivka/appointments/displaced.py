"""Visits that a change of the calendar leaves without their time.

Whoever changes the calendar sees them first and agrees; then each becomes «потребує перенесення» and each person is told. A
visit is never left in a day that is closed.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from domivka.appointments import letters
from domivka.appointments.booking import change_calendar, only, step
from domivka.appointments.calendar import office_days
from domivka.appointments.errors import DisplacedView, VisitsFallOut
from domivka.appointments.models import Visit, Window
from domivka.appointments.rules.slots import Slot, fits, overlap
from domivka.appointments.rules.states import AHEAD, TAKES_TIME, Event, State
from domivka.cnap import api as cnap
from domivka.kernel import clock

log = logging.getLogger(__name__)


@contextmanager
def changing(
    *, office_ids: Collection[int], agreed: Collection[int], user_id: int | None, at: dt.datetime, why: str = ""
) -> Iterator[None]:
    """A change of the calendar of offices: one transaction, in which nobody takes a time.

    Visits that fall out of the changed calendar go to another window that is free, or must be moved and are told so with
    `why`. Errors: `VisitsFallOut` with them, and nothing is changed, unless all are in `agreed`.
    """
    with transaction.atomic():
        for office_id in sorted(office_ids):
            change_calendar(office_id)
        yield
        fallen = [row for office_id in sorted(office_ids) for row in _without_place(office_id, at)]
        if not {row.pk for row in fallen} <= set(agreed):
            raise VisitsFallOut(tuple(_view(row) for row in fallen))
        _displace(fallen, user_id, at, why)


def check(*, at: dt.datetime) -> int:
    """Displace what fell out by a change that is not made here: an office that was closed, a new public holiday. How many.

    An office where that fails does not keep the others from it."""
    ahead = Visit.objects.filter(state=State.BOOKED, starts_at__gt=at)
    found = 0
    for office_id in ahead.values_list("office_id", flat=True).distinct():
        try:
            with transaction.atomic():
                change_calendar(office_id)
                fallen = _without_place(office_id, at)
                _displace(fallen, None, at, "")
        except Exception:
            log.exception("the calendar of office %s was not checked and will be in an hour", office_id)
        else:
            found += len(fallen)
    return found


def count_displaced(*, office_id: int) -> int:
    return _displaced(office_id).count()


def offices_with_displaced() -> frozenset[int]:
    """Ids of offices where somebody waits for another time. One query."""
    return frozenset(Visit.objects.filter(state=State.MUST_MOVE).values_list("office_id", flat=True))


def displaced(*, office_id: int, limit: int, offset: int = 0) -> list[DisplacedView]:
    """Visits of an office that wait for another time, those whose time was first come first. One query."""
    rows = _displaced(office_id).select_related("question").order_by("starts_at", "pk")
    return [_view(row) for row in rows[offset : offset + limit]]


def displaced_visit(*, office_id: int, visit_id: int) -> Visit:
    """`NotFoundError` for one that does not wait for another time."""
    return only(_displaced(office_id).filter(pk=visit_id))


def _displaced(office_id: int) -> QuerySet[Visit]:
    return Visit.objects.filter(office_id=office_id, state=State.MUST_MOVE)


def _displace(fallen: list[Visit], user_id: int | None, at: dt.datetime, why: str) -> None:
    for row in fallen:
        step(row, Event.DISPLACE, user_id=user_id, at=at)
        letters.tell_to_move(row, why=why, at=at)


def _without_place(office_id: int, at: dt.datetime) -> list[Visit]:
    """Booked visits ahead that the calendar has no place for, in order, locked. Those whose window alone is gone get another
    one that is free at their time; holds without a place end."""
    rows = Visit.objects.select_for_update(of=("self",)).filter(
        office_id=office_id, state__in=TAKES_TIME, ends_at__gt=at
    )
    ahead = list(rows.select_related("office", "question").order_by("starts_at", "pk"))
    if not ahead:
        return []
    days = {
        one.day: one
        for one in office_days(
            office_id=office_id, first=min(row.day for row in ahead), last=max(row.day for row in ahead)
        )
    }
    serving = _windows(office_id)
    found = []
    for row in ahead:
        slot = _slot(row)
        if slot.starts_at <= at or row.state not in AHEAD:
            continue  # goes on now, or came before their time: keeps its window from others
        if row.day in days and fits(slot, days[row.day]):
            windows = serving.get(row.question_id, [])
            if row.window_id in windows or _other_window(row, slot, windows, ahead):
                continue
        if row.state == State.HELD:
            step(row, Event.EXPIRE, user_id=None, at=at)
        else:
            found.append(row)
    return found


def _windows(office_id: int) -> dict[int, list[int]]:
    """Open windows by question."""
    open_now = cnap.open_on(clock.today(), "office__")
    rows = Window.objects.filter(open_now, office_id=office_id, is_open=True, questions__isnull=False)
    found: dict[int, list[int]] = {}
    for question_id, window_id in rows.order_by("number").values_list("questions", "pk"):
        found.setdefault(question_id, []).append(window_id)
    return found


def _other_window(row: Visit, slot: Slot, windows: list[int], ahead: list[Visit]) -> bool:
    for window_id in windows:
        if not overlap(slot, [_slot(one) for one in ahead if one.window_id == window_id]):
            row.window_id = window_id
            row.save(update_fields=["window"])
            return True
    return False


def _slot(row: Visit) -> Slot:
    assert row.starts_at is not None and row.ends_at is not None  # noqa: S101, PT018 - only rows with a time are asked for
    return Slot(row.starts_at, row.ends_at)


def _view(row: Visit) -> DisplacedView:
    assert row.starts_at is not None  # noqa: S101 - booked visits have a time and a number
    person = " ".join(part for part in (row.surname, row.name, row.patronymic) if part)
    return DisplacedView(row.pk, row.number or 0, row.starts_at, row.question.words, person, row.phone, row.user_id)
