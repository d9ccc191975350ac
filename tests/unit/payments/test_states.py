from __future__ import annotations

from itertools import product

import pytest

from domivka.payments.draw import DOCUMENT, document
from domivka.payments.models import Intent
from domivka.payments.rules.states import TRANSITIONS, Event, State, diagram, next_state


def test_states_are_those_of_the_database() -> None:
    assert {str(state) for state in State} == set(Intent.State.values)


@pytest.mark.parametrize(
    ("state", "event"),
    [pair for pair in product(State, Event) if pair not in TRANSITIONS],
    ids=lambda value: str(value),
)
def test_everything_outside_the_table_is_refused(state: State, event: Event) -> None:
    assert next_state(state, event) is None


@pytest.mark.parametrize("state", [State.PENDING, State.UNKNOWN, State.FAILED, State.EXPIRED])
def test_money_that_came_is_always_credited(state: State) -> None:
    assert next_state(state, Event.SUCCEEDED) == State.PAID


@pytest.mark.parametrize("event", [Event.DECLINED, Event.EXPIRE, Event.SUCCEEDED, Event.IN_PROGRESS, Event.NO_ANSWER])
def test_a_paid_payment_only_reverses(event: Event) -> None:
    assert next_state(State.PAID, event) is None


def test_every_state_can_be_reached() -> None:
    assert {State.CREATED, *TRANSITIONS.values()} == set(State)


def test_diagram_has_a_line_for_every_transition() -> None:
    assert diagram().count(" --> ") == len(TRANSITIONS) + 1


def test_the_drawn_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "run: domivka draw-states"
