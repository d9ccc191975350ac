"""Jobs of visits."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.appointments import reminders
from domivka.kernel import clock


@app.periodic(cron="*/5 * * * *")
@app.task(name="appointments.remind", queueing_lock="appointments.remind")
def remind(timestamp: int) -> None:
    """Reminders that are due. Killed half-way, the next run goes on."""
    reminders.remind(at=clock.now())
