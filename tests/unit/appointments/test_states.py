from __future__ import annotations

from domivka.appointments.rules.states import VISIT, Event, State, next_state


def test_every_pair_that_is_not_in_the_table_is_refused() -> None:
    allowed = {(state, event) for state in State for event in Event if next_state(state, event)}

    assert allowed == set(VISIT)


def test_every_state_is_reached() -> None:
    reached, more = {State.HELD}, True
    while more:
        found = {end for (start, _), end in VISIT.items() if start in reached}
        more, reached = bool(found - reached), reached | found

    assert reached == set(State)
