"""The life of a payment: one table. A pair (state, event) that is not here is refused.

The same gateway's word may come many times and in any order, so the table says what is real: money that came is
credited even after a refusal or after the time ran out; a refusal after the money changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    REVERSED = "reversed"


class Event(StrEnum):
    START = "start"  # the payer was handed to the gateway
    NO_ANSWER = "no_answer"  # the gateway did not answer in time: it may or may not know the payment
    IN_PROGRESS = "in_progress"  # the gateway knows the payment and waits for the payer or the bank
    SUCCEEDED = "succeeded"  # the money is taken
    DECLINED = "declined"  # the bank refused, or the payer gave up
    REVERSED = "reversed"  # the money was given back
    EXPIRE = "expire"  # the time to pay ran out


TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    (State.CREATED, Event.START): State.PENDING,
    (State.CREATED, Event.EXPIRE): State.EXPIRED,
    (State.PENDING, Event.NO_ANSWER): State.UNKNOWN,
    (State.PENDING, Event.SUCCEEDED): State.PAID,
    (State.PENDING, Event.DECLINED): State.FAILED,
    (State.PENDING, Event.REVERSED): State.REVERSED,
    (State.PENDING, Event.EXPIRE): State.EXPIRED,
    (State.UNKNOWN, Event.IN_PROGRESS): State.PENDING,
    (State.UNKNOWN, Event.SUCCEEDED): State.PAID,
    (State.UNKNOWN, Event.DECLINED): State.FAILED,
    (State.UNKNOWN, Event.REVERSED): State.REVERSED,
    (State.UNKNOWN, Event.EXPIRE): State.EXPIRED,
    (State.FAILED, Event.SUCCEEDED): State.PAID,  # the payer tried another card on the gateway's page
    (State.FAILED, Event.REVERSED): State.REVERSED,
    (State.EXPIRED, Event.SUCCEEDED): State.PAID,  # late, and still real money
    (State.EXPIRED, Event.REVERSED): State.REVERSED,
    (State.PAID, Event.REVERSED): State.REVERSED,
}

WAITING: Final = frozenset({State.PENDING, State.UNKNOWN})
"""States in which the gateway is asked again and again."""


def next_state(state: State | str, event: Event) -> State | None:
    """Where `event` leads from `state`; None when it is refused there."""
    return TRANSITIONS.get((State(state), event))


def diagram() -> str:
    """The table as a Mermaid state diagram: `domivka draw-states` puts it into the documents."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.CREATED}"]
    lines += [f"    {start} --> {end}: {event}" for (start, event), end in TRANSITIONS.items()]
    return "\n".join(lines) + "\n"
