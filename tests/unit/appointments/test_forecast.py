from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.appointments.rules.forecast import waiting_minutes

MINUTES = st.floats(0, 240)


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
    assert waiting_minutes(busy=busy, ahead=ahead) == expected


def test_without_a_window_there_is_no_forecast() -> None:
    with pytest.raises(ValueError, match="no window"):
        waiting_minutes(busy=[], ahead=[])


@given(busy=st.lists(MINUTES, min_size=1, max_size=6), ahead=st.lists(MINUTES, max_size=20), more=MINUTES)
def test_more_people_never_shorten_the_wait_and_more_windows_never_lengthen_it(
    busy: list[float], ahead: list[float], more: float
) -> None:
    now = waiting_minutes(busy=busy, ahead=ahead)

    assert waiting_minutes(busy=busy, ahead=[*ahead, more]) >= now
    assert waiting_minutes(busy=[*busy, 0], ahead=ahead) <= now
