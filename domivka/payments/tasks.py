"""Jobs of payments."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from domivka.kernel import clock
from domivka.payments.operations import events


@app.task(name="payments.poll")
def poll(intent_id: str) -> None:
    """Ask the gateway about one payment; plans itself again while there is no answer."""
    events.poll(intent_id=uuid.UUID(intent_id), at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="payments.watch", queueing_lock="payments.watch")
def watch(timestamp: int) -> None:
    """Every minute: what a crash left behind."""
    events.watch(at=clock.now())
