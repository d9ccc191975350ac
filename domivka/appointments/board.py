"""The day of an office as its desk sees it, and what the screen in the hall shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from domivka.appointments.models import Visit, Window
from domivka.appointments.queue import Waiting, waiting
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event, State
from domivka.appointments.words import question_words, status
from domivka.cnap.api import Status


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
    """A window, and the visit that is at it with its number."""

    id: int
    number: int
    serving_id: int | None
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
    """The screen in the hall: called ones, the last call first; numbers that wait, in their order, with how long."""

    called: tuple[Called, ...]
    waiting: tuple[Waiting, ...]


_SHOWN = [State.BOOKED, State.ARRIVED, State.CALLED, State.SERVED, State.NO_SHOW]


def count_board(*, office_id: int, day: dt.date) -> int:
    return _of_day(office_id, day).count()


def board(*, office_id: int, day: dt.date, limit: int, offset: int = 0) -> list[BoardRow]:
    """Visits of a day in the order of their turns; those that are over come last. One query."""
    rows = _of_day(office_id, day).annotate(
        turn=Coalesce("starts_at", "arrived_at"), is_over=Q(state__in=[State.SERVED, State.NO_SHOW])
    )
    fields = (
        "pk", "number", "state", question_words(), "starts_at", "surname", "name", "patronymic", "phone", "arrived_at",
        "forecast_minutes", "called_to__number", "called_at", "user_id",
    )  # fmt: skip
    return [
        BoardRow(*row) for row in rows.order_by("is_over", "turn", "pk").values_list(*fields)[offset : offset + limit]
    ]


def windows(*, office_id: int) -> list[WindowRow]:
    """Open windows by number, with whom they serve now. Two queries."""
    called = Visit.objects.filter(called_to__office_id=office_id, state=State.CALLED)
    serving = {window_id: (pk, number) for window_id, pk, number in called.values_list("called_to_id", "pk", "number")}
    rows = Window.objects.filter(office_id=office_id, is_open=True).order_by("number").values_list("pk", "number")
    return [WindowRow(pk, number, *serving.get(pk, (None, None))) for pk, number in rows]


def screen(*, office_id: int, at: dt.datetime, most: int = 6) -> Screen:
    """What the screen shows now. Six queries; no names, only numbers."""
    today = Visit.objects.filter(office_id=office_id, day=at.astimezone(KYIV).date())
    called = Q(steps__event=Event.CALL)
    rows = (
        today.filter(state=State.CALLED)
        .annotate(calls=Count("steps", filter=called), last_call=Max("steps", filter=called))
        .order_by("-last_call")
        .values_list("pk", "number", "called_to__number", "calls")[:most]
    )
    return Screen(
        tuple(Called(pk, number or 0, window, calls) for pk, number, window, calls in rows),
        tuple(waiting(office_id=office_id, at=at)),
    )


def _of_day(office_id: int, day: dt.date) -> QuerySet[Visit]:
    return Visit.objects.filter(office_id=office_id, day=day, state__in=_SHOWN)
