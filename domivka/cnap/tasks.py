"""Jobs of the CNAP."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.cnap import files
from domivka.kernel import clock


@app.periodic(cron="40 3 * * *")
@app.task(name="cnap.sweep_files", queue="maintenance")
def sweep_files(timestamp: int) -> None:
    """Every night: contents of files that nobody refers to any more."""
    files.sweep(at=clock.now())
