"""When a letter is due."""

from __future__ import annotations

import datetime as dt

import pytest

from domivka.portal.rules.reminders import Stage, reading_stage, verification_stage

FIRST, LAST = dt.date(2026, 11, 10), dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "stage"),
    [(9, None), (10, Stage.OPENED), (27, Stage.OPENED), (28, Stage.CLOSING), (30, Stage.CLOSING)],
)
def test_window_opens_then_closes(day: int, stage: Stage | None) -> None:
    today = dt.date(2026, 11, day)

    assert reading_stage(window_from=FIRST, window_to=LAST, today=today, days_before=2) == stage


def test_window_that_is_over_or_unknown_asks_for_nothing() -> None:
    assert reading_stage(window_from=FIRST, window_to=LAST, today=dt.date(2026, 12, 1), days_before=2) is None
    assert reading_stage(window_from=None, window_to=None, today=FIRST, days_before=2) is None


@pytest.mark.parametrize(
    ("due_on", "stage"),
    [
        (None, None),
        (dt.date(2027, 1, 10), None),
        (dt.date(2027, 1, 9), Stage.EXPIRES),
        (dt.date(2026, 11, 10), Stage.EXPIRES),
        (dt.date(2026, 11, 9), Stage.EXPIRED),
    ],
)
def test_verification_is_announced_before_and_after_its_day(due_on: dt.date | None, stage: Stage | None) -> None:
    assert verification_stage(due_on=due_on, today=FIRST, soon=dt.timedelta(days=60)) == stage
