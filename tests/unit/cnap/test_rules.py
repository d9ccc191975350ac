"""Where states lead and when a term ends."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from domivka.cnap.rules.states import APPLICATION, CONSULTATION, Event, State, diagram, next_state, states
from domivka.cnap.rules.terms import Term, due_on, term_days
from domivka.kernel.workdays import holidays


@pytest.mark.parametrize("table", [CONSULTATION, APPLICATION], ids=["consultation", "application"])
def test_what_was_sent_never_becomes_a_draft_again(table: dict[tuple[State, Event], State]) -> None:
    assert State.DRAFT not in table.values()
    assert next_state(table, State.DRAFT, Event.SEND) == State.WAITING
    assert [event for (state, event) in table if state == State.DRAFT] == [Event.SEND]


def test_decided_is_the_end() -> None:
    ends = {State.ANSWERED, State.GRANTED, State.REFUSED}

    assert not [pair for pair in [*CONSULTATION, *APPLICATION] if pair[0] in ends]
    assert next_state(CONSULTATION, State.WAITING, Event.GRANT) is None
    assert states(CONSULTATION) == ["answered", "draft", "waiting"]
    assert states(APPLICATION) == ["draft", "granted", "incomplete", "refused", "waiting"]


def test_diagram_draws_every_transition() -> None:
    lines = diagram(APPLICATION).splitlines()

    assert lines[:3] == ["stateDiagram-v2", "    [*] --> draft", "    draft --> waiting: send"]
    assert len(lines) == 2 + len(APPLICATION)


TERMS = [
    Term(30, dt.date(2020, 1, 1)),
    Term(20, dt.date(2026, 11, 1)),
    Term(10, dt.date(2026, 6, 1), service_id=7),
    Term(5, dt.date(2027, 1, 1), service_id=7),
]


@pytest.mark.parametrize(
    ("on", "service", "days"),
    [
        (dt.date(2019, 12, 31), None, 30),  # nothing is in force yet: the law's
        (dt.date(2026, 10, 31), None, 30),
        (dt.date(2026, 11, 1), None, 20),
        (dt.date(2026, 11, 20), 7, 10),
        (dt.date(2027, 1, 1), 7, 5),
        (dt.date(2026, 11, 20), 8, 20),  # another service: the town's
    ],
)
def test_term_in_force_is_the_latest_one(on: dt.date, service: int | None, days: int) -> None:
    assert term_days(TERMS, on=on, service_id=service) == days


def test_term_ends_on_a_working_day() -> None:
    days_off = holidays()

    assert due_on(dt.date(2026, 11, 10), 30, days_off) == dt.date(2026, 12, 10)
    assert due_on(dt.date(2026, 11, 12), 30, days_off) == dt.date(2026, 12, 14)  # the 12th is a Saturday
    assert due_on(dt.date(2020, 11, 25), 30, days_off) == dt.date(2020, 12, 28)  # Christmas, a Friday, then a weekend


def test_document_shows_the_table() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/cnap.md").read_text()

    assert diagram(APPLICATION) in page
