"""Jobs of imports. A refusal in words ends the job as failed with those words; nothing is retried by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from procrastinate.contrib.django import app

from domivka.exchange import progress
from domivka.exchange.operations import applying, staging, undoing
from domivka.exchange.progress import Report
from domivka.kernel import clock
from domivka.kernel.errors import DomainError


@app.task(name="exchange.check", queue="imports")
def check_batch(batch_id: int) -> None:
    """Read and stage a file."""
    _told(batch_id, lambda report: staging.check(batch_id=batch_id, at=clock.now(), report=report))


@app.task(name="exchange.apply", queue="imports")
def apply_batch(batch_id: int, user_id: int | None) -> None:
    """Apply a checked file in one transaction."""
    _told(batch_id, lambda report: applying.apply(batch_id=batch_id, user_id=user_id, at=clock.now(), report=report))


@app.task(name="exchange.undo", queue="imports")
def undo_batch(batch_id: int, user_id: int | None) -> None:
    """Take an applied file back."""

    def work(report: Report) -> None:
        report("Скасовуємо", 0, 0)
        undoing.undo(batch_id=batch_id, user_id=user_id, at=clock.now())

    _told(batch_id, work)


def _told(batch_id: int, work: Callable[[Report], object]) -> None:
    with suppress(DomainError):  # a refusal is told on the page and is no fault of the job
        progress.told(batch_id, work)
