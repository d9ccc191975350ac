"""Jobs of imports. A refusal in words ends the job as failed with those words; nothing is retried by itself."""

from __future__ import annotations

from collections.abc import Callable

from procrastinate.contrib.django import app

from domivka.exchange import progress
from domivka.exchange.operations import applying, staging, undoing
from domivka.kernel import clock
from domivka.kernel.errors import DomainError

_BROKEN = "Сталася помилка. Нічого не змінено. Спробуйте ще раз або напишіть операторові."


@app.task(name="exchange.check", queue="imports")
def check_batch(batch_id: int) -> None:
    """Read and stage a file."""
    report = progress.reporter(batch_id)
    _told(batch_id, lambda: staging.check(batch_id=batch_id, at=clock.now(), report=report))


@app.task(name="exchange.apply", queue="imports")
def apply_batch(batch_id: int, user_id: int | None) -> None:
    """Apply a checked file in one transaction."""
    report = progress.reporter(batch_id)
    _told(batch_id, lambda: applying.apply(batch_id=batch_id, user_id=user_id, at=clock.now(), report=report))


@app.task(name="exchange.undo", queue="imports")
def undo_batch(batch_id: int, user_id: int | None) -> None:
    """Take an applied file back."""
    progress.reporter(batch_id)("Скасовуємо", 0, 0)
    _told(batch_id, lambda: undoing.undo(batch_id=batch_id, user_id=user_id, at=clock.now()))


def _told(batch_id: int, work: Callable[[], object]) -> None:
    """Do the work and leave its outcome where the page looks."""
    try:
        work()
    except DomainError as error:
        progress.finished(batch_id, message=str(error), failed=True)
    except Exception:
        progress.finished(batch_id, message=_BROKEN, failed=True)
        raise
    else:
        progress.finished(batch_id)
