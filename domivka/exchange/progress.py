"""How far a check or an apply has come, for the page and the terminal; and the wish to stop it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from django.db import connection

from domivka.exchange.errors import Stopped
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.kernel.models import JobProgress

KIND: Final = "import"
_STOPPED: Final = "Зупинено. Нічого не змінено."
_BROKEN: Final = "Сталася помилка. Нічого не змінено. Спробуйте ще раз або напишіть операторові."
_T = TypeVar("_T")
Report = Callable[[str, int, int], None]
"""Called with the stage in words, rows done, rows in all; raises `Stopped` when somebody asked to stop."""


def silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def waiting(batch_id: int, *, stage: str) -> None:
    """A job was put in the queue."""
    _save(
        batch_id,
        state=JobProgress.State.WAITING, stage=stage, done=0, total=0, message="", finished_at=None, cancel_requested=False,
    )  # fmt: skip


def ask_to_stop(batch_id: int) -> None:
    """The job of the import ends at its next report, with nothing changed; a job that has ended is left alone."""
    running = [JobProgress.State.WAITING, JobProgress.State.RUNNING]
    JobProgress.objects.filter(kind=KIND, subject_id=str(batch_id), state__in=running).update(cancel_requested=True)


_REPORT: Final = """
UPDATE kernel_jobprogress SET stage = %(stage)s, done = %(done)s, total = %(total)s, updated_at = %(now)s,
       started_at = CASE WHEN %(done)s = 0 THEN %(now)s ELSE started_at END
WHERE kind = %(kind)s AND subject_id = %(subject)s RETURNING cancel_requested
"""


@contextmanager
def reporting(batch_id: int) -> Iterator[Report]:
    """A report that the page of the import shows, also while the work's own transaction is open: it is written over
    another connection. Work inside a transaction of the caller's reports in that."""
    _save(batch_id, state=JobProgress.State.RUNNING, started_at=clock.now(), message="", finished_at=None)
    own = connection if connection.in_atomic_block else connection.copy()

    def report(stage: str, done: int, total: int) -> None:
        with own.cursor() as cursor:
            values: dict[str, str | int | dt.datetime] = {"stage": stage, "done": done, "total": total}
            values |= {"now": clock.now(), "kind": KIND, "subject": str(batch_id)}
            cursor.execute(_REPORT, values)
            (stop,) = cursor.fetchone()
        if stop:
            raise Stopped(_STOPPED)

    try:
        yield report
    finally:
        if own is not connection:
            own.close()


def told(batch_id: int, work: Callable[[Report], _T], *, also: Report = silent) -> _T:
    """Do the work with a report, and leave its outcome where the page looks; errors go on to the caller. Ctrl-C is a
    wish to stop, raised as `Stopped`."""

    def report(stage: str, done: int, total: int) -> None:
        also(stage, done, total)
        shown(stage, done, total)

    try:
        with reporting(batch_id) as shown:
            outcome = work(report)
    except (Stopped, KeyboardInterrupt) as stopped:
        _end(batch_id, JobProgress.State.CANCELLED, _STOPPED)
        raise Stopped(_STOPPED) from stopped
    except DomainError as error:
        _end(batch_id, JobProgress.State.FAILED, str(error))
        raise
    except Exception:
        _end(batch_id, JobProgress.State.FAILED, _BROKEN)
        raise
    _end(batch_id, JobProgress.State.DONE, "")
    return outcome


def _end(batch_id: int, state: JobProgress.State, message: str) -> None:
    _save(batch_id, state=state, message=message, finished_at=clock.now(), cancel_requested=False)


def _save(batch_id: int, **fields: str | int | dt.datetime | None) -> None:
    JobProgress.objects.update_or_create(
        kind=KIND, subject_id=str(batch_id), defaults={**fields, "updated_at": clock.now()}
    )
