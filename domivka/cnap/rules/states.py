"""The lives of a consultation and of an application: one table each. A pair (state, event) that is not here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Of both. Words on screen are in `cnap.words`, exactly as seed S2 has them."""

    DRAFT = "draft"
    WAITING = "waiting"
    ANSWERED = "answered"  # a consultation
    INCOMPLETE = "incomplete"  # an application whose document the administrator asked for
    GRANTED = "granted"
    REFUSED = "refused"


class Event(StrEnum):
    SEND = "send"
    TAKE = "take"  # also from a colleague
    HAND_OVER = "hand_over"  # to a colleague
    RELEASE = "release"  # back to the queue
    FORWARD = "forward"  # to another ЦНАП or СНАП
    ANSWER = "answer"
    ASK_DOCUMENT = "ask_document"
    WITHDRAW = "withdraw"  # the asking: the document is not needed after all
    SUPPLY = "supply"  # the document that was asked for
    GRANT = "grant"
    REFUSE = "refuse"


INSIDE: Final = frozenset({Event.HAND_OVER, Event.RELEASE})
"""What administrators settle among themselves: residents are not told."""

Table = Mapping[tuple[State, Event], State]

CONSULTATION: Final[Table] = {
    (State.DRAFT, Event.SEND): State.WAITING,
    (State.WAITING, Event.TAKE): State.WAITING,
    (State.WAITING, Event.HAND_OVER): State.WAITING,
    (State.WAITING, Event.RELEASE): State.WAITING,
    (State.WAITING, Event.FORWARD): State.WAITING,
    (State.WAITING, Event.ANSWER): State.ANSWERED,
}

APPLICATION: Final[Table] = {
    (State.DRAFT, Event.SEND): State.WAITING,
    (State.WAITING, Event.TAKE): State.WAITING,
    (State.WAITING, Event.HAND_OVER): State.WAITING,
    (State.WAITING, Event.RELEASE): State.WAITING,
    (State.WAITING, Event.FORWARD): State.WAITING,
    (State.WAITING, Event.ASK_DOCUMENT): State.INCOMPLETE,
    (State.WAITING, Event.GRANT): State.GRANTED,
    (State.WAITING, Event.REFUSE): State.REFUSED,
    (State.INCOMPLETE, Event.TAKE): State.INCOMPLETE,
    (State.INCOMPLETE, Event.HAND_OVER): State.INCOMPLETE,
    (State.INCOMPLETE, Event.RELEASE): State.INCOMPLETE,
    (State.INCOMPLETE, Event.WITHDRAW): State.WAITING,
    (State.INCOMPLETE, Event.SUPPLY): State.WAITING,
    (State.INCOMPLETE, Event.REFUSE): State.REFUSED,  # the document never came
}


def states(table: Table) -> list[str]:
    """Every state of a table: what the database's constraint allows."""
    return sorted({str(state) for (start, _), end in table.items() for state in (start, end)})


def next_state(table: Table, state: State | str, event: Event) -> State | None:
    """Where `event` leads from `state`; None when it is refused there."""
    return table.get((State(state), event))


def diagram(table: Table) -> str:
    """The table as a Mermaid state diagram, for the documents."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.DRAFT}"]
    lines += [f"    {start} --> {end}: {event}" for (start, event), end in table.items()]
    return "\n".join(lines) + "\n"
