"""The life of a visit: one table. A pair (state, event) that is not here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    HELD = "held"  # chosen, the form is being filled in
    EXPIRED = "expired"  # held, and not saved in time
    BOOKED = "booked"
    MUST_MOVE = "must_move"  # the office changed its calendar: the visit waits for another time
    CANCELLED = "cancelled"
    ARRIVED = "arrived"  # waits in the hall, by a booking or without one
    CALLED = "called"
    SERVED = "served"
    NO_SHOW = "no_show"


class Event(StrEnum):
    BOOK = "book"
    EXPIRE = "expire"
    MOVE = "move"
    DISPLACE = "displace"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    CALL = "call"
    SERVE = "serve"
    MISS = "miss"


VISIT: Final[Mapping[tuple[State, Event], State]] = {
    (State.HELD, Event.BOOK): State.BOOKED,
    (State.HELD, Event.EXPIRE): State.EXPIRED,
    (State.BOOKED, Event.MOVE): State.BOOKED,
    (State.BOOKED, Event.CANCEL): State.CANCELLED,
    (State.BOOKED, Event.DISPLACE): State.MUST_MOVE,
    (State.MUST_MOVE, Event.MOVE): State.BOOKED,
    (State.MUST_MOVE, Event.CANCEL): State.CANCELLED,
    (State.BOOKED, Event.ARRIVE): State.ARRIVED,
    (State.BOOKED, Event.MISS): State.NO_SHOW,
    (State.NO_SHOW, Event.ARRIVE): State.ARRIVED,  # late, but came
    (State.ARRIVED, Event.CALL): State.CALLED,
    (State.ARRIVED, Event.MISS): State.NO_SHOW,  # a walk-in who left
    (State.CALLED, Event.CALL): State.CALLED,  # called again
    (State.CALLED, Event.SERVE): State.SERVED,
    (State.CALLED, Event.MISS): State.NO_SHOW,
}

TAKES_TIME: Final = (State.HELD, State.BOOKED, State.ARRIVED, State.CALLED, State.SERVED)
"""States in which a visit keeps its window and time from others."""
AHEAD: Final = (State.HELD, State.BOOKED)
"""States of a visit that is still to come: one of a question for a person."""


def next_state(state: State | str, event: Event) -> State | None:
    """Where `event` leads from `state`; None when it is refused there."""
    return VISIT.get((State(state), event))
