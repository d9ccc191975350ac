"""The only place that reads the clock. Rules never do; operations take the moment from their caller."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from domivka.kernel.period import Period

KYIV = ZoneInfo("Europe/Kyiv")


def now() -> dt.datetime:
    """This moment, aware, UTC. The demo and tests may fix it with the setting `FROZEN_NOW`."""
    fixed: dt.datetime | None = getattr(settings, "FROZEN_NOW", None)
    return fixed or timezone.now()


def today() -> dt.date:
    """Today's date in Kyiv."""
    return now().astimezone(KYIV).date()


def current_period() -> Period:
    return Period.of(today())
