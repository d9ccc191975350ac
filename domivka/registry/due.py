"""By which day a bill is to be paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, Protocol

from domivka.kernel.period import Period
from domivka.kernel.workdays import holidays, next_working_day
from domivka.registry.models import ProviderService

_USUAL: Final[int] = ProviderService._meta.get_field("due_day").get_default()


class Due(Protocol):
    """A service by what its contract says of paying."""

    @property
    def due_day(self) -> int: ...


def due_day(*, period: Period, services: Iterable[Due]) -> dt.date:
    """The earliest day by which a provider of these services wants the bill of `period` paid, in the month after it; a
    day off moves to the next working day (Civil Code, art. 254). Without services, the usual day of a new service."""
    following = period.next
    day = min((service.due_day for service in services), default=_USUAL)
    return next_working_day(following.first_day.replace(day=min(day, following.days)), holidays())
