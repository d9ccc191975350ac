"""Jobs of notifications."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from domivka.kernel import clock


@app.task(name="notifications.deliver", queue="messages", retry=RetryStrategy(max_attempts=12, exponential_wait=3))
def deliver(message_id: int) -> None:
    """Deliver one message of the outbox; waits longer after every failed try."""
    from domivka.notifications import operations  # operations defer this task, so they import this module first

    operations.deliver(message_id=message_id, at=clock.now())


@app.periodic(cron="40 3 * * *")
@app.task(name="notifications.forget", queue="maintenance")
def forget(timestamp: int) -> None:
    """Every night: the delivery log older than `MESSAGE_KEPT_DAYS`."""
    from domivka.notifications import operations  # as above

    operations.forget(before=clock.now() - dt.timedelta(days=settings.MESSAGE_KEPT_DAYS))
