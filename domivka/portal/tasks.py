"""Jobs of the cabinet."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.kernel import clock
from domivka.portal import reminders


@app.periodic(cron="0 7 * * *")
@app.task(name="portal.remind", queueing_lock="portal.remind")
def remind(timestamp: int) -> None:
    """Every morning: readings that are waited for, verifications that expire. Killed half-way, the next run goes on."""
    reminders.remind(at=clock.now())
