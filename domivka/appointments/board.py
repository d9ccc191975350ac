"""The day of an office as its desk sees it, and what the screen in the hall shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Avg, Count, ExpressionWrapper, F, FloatField, Q, QuerySet
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Abs, Coalesce, Extract

from domivka.appointments.models import Visit, Window
from domivka.appointments.queue import Waiting, waiting
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event, State
from domivka.appointments.words import Status, status


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A visit of the day; moments are UTC. `called_to` is the number of a window."""

    id: int
    number: int
    state: str
    question: str
    starts_at: dt.datetime | None
    surname: str
    name: str
    patronymic: str
    phone: str
    arrived_at: dt.datetime | None
    forecast_minutes: int | None
    called_to: int | None
    called_at: dt.datetime | None
    user_id: int | None

    @property
    def status(self) -> Status:
        return status(self.state)

    @property
    def person(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def events(self) -> tuple[Event, ...]:
        """What the desk may do with it, beside calling the next one."""
        return {
            State.BOOKED: (Event.ARRIVE, Event.MISS),
            State.NO_SHOW: (Event.ARRIVE,),
            State.ARRIVED: (Event.MISS,),
            State.CALLED: (Event.CALL, Event.SERVE, Event.MISS),
        }.get(State(self.state), ())


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window and the number that is at it."""

    id: int
    number: int
    serving: int | None


@dataclass(frozen=True, slots=True)
class Called:
    """A line of the screen: who goes where; `calls` grows when somebody is called again."""

    visit_id: int
    number: int
    window: int
    calls: int


@dataclass(frozen=True, slots=True)
class Screen:
    """The screen in the hall: called ones, newest first; numbers that wait, in their order, with how long."""

    called: tuple[Called, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day of an office; minutes on average. `forecast_error` is how far the forecasts were from the truth."""

    day: dt.date
    booked: int
    walked_in: int
    served: int
    no_shows: int
    waited: float | None
    lasted: float | None
    forecast_error: float | None


_SHOWN = [State.BOOKED, State.ARRIVED, State.CALLED, State.SERVED, State.NO_SHOW]
_FIELDS = (
    "pk", "number", "state", "question__name", "starts_at", "surname", "name", "patronymic", "phone", "arrived_at",
    "forecast_minutes", "called_to__number", "called_at", "user_id",
)  # fmt: skip


def count_board(*, office_id: int, day: dt.date) -> int:
    return _of_day(office_id, day).count()


def board(*, office_id: int, day: dt.date, limit: int, offset: int = 0) -> list[BoardRow]:
    """Visits of a day in the order of their turns; those that are over come last. One query."""
    rows = _of_day(office_id, day).annotate(
        turn=Coalesce("starts_at", "arrived_at"), is_over=Q(state__in=[State.SERVED, State.NO_SHOW])
    )
    return [
        BoardRow(*row) for row in rows.order_by("is_over", "turn", "pk").values_list(*_FIELDS)[offset : offset + limit]
    ]


def windows(*, office_id: int) -> list[WindowRow]:
    """Open windows by number, with whom they serve now. Two queries."""
    serving = dict(
        Visit.objects.filter(called_to__office_id=office_id, state=State.CALLED).values_list("called_to_id", "number")
    )
    rows = Window.objects.filter(office_id=office_id, is_open=True).order_by("number").values_list("pk", "number")
    return [WindowRow(pk, number, serving.get(pk)) for pk, number in rows]


def screen(*, office_id: int, at: dt.datetime, most: int = 6) -> Screen:
    """What the screen shows now. Six queries; no names, only numbers."""
    today = Visit.objects.filter(office_id=office_id, day=at.astimezone(KYIV).date())
    called = (
        today.filter(state=State.CALLED)
        .annotate(calls=Count("steps", filter=Q(steps__event=Event.CALL)))
        .order_by("-called_at", "-pk")
        .values_list("pk", "number", "called_to__number", "calls")[:most]
    )
    return Screen(
        tuple(Called(pk, number or 0, window, calls) for pk, number, window, calls in called),
        tuple(waiting(office_id=office_id, at=at)),
    )


def report(*, office_id: int, first: dt.date, last: dt.date) -> list[DayReport]:
    """Days with visits, newest first. One query."""
    waited = _minutes(F("called_at") - F("arrived_at"))
    rows = (
        Visit.objects.filter(office_id=office_id, day__range=(first, last), state__in=[*_SHOWN, State.CANCELLED])
        .values("day")
        .annotate(
            booked=Count("pk", filter=Q(starts_at__isnull=False)),
            walked_in=Count("pk", filter=Q(starts_at__isnull=True)),
            served=Count("pk", filter=Q(state=State.SERVED)),
            no_shows=Count("pk", filter=Q(state=State.NO_SHOW)),
            waited=Avg(waited, filter=Q(called_at__isnull=False)),
            lasted=Avg(_minutes(F("ended_at") - F("called_at")), filter=Q(state=State.SERVED)),
            forecast_error=Avg(Abs(waited - F("forecast_minutes")), filter=Q(called_at__isnull=False)),
        )
        .order_by("-day")
    )
    return [DayReport(**row) for row in rows]


def _minutes(length: Combinable) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(Extract(length, "epoch") / 60.0, output_field=FloatField())


def _of_day(office_id: int, day: dt.date) -> QuerySet[Visit]:
    return Visit.objects.filter(office_id=office_id, day=day, state__in=_SHOWN)
