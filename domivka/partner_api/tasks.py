"""Jobs of partner_api."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate.contrib.django import app

from domivka.kernel import clock
from domivka.partner_api import keys


@app.periodic(cron="50 3 * * *")
@app.task(name="partner_api.forget", queue="maintenance")
def forget(timestamp: int) -> None:
    """Every night: answers older than `API_IDEMPOTENCY_DAYS`, and counters of minutes that are over."""
    now = clock.now()
    keys.forget(answers_before=now - dt.timedelta(days=settings.API_IDEMPOTENCY_DAYS), minutes_before=now)
