"""The queue of a day: who came, who is called to which window, who was served.

Those with a booking wait by their time, those without by the moment they came; a window takes the first of those it serves.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Avg, DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from domivka.appointments.booking import next_number, step
from domivka.appointments.errors import NobodyServes, NotPossibleNow, TimeGiven, TooEarly, WindowChanged
from domivka.appointments.models import Question, Visit, VisitStep, Window
from domivka.appointments.rules.forecast import waits
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event, State
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError

LOOK_BACK: Final = dt.timedelta(days=30)
"""Visits that say how long a question really takes."""


@dataclass(frozen=True, slots=True)
class SlipView:
    """What the slip of somebody who waits says: a number and no name. `came_at` is UTC."""

    number: int
    question: str
    came_at: dt.datetime
    forecast_minutes: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the person who came gets in the hand."""

    visit_id: int
    number: int
    forecast_minutes: int


def walk_in(*, office_id: int, question_id: int, user_id: int, at: dt.datetime) -> Ticket:
    """A ticket for somebody without a booking. Errors: `NobodyServes`, `NotFoundError`."""
    with transaction.atomic():
        if not Question.objects.filter(pk=question_id, is_open=True).exists():
            raise NotFoundError
        minutes = forecast(office_id=office_id, question_id=question_id, at=at, before=at)
        day = at.astimezone(KYIV).date()
        row = Visit.objects.create(
            office_id=office_id, question_id=question_id, day=day, state=State.ARRIVED, code=secrets.token_hex(8),
            number=next_number(office_id, day), made_at=at, arrived_at=at, forecast_minutes=minutes,
        )  # fmt: skip
        VisitStep.objects.create(visit=row, event=Event.ARRIVE, state=State.ARRIVED, at=at, actor_id=user_id)
        audit.record(
            at=at, actor_id=user_id, action="appointments.walk_in", object_kind="visit", object_id=row.pk,
            town_id=row.office.town_id,
        )  # fmt: skip
    assert row.number is not None  # noqa: S101 - set above
    return Ticket(row.pk, row.number, minutes)


def arrive(*, office_id: int, visit_id: int, user_id: int, at: dt.datetime) -> Ticket:
    """Somebody with a booking came, also after being counted as absent. Errors: `NotFoundError`, `NotPossibleNow` (not
    today's, or already here), `NobodyServes`, `TimeGiven`."""
    with transaction.atomic():
        row = _of_office(office_id, visit_id)
        if row.day != at.astimezone(KYIV).date() or row.number is None:
            raise NotPossibleNow
        row.arrived_at = at
        row.forecast_minutes = forecast(
            office_id=office_id, question_id=row.question_id, at=at, before=row.starts_at or at
        )
        try:
            with transaction.atomic():
                step(row, Event.ARRIVE, user_id=user_id, at=at)
        except IntegrityError as error:  # only an absent person's time can be another's
            raise TimeGiven from error
        return Ticket(row.pk, row.number, row.forecast_minutes)


def slip(*, office_id: int, visit_id: int) -> SlipView:
    """The slip of a visit whose person has come; `NotFoundError`. One query."""
    row = Visit.objects.filter(office_id=office_id, pk=visit_id).select_related("question").first()
    if row is None or row.arrived_at is None or row.number is None:
        raise NotFoundError(_("Такого талона немає."))
    return SlipView(row.number, row.question.words, row.arrived_at, row.forecast_minutes or 0)


def call_next(*, window_id: int, serving_id: int | None, user_id: int, at: dt.datetime) -> int | None:
    """Finish with whoever is at the window (`serving_id`), and call the next one it serves: the visit's id, None when nobody
    waits. Two windows never call one person. Errors: `NotFoundError`, `WindowChanged` (another visit is at the window)."""
    with transaction.atomic():
        window = _window(window_id)
        served = list(Visit.objects.select_for_update().filter(called_to=window, state=State.CALLED))
        if [row.pk for row in served] != ([] if serving_id is None else [serving_id]):
            raise WindowChanged
        for row in served:
            row.ended_at = at
            step(row, Event.SERVE, user_id=user_id, at=at)
        questions = window.questions.values_list("pk", flat=True)
        waiting = _waiting(window.office_id, at).filter(question_id__in=list(questions))
        next_one = waiting.select_for_update(of=("self",), skip_locked=True).first()
        if next_one is None:
            return None
        next_one.called_to, next_one.called_at = window, at
        step(next_one, Event.CALL, user_id=user_id, at=at)
        return next_one.pk


def call_again(*, office_id: int, visit_id: int, user_id: int, at: dt.datetime) -> None:
    """Show and say the number once more. Errors: `NotFoundError`, `NotPossibleNow`."""
    with transaction.atomic():
        row = _of_office(office_id, visit_id)
        if row.state != State.CALLED:
            raise NotPossibleNow
        step(row, Event.CALL, user_id=user_id, at=at)


