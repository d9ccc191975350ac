"""Jobs of the run: one that plans, one a range; and of large recalculations."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.billing.errors import RunCancelled
from domivka.billing.recalculation import operations, progress
from domivka.billing.runs import finish_run, plan_run, rate_range
from domivka.kernel import clock
from domivka.kernel.period import Period


@app.task(name="billing.run")
def run(*, town_id: int, period: int) -> None:
    """Plan a run and queue its ranges."""
    planned = plan_run(town_id=town_id, period=Period(period), at=clock.now())
    for range_id in planned.ranges.filter(done_at=None).order_by("pk").values_list("pk", flat=True):
        rate.defer(range_id=range_id, run_id=planned.pk)


@app.task(name="billing.rate_range", retry=3)
def rate(*, range_id: int, run_id: int) -> None:
    """Charge one range; the last one closes the run."""
    try:
        rate_range(range_id=range_id, at=clock.now())
    except RunCancelled:
        return
    finish_run(run_id=run_id, at=clock.now())


_NOTHING_CHANGED = "Сталася помилка, нічого не змінено. Спробуйте ще раз або напишіть операторові."


@app.task(name="billing.apply_recalculation")
def apply_recalculation(*, recalculation_id: int, user_id: int | None) -> None:
    """Post a large act; a refusal in words is told on its page and is no fault of the job."""

    def work(report: progress.Report) -> None:
        operations.apply(recalculation_id=recalculation_id, user_id=user_id, at=clock.now(), report=report)

    progress.told(recalculation_id, work, broken=_NOTHING_CHANGED)


@app.task(name="billing.undo_recalculation")
def undo_recalculation(*, recalculation_id: int, user_id: int | None) -> None:
    """Take a large act back."""

    def work(report: progress.Report) -> None:
        operations.undo(recalculation_id=recalculation_id, user_id=user_id, at=clock.now(), report=report)

    progress.told(recalculation_id, work, broken=_NOTHING_CHANGED)
