"""Jobs about jobs."""

from __future__ import annotations

import logging
from typing import Final

from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from domivka.kernel import clock
from domivka.kernel.partitions import ensure_ahead

ATTEMPTS: Final = 5
"""How often a job is taken over from a dead worker: one that kills its worker each time is put aside as failed."""
SILENT_SECONDS: Final = 30
"""A worker reports every ten seconds; after thirty without a word it is taken for dead."""

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="kernel.take_over", queue="maintenance", queueing_lock="kernel.take_over")
async def take_over(timestamp: int) -> None:
    """Every minute: jobs whose worker died, on whichever host, go back to the queue. Every job of ours may run twice."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        if job.id is None:
            continue
        if job.attempts < ATTEMPTS:
            log.warning("job %s of a dead worker goes back to the queue", job.id)
            await app.job_manager.retry_job(job)
        else:
            log.error("job %s killed its worker %s times and is put aside", job.id, job.attempts)
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="5 0,12 * * *")
@app.task(name="kernel.partitions", queue="maintenance", queueing_lock="kernel.partitions")
def partitions(timestamp: int) -> None:
    """Twice a day: the months that will be written next. Again changes nothing."""
    ensure_ahead(period=clock.current_period())
