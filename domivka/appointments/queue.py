"""The queue of a day: who came, who is called to which window, who was served.

Those with a booking wait by their time, those without by the moment they came; a window takes the first of those it serves.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Avg, DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from domivka.appointments.booking import next_number, step
from domivka.appointments.errors import NobodyServes, NotPossibleNow
from domivka.appointments.models import Question, Visit, VisitStep, Window
from domivka.appointments.rules.forecast import waiting_minutes
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event, State
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError

LOOK_BACK: Final = dt.timedelta(days=30)
"""Visits that say how long a question really takes."""


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
    today's, or already here), `NobodyServes`."""
    with transaction.atomic():
        row = _of_office(office_id, visit_id)
        if row.day != at.astimezone(KYIV).date() or row.number is None:
            raise NotPossibleNow
        row.arrived_at = at
        row.forecast_minutes = forecast(
            office_id=office_id, question_id=row.question_id, at=at, before=row.starts_at or at
        )
        step(row, Event.ARRIVE, user_id=user_id, at=at)
        return Ticket(row.pk, row.number, row.forecast_minutes)


def call_next(*, window_id: int, user_id: int, at: dt.datetime) -> int | None:
    """Finish with whoever is at the window, and call the next one it serves: the visit's id, None when nobody waits. Two
    windows never call one person. Errors: `NotFoundError`."""
    with transaction.atomic():
        window = _window(window_id)
        for row in Visit.objects.select_for_update().filter(called_to=window, state=State.CALLED):
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
    """The person did not come, or left. Errors: `NotFoundError`, `NotPossibleNow`."""
    _end(office_id, visit_id, Event.MISS, user_id, at)


def forecast(*, office_id: int, question_id: int, at: dt.datetime, before: dt.datetime) -> int:
    """Minutes until somebody with this question, who goes before all of after `before`, is called. Four queries.

    Each question takes what it took on average in the last thirty days, or what the office says. `NobodyServes`.
    """
    windows = list(
        Window.objects.filter(office_id=office_id, is_open=True, questions=question_id).values_list("pk", flat=True)
    )
    if not windows:
        raise NobodyServes
    lasts = _lasts(office_id, at)
    at_windows = Visit.objects.filter(called_to__in=windows, state=State.CALLED)
    called = {
        window_id: lasts[question_id] - (at - called_at).total_seconds() / 60
        for window_id, question_id, called_at in at_windows.values_list("called_to_id", "question_id", "called_at")
        if called_at is not None
    }
    ahead = _waiting(office_id, at, before=before).filter(question__windows__in=windows).distinct()
    return waiting_minutes(
        busy=[called.get(window, 0.0) for window in windows], ahead=[lasts[row.question_id] for row in ahead]
    )


def _lasts(office_id: int, at: dt.datetime) -> dict[int, float]:
    """Minutes that each question takes at an office."""
    took = ExpressionWrapper(F("ended_at") - F("called_at"), output_field=DurationField())
    measured = Visit.objects.filter(
        office_id=office_id, state=State.SERVED, called_at__gte=at - LOOK_BACK, ended_at__isnull=False
    )
    found = {pk: float(minutes) for pk, minutes in Question.objects.values_list("pk", "minutes")}
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
        row.ended_at = at
        step(row, event, user_id=user_id, at=at)


def _of_office(office_id: int, visit_id: int) -> Visit:
    row = Visit.objects.select_for_update(of=("self",)).filter(office_id=office_id, pk=visit_id).first()
    if row is None:
        raise NotFoundError(_("Такого візиту немає."))
    return row


def _window(window_id: int) -> Window:
    row = Window.objects.filter(pk=window_id, is_open=True).first()
    if row is None:
        raise NotFoundError(_("Такого вікна немає."))
    return row
