"""Runs as the operator's pages show them: started, progress, control totals, cancel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Sum

from domivka.billing import api as billing
from domivka.billing.models import Run
from domivka.billing.tasks import rate as rate_task
from domivka.kernel import audit, clock
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import JobProgress
from domivka.kernel.money import Money
from domivka.kernel.pace import Pace, pace
from domivka.kernel.period import Period


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with how far it has come and what it charged."""

    id: int
    period: Period
    revision: int
    state: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    done: int
    total: int
    lines: int
    amount: Money
    totals: dict[str, object]
    cancel_requested: bool

    @property
    def pace(self) -> Pace:
        """Of the parts of the town, up to the end or to now."""
        end = self.finished_at or clock.now()
        return pace(done=self.done, total=self.total, seconds=(end - self.started_at).total_seconds())

    @property
    def is_active(self) -> bool:
        return self.state in (Run.State.PLANNED, Run.State.RUNNING) and not self.cancel_requested

    @property
    def tone(self) -> str:
        if self.state == Run.State.DONE:
            return "good"
        return "bad" if self.state in (Run.State.FAILED, Run.State.CANCELLED) else "waiting"


def _views(rows: list[Run]) -> list[RunView]:
    progress = {
        p.subject_id: p for p in JobProgress.objects.filter(kind="run", subject_id__in=[str(row.pk) for row in rows])
    }
    sums = {
        row["pk"]: row
        for row in Run.objects.filter(pk__in=[row.pk for row in rows])
        .annotate(
            n=Count("ranges"), done=Count("ranges__done_at"), lines=Sum("ranges__lines"), kop=Sum("ranges__amount_kop")
        )
        .values("pk", "n", "done", "lines", "kop")
    }
    return [
        RunView(
            id=row.pk,
            period=row.period,
            revision=row.revision,
            state=row.state,
            started_at=row.started_at,
            finished_at=row.finished_at,
            done=sums[row.pk]["done"],
            total=sums[row.pk]["n"],
            lines=sums[row.pk]["lines"] or 0,
            amount=Money(sums[row.pk]["kop"] or 0),
            totals=row.totals,
            cancel_requested=str(row.pk) in progress and progress[str(row.pk)].cancel_requested,
        )
        for row in rows
    ]


def recent(limit: int = 24) -> list[RunView]:
    """The newest runs. Three queries."""
    return _views(list(Run.objects.order_by("-pk")[:limit]))


def one(run_id: int) -> RunView:
    """One run. Raises `NotFoundError`."""
    rows = list(Run.objects.filter(pk=run_id))
    if not rows:
        raise NotFoundError("Немає такого нарахування.")
    return _views(rows)[0]


@transaction.atomic
def start(*, town_id: int, period: Period, user_id: int, at: dt.datetime) -> int:
    """Plan the month's run and queue its parts; the run's id. Raises what `billing.plan_run` raises."""
    run = billing.plan_run(town_id=town_id, period=period, at=at)
    audit.record(at=at, actor_id=user_id, action="run.started", object_kind="run", object_id=run.pk, town_id=town_id)
    for range_id in run.ranges.filter(done_at=None).order_by("pk").values_list("pk", flat=True):
        rate_task.defer(range_id=range_id, run_id=run.pk)
    return run.pk


@transaction.atomic
def cancel(*, run_id: int, user_id: int, at: dt.datetime) -> None:
    """Ask a run to stop before its next part. Raises `NotFoundError`."""
    run = one(run_id)
    JobProgress.objects.update_or_create(
        kind="run", subject_id=str(run.id), defaults={"cancel_requested": True, "updated_at": at}
    )
    audit.record(at=at, actor_id=user_id, action="run.cancelled", object_kind="run", object_id=run.id)
