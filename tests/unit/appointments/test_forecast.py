from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.appointments.rules.forecast import waits

MINUTES = st.floats(0, 240)


def wait(busy: list[float], ahead: list[float]) -> int | None:
    """Of the last in a queue that every window serves."""
    windows = dict(enumerate(busy))
    return waits(busy=windows, queue=[(windows, minutes) for minutes in [*ahead, 1]])[-1]


@pytest.mark.parametrize(
    ("busy", "ahead", "expected"),
    [
        ([0], [], 0),
        ([12.5], [], 13),
        ([10], [20, 5], 35),
        ([10, 0], [20], 10),  # the one before goes to the free window
        ([10, 0], [5, 7], 10),  # 5 to the free one, then 7 to it again at the fifth minute
        ([-3], [10], 10),  # a visit that lasts longer than usual ends any moment
    ],
)
def test_each_goes_to_the_window_that_is_free_first(busy: list[float], ahead: list[float], expected: int) -> None:
    assert wait(busy, ahead) == expected


def test_person_waits_only_for_windows_that_serve_the_question() -> None:
    queue = [([1], 30.0), ([1, 2], 20.0), ([1], 10.0), ([2], 5.0)]

    assert waits(busy={1: 0, 2: 5}, queue=queue) == [0, 5, 30, 25]


def test_without_a_window_there_is_no_forecast() -> None:
    assert waits(busy={1: 0}, queue=[([], 10), ([2], 10), ([1], 10)]) == [None, None, 0]


@given(busy=st.lists(MINUTES, min_size=1, max_size=6), ahead=st.lists(MINUTES, max_size=20), more=MINUTES)
def test_more_people_never_shorten_the_wait_and_more_windows_never_lengthen_it(
    busy: list[float], ahead: list[float], more: float
) -> None:
    now = wait(busy, ahead) or 0

    assert (wait(busy, [*ahead, more]) or 0) >= now
    assert (wait([*busy, 0], ahead) or 0) <= now
