"""When a person is reminded of readings and of a meter's verification."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum


class Stage(StrEnum):
    """What a letter is about; a person gets each at most once for a window or a verification date."""

    OPENED = "opened"
    CLOSING = "closing"
    EXPIRES = "expires"
    EXPIRED = "expired"


def reading_stage(
    *, window_from: dt.date | None, window_to: dt.date | None, today: dt.date, days_before: int
) -> Stage | None:
    """Of a window that waits for a reading: it has opened, or it closes within `days_before` days; None outside it."""
    if window_from is None or window_to is None or not window_from <= today <= window_to:
        return None
    return Stage.CLOSING if (window_to - today).days <= days_before else Stage.OPENED


def verification_stage(*, due_on: dt.date | None, today: dt.date, soon: dt.timedelta) -> Stage | None:
    """Of a verification date: within `soon`, or past; None before that."""
    if due_on is None or due_on > today + soon:
        return None
    return Stage.EXPIRES if due_on >= today else Stage.EXPIRED
