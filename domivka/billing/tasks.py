"""Jobs of the run: one that plans, one a range."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.billing.errors import RunCancelled
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
