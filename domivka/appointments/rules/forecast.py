"""How long somebody who has just come will wait."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence


def waiting_minutes(*, busy: Sequence[float], ahead: Sequence[float]) -> int:
    """Whole minutes, rounded up. `busy` is how many minutes each window that may serve the person is still taken (0 for a
    free one), `ahead` how long each of those who go before will take, in their order: each goes to the window that is free
    first. Without windows nobody is ever called: `ValueError`.
    """
    if not busy:
        raise ValueError("no window serves the person")
    free = [max(minutes, 0.0) for minutes in busy]
    heapq.heapify(free)
    for minutes in ahead:
        heapq.heappush(free, heapq.heappop(free) + minutes)
    return math.ceil(free[0])
