"""How long those in the hall will wait."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence


def waits(*, busy: Mapping[int, float], queue: Sequence[tuple[Collection[int], float]]) -> list[int | None]:
    """Whole minutes, rounded up, for each of the queue in its order; None for whoever no window serves.

    `busy` is how many minutes each window is still taken (0 for a free one); each of the queue is the windows that serve the
    person and how long the visit will take: everybody goes to the one of those windows that is free first.
    """
    free = {window: max(minutes, 0.0) for window, minutes in busy.items()}
    found: list[int | None] = []
    for windows, minutes in queue:
        serving = [window for window in windows if window in free]
        if not serving:
            found.append(None)
            continue
        window = min(serving, key=lambda one: (free[one], one))
        found.append(math.ceil(free[window]))
        free[window] += minutes
    return found
