"""Jobs of identity."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app

from domivka.identity import operations
from domivka.kernel import clock

KEPT_DAYS = 7


@app.periodic(cron="20 3 * * *")
@app.task(name="identity.forget_unconfirmed", queue="maintenance")
def forget_unconfirmed(timestamp: int) -> None:
    """Every night: sign-ups nobody confirmed within a week."""
    operations.forget_unconfirmed(before=clock.now() - dt.timedelta(days=KEPT_DAYS))


@app.periodic(cron="30 3 * * *")
@app.task(name="identity.forget_sessions", queue="maintenance")
def forget_sessions(timestamp: int) -> None:
    """Every night: sessions that have expired."""
    SessionStore.clear_expired()
