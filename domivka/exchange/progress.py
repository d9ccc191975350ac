"""How far a check or an apply has come, for the page and the terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from domivka.kernel import clock
from domivka.kernel.models import JobProgress

KIND: Final = "import"
Report = Callable[[str, int, int], None]
"""Called with the stage in words, rows done, rows in all."""


def silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def waiting(batch_id: int, *, stage: str) -> None:
    """A job was put in the queue."""
    _save(batch_id, state=JobProgress.State.WAITING, stage=stage, done=0, total=0, message="", finished_at=None)


def reporter(batch_id: int) -> Report:
    """A report that the page of the import shows."""
    _save(batch_id, state=JobProgress.State.RUNNING, started_at=clock.now(), message="", finished_at=None)

    last = ""

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        begun = {} if stage == last else {"started_at": clock.now()}  # each stage has its own pace
        last = stage
        _save(batch_id, state=JobProgress.State.RUNNING, stage=stage, done=done, total=total, **begun)

    return report


def finished(batch_id: int, *, message: str = "", failed: bool = False) -> None:
    """The job ended; `message` says why when it failed."""
    state = JobProgress.State.FAILED if failed else JobProgress.State.DONE
    _save(batch_id, state=state, message=message, finished_at=clock.now())


def _save(batch_id: int, **fields: str | int | dt.datetime | None) -> None:
    JobProgress.objects.update_or_create(
        kind=KIND, subject_id=str(batch_id), defaults={**fields, "updated_at": clock.now()}
    )
