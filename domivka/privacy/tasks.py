"""Jobs of privacy."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.kernel import clock


@app.task(name="privacy.export", retry=3)
def export(*, export_id: int) -> None:
    """Make the archive of a person's data."""
    from domivka.privacy.exports import make_export  # it defers this job, so it imports this module

    make_export(export_id=export_id, at=clock.now())


@app.periodic(cron="50 3 * * *")
@app.task(name="privacy.sweep_exports", queue="maintenance")
def sweep(timestamp: int) -> None:
    """Every night: archives that have expired."""
    from domivka.privacy.exports import sweep_exports  # as above

    sweep_exports(at=clock.now())


@app.periodic(cron="10 4 * * *")
@app.task(name="privacy.erase", queue="maintenance", queueing_lock="privacy.erase")
def erase(timestamp: int) -> None:
    """Every night: people whose time to change their mind is over."""
    from domivka.privacy.erasures import erase_due  # as above

    erase_due(at=clock.now())