def serve(*, office_id: int, visit_id: int, user_id: int, at: dt.datetime) -> None:
    """The person was served. Errors: `NotFoundError`, `NotPossibleNow`."""
    _end(office_id, visit_id, Event.SERVE, user_id, at)


def miss(*, office_id: int, visit_id: int, user_id: int, at: dt.datetime) -> None:
    """The person did not come, or left. Errors: `NotFoundError`, `NotPossibleNow`, `TooEarly`."""
    _end(office_id, visit_id, Event.MISS, user_id, at)


def forecast(*, office_id: int, question_id: int, at: dt.datetime, before: dt.datetime) -> int:
    """Minutes until somebody with this question, who goes before all of after `before`, is called. Five queries.

    Each question takes what it took on average in the last thirty days, or what the office says. `NobodyServes`.
    """
    ahead = _waiting(office_id, at, before=before).values_list("question_id", flat=True)
    found = _forecasts(office_id, [*ahead, question_id], at)[-1]
    if found is None:
        raise NobodyServes
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number that waits; `minutes` is None when no window serves it now."""

    number: int
    minutes: int | None


def waiting(*, office_id: int, at: dt.datetime) -> list[Waiting]:
    """Numbers in the hall in the order of their turns, with how long each has still to wait. Five queries."""
    rows = list(_waiting(office_id, at).values_list("number", "question_id"))
    found = _forecasts(office_id, [question_id for _number, question_id in rows], at)
    return [Waiting(number or 0, minutes) for (number, _question), minutes in zip(rows, found, strict=True)]


def _forecasts(office_id: int, question_ids: list[int], at: dt.datetime) -> list[int | None]:
    """For a queue of these questions, in its order."""
    windows: dict[int, list[int]] = {}
    rows = Window.objects.filter(office_id=office_id, is_open=True, questions__isnull=False)
    for question_id, window_id in rows.values_list("questions", "pk"):
        windows.setdefault(question_id, []).append(window_id)
    lasts = _lasts(office_id, at)
    busy = {window_id: 0.0 for found in windows.values() for window_id in found}
    at_windows = Visit.objects.filter(called_to__office_id=office_id, state=State.CALLED)
    for window_id, question_id, called_at in at_windows.values_list("called_to_id", "question_id", "called_at"):
        if called_at is not None and window_id is not None:
            busy[window_id] = lasts[question_id] - (at - called_at).total_seconds() / 60
    return waits(busy=busy, queue=[(windows.get(pk, ()), lasts[pk]) for pk in question_ids])


def _lasts(office_id: int, at: dt.datetime) -> dict[int, float]:
    """Minutes that each question takes at an office."""
    took = ExpressionWrapper(F("ended_at") - F("called_at"), output_field=DurationField())
    measured = Visit.objects.filter(
        office_id=office_id, day__gte=(at - LOOK_BACK).date(), state=State.SERVED, called_at__gte=at - LOOK_BACK,
        ended_at__isnull=False,
    )  # fmt: skip
    of_town = Question.objects.filter(town__office=office_id)
    found = {pk: float(minutes) for pk, minutes in of_town.values_list("pk", "minutes")}
    for question_id, average in (
        measured.values("question").annotate(average=Avg(took)).values_list("question", "average")
    ):
        found[question_id] = average.total_seconds() / 60
    return found


def _waiting(office_id: int, at: dt.datetime, before: dt.datetime | None = None) -> QuerySet[Visit]:
    """Those in the hall today in the order of their turns; up to a turn."""
    rows = Visit.objects.filter(office_id=office_id, day=at.astimezone(KYIV).date(), state=State.ARRIVED)
    ordered = rows.annotate(turn=Coalesce("starts_at", "arrived_at")).order_by("turn", "pk")
    return ordered if before is None else ordered.filter(turn__lte=before)


def _end(office_id: int, visit_id: int, event: Event, user_id: int, at: dt.datetime) -> None:
    with transaction.atomic():
        row = _of_office(office_id, visit_id)
        if event is Event.MISS and row.state == State.BOOKED and row.starts_at is not None and row.starts_at > at:
            raise TooEarly
        row.ended_at = at
        step(row, event, user_id=user_id, at=at)


def _of_office(office_id: int, visit_id: int) -> Visit:
    row = Visit.objects.select_for_update(of=("self",)).filter(office_id=office_id, pk=visit_id).first()
    if row is None:
        raise NotFoundError(_("Такого візиту немає."))
    return row


def _window(window_id: int) -> Window:
    """The window, locked: one call at a time."""
    row = Window.objects.select_for_update(no_key=True).filter(pk=window_id, is_open=True).first()
    if row is None:
        raise NotFoundError(_("Такого вікна немає."))
    return row
