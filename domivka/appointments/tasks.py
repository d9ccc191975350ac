"""Jobs of visits."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.appointments import displaced, nightly, reminders
from domivka.kernel import clock


@app.periodic(cron="*/5 * * * *")
@app.task(name="appointments.remind", queueing_lock="appointments.remind")
def remind(timestamp: int) -> None:
    """Reminders that are due. Killed half-way, the next run goes on."""
    reminders.remind(at=clock.now())


@app.periodic(cron="10 23 * * *")  # UTC: after midnight in Kyiv, winter and summer
@app.task(name="appointments.close_days", queueing_lock="appointments.close_days")
def close_days(timestamp: int) -> None:
    """Visits of past days that nobody marked."""
    nightly.close_days(at=clock.now())


@app.periodic(cron="17 * * * *")
@app.task(name="appointments.check_calendar", queueing_lock="appointments.check_calendar")
def check_calendar(timestamp: int) -> None:
    """Visits that have no place in the calendar any more, whatever changed it."""
    displaced.check(at=clock.now())
