"""What nobody marked: the night after a day, its visits get the state they most likely had."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q

from domivka.appointments.booking import step
from domivka.appointments.models import Visit
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event, State

GRACE: Final = dt.timedelta(hours=1)
"""How long a hold that ran out is still kept for its person when nobody else wants the time."""
PATIENCE: Final = dt.timedelta(days=30)
"""How long after its day a visit waits for another time before it is let go."""
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Closed:
    """What a run did: visits by their new state."""

    no_show: int
    served: int
    expired: int
    cancelled: int


def close_days(*, at: dt.datetime) -> Closed:
    """Past days of all offices: who did not come, or left the hall, is a no-show; who was called is served, with no moment
    of the end, so averages do not count it; holds and visits that nobody moved end. Run twice, it does nothing more."""
    today = at.astimezone(KYIV).date()
    past = Q(day__lt=today)
    return Closed(
        _end(past & Q(state__in=[State.BOOKED, State.ARRIVED]), Event.MISS, at),
        _end(past & Q(state=State.CALLED), Event.SERVE, at),
        _end(Q(state=State.HELD) & (Q(held_until__lt=at - GRACE) | Q(starts_at__lte=at)), Event.EXPIRE, at),
        _end(Q(state=State.MUST_MOVE, day__lt=today - PATIENCE), Event.CANCEL, at),
    )


def _end(which: Q, event: Event, at: dt.datetime) -> int:
    """In portions, each its own transaction: killed half-way, the next night goes on."""
    done = 0
    while True:
        with transaction.atomic():
            rows = Visit.objects.select_for_update(of=("self",), skip_locked=True).filter(which)
            chunk = list(rows.select_related("office").order_by("pk")[:_AT_ONCE])
            for row in chunk:
                step(row, event, user_id=None, at=at)
        done += len(chunk)
        if len(chunk) < _AT_ONCE:
            return done
