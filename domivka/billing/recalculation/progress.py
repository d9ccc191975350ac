"""Where the job of a large act stands, for the page: written over another connection while the work's own transaction is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import connection

from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.kernel.models import JobProgress

KIND: Final = "recalculation"
Report = Callable[[str, int, int], None]
"""Called with the stage in words, steps done and steps in all."""


def silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def waiting(recalculation_id: int, *, stage: str) -> bool:
    """A job is about to be queued; False when one is under way already."""
    row, _made = JobProgress.objects.select_for_update().get_or_create(
        kind=KIND, subject_id=str(recalculation_id), defaults={"state": JobProgress.State.DONE}
    )
    if row.state in (JobProgress.State.WAITING, JobProgress.State.RUNNING):
        return False
    row.state, row.stage, row.message, row.done, row.total = JobProgress.State.WAITING, stage, "", 0, 0
    row.updated_at, row.started_at, row.finished_at = clock.now(), None, None
    row.save()
    return True


def progress_of(recalculation_id: int) -> JobProgress | None:
    """The last job of an act. One query."""
    return JobProgress.objects.filter(kind=KIND, subject_id=str(recalculation_id)).first()


_REPORT: Final = """
UPDATE kernel_jobprogress SET state = 'running', stage = %s, done = %s, total = %s, updated_at = %s,
       started_at = coalesce(started_at, %s)
WHERE kind = %s AND subject_id = %s
"""


def told(recalculation_id: int, work: Callable[[Report], object], *, broken: str) -> None:
    """Do the work and leave its outcome where the page looks. A refusal in words ends the job with those words and goes
    no further; anything else ends it with the words `broken` and is raised."""
    own = connection if connection.in_atomic_block else connection.copy()

    def report(stage: str, done: int, total: int) -> None:
        with own.cursor() as cursor:
            now = clock.now()
            cursor.execute(_REPORT, [stage, done, total, now, now, KIND, str(recalculation_id)])

    try:
        work(report)
    except DomainError as error:
        _end(recalculation_id, JobProgress.State.FAILED, str(error))
    except Exception:
        _end(recalculation_id, JobProgress.State.FAILED, broken)
        raise
    else:
        _end(recalculation_id, JobProgress.State.DONE, "")
    finally:
        if own is not connection:
            own.close()


def _end(recalculation_id: int, state: JobProgress.State, message: str) -> None:
    now = clock.now()
    JobProgress.objects.filter(kind=KIND, subject_id=str(recalculation_id)).update(
        state=state, message=message, finished_at=now, updated_at=now
    )
