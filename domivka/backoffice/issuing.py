"""Issuing a month's bills as the operator's page shows it: started, progress, cancel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from domivka.billing.api import MonthNotOver
from domivka.kernel import audit
from domivka.kernel.models import JobProgress
from domivka.kernel.pace import Pace, pace
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.statements import api as statements
from domivka.statements.tasks import issue


@dataclass(frozen=True, slots=True)
class IssuingView:
    """How far the bills of a town's month are: homes done of those that had no bill when it was last started."""

    town_id: int
    town: str
    period: Period
    state: str
    done: int
    total: int
    message: str
    started_at: dt.datetime | None
    cancel_requested: bool
    pace: Pace

    @property
    def is_active(self) -> bool:
        return self.state in (JobProgress.State.WAITING, JobProgress.State.RUNNING) and not self.cancel_requested


def recent(*, now: dt.datetime, limit: int = 24) -> list[IssuingView]:
    """The months whose bills were issued last. Two queries."""
    towns = {town.id: town.name for town in registry.towns()}
    rows = JobProgress.objects.filter(kind=statements.BILLS_JOB).order_by("-updated_at", "-pk")[:limit]
    return [_view(row, towns, now) for row in rows]


def _view(row: JobProgress, towns: dict[int, str], now: dt.datetime) -> IssuingView:
    town_id, period = (int(part) for part in row.subject_id.split(":"))
    seconds = ((row.finished_at or now) - row.started_at).total_seconds() if row.started_at else 0
    return IssuingView(
        town_id=town_id,
        town=towns.get(town_id, ""),
        period=Period(period),
        state=row.state,
        done=row.done,
        total=row.total,
        message=row.message,
        started_at=row.started_at,
        cancel_requested=row.cancel_requested,
        pace=pace(done=row.done, total=row.total, seconds=seconds),
    )


@transaction.atomic
def start(*, town_id: int, period: Period, user_id: int, at: dt.datetime) -> None:
    """Queue the issuing of the bills that are not there yet; jobs of one month go one after another. Raises
    `MonthNotOver` for a month that has not begun: a bill is frozen for ever."""
    if period > Period.of(at.date()):
        raise MonthNotOver(period)
    subject = statements.subject_of(town_id=town_id, period=period)
    waiting = {"state": JobProgress.State.WAITING, "done": 0, "total": 0, "message": "", "cancel_requested": False}
    JobProgress.objects.update_or_create(
        kind=statements.BILLS_JOB, subject_id=subject, defaults={**waiting, "started_at": None, "updated_at": at}
    )
    audit.record(
        at=at, actor_id=user_id, action="statements.issuing", object_kind="period", object_id=int(period),
        town_id=town_id,
    )  # fmt: skip
    issue.configure(lock=f"bills:{subject}").defer(town_id=town_id, period=int(period), user_id=user_id)
