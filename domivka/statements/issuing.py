"""Issuing bills: ranges of homes, each one transaction; resumable, repeatable, parallel.

A bill is issued once: whatever was stopped or killed when, issuing again makes the bills that are not there yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from domivka.homes.api import issue_keys
from domivka.kernel import audit
from domivka.kernel.copy import copy_frame
from domivka.kernel.errors import DomainError
from domivka.kernel.models import JobProgress
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.processes import spread
from domivka.registry import api as registry
from domivka.registry.models import Premises
from domivka.statements.content import BillDoesNotAddUp
from domivka.statements.reading import read_homes, read_inputs
from domivka.statements.wording import WordedBill, Wording

RANGE_SIZE: Final = 1000
"""Homes in a range: the fixed cost of its queries vanishes, a kill loses a fraction of a second, memory stays flat."""
KIND: Final = "bills"


class IssuingCancelled(DomainError):
    """Somebody asked to stop; the bills issued so far stay."""


@dataclass(frozen=True, slots=True)
class Issued:
    """How many bills were made now, and the sum they ask for."""

    bills: int
    to_pay: Money


def issue_bills(
    *,
    town_id: int,
    period: Period,
    at: dt.datetime,
    user_id: int | None = None,
    workers: int = 1,
    range_size: int = RANGE_SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> Issued:
    """Issue the bills of a month that are not there yet; `progress` is told homes done and all homes of this call.

    Raises `BillDoesNotAddUp`: then none of that range is issued; `IssuingCancelled`.
    """
    subject = subject_of(town_id=town_id, period=period)
    ids = _without_bill(town_id, period)
    parts = [ids[start : start + range_size] for start in range(0, len(ids), range_size)]
    _begin(subject, len(ids), at)
    jobs = [{"town_id": town_id, "period": period, "at": at, "first": part[0], "last": part[-1]} for part in parts]
    if workers > 1 and len(jobs) > 1:
        made = spread(workers=workers, module=__name__, function="issue_range", jobs=jobs)
    else:
        made = (issue_range(**job) for job in jobs)  # type: ignore[arg-type]  # the dictionaries above
    bills = to_pay_kop = done = 0
    try:
        for part, (count, kop) in zip(parts, made, strict=True):
            bills, to_pay_kop, done = bills + count, to_pay_kop + kop, done + len(part)
            if progress:
                progress(done, len(ids))
    except IssuingCancelled:
        _end(subject, JobProgress.State.CANCELLED, at)
        raise
    except BillDoesNotAddUp as error:
        _end(subject, JobProgress.State.FAILED, at, message=str(error))
        raise
    _end(subject, JobProgress.State.DONE, at)
    if bills:
        audit.record(
            at=at, actor_id=user_id, action="statements.issued", object_kind="period", object_id=int(period),
            town_id=town_id, detail={"bills": bills},
        )  # fmt: skip
    return Issued(bills, Money(to_pay_kop))


@transaction.atomic
def cancel_issuing(*, town_id: int, period: Period, at: dt.datetime, user_id: int | None) -> None:
    """Stop after the ranges being issued now; their bills stay. Issuing again goes on from there."""
    JobProgress.objects.filter(kind=KIND, subject_id=subject_of(town_id=town_id, period=period)).update(
        cancel_requested=True, updated_at=at
    )
    audit.record(
        at=at, actor_id=user_id, action="statements.issuing_cancelled", object_kind="period", object_id=int(period),
        town_id=town_id,
    )  # fmt: skip


def stopped(*, town_id: int, period: Period, at: dt.datetime) -> bool:
    """Whether somebody asked to stop while the job waited, or its worker died: then it is over."""
    subject = subject_of(town_id=town_id, period=period)
    asked = JobProgress.objects.filter(kind=KIND, subject_id=subject, cancel_requested=True).exists()
    if asked:
        _end(subject, JobProgress.State.CANCELLED, at)
    return asked


def subject_of(*, town_id: int, period: Period) -> str:
    """Under which name the progress of a town's month is kept."""
    return f"{town_id}:{int(period)}"


def _begin(subject: str, total: int, at: dt.datetime) -> None:
    """Counted anew each time, of the homes that are left: the pace is that of this time."""
    row = JobProgress(
        kind=KIND, subject_id=subject, state=JobProgress.State.RUNNING, total=total, started_at=at, updated_at=at
    )
    names = ["state", "done", "total", "message", "started_at", "updated_at", "finished_at", "cancel_requested"]
    JobProgress.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["kind", "subject_id"], update_fields=names
    )


def _end(subject: str, state: str, at: dt.datetime, message: str = "") -> None:
    JobProgress.objects.filter(kind=KIND, subject_id=subject).update(state=state, message=message, finished_at=at)


def _without_bill(town_id: int, period: Period) -> list[int]:
    wanted = Premises.objects.filter(town_id=town_id).exclude(bill__period=period)
    return list(wanted.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def issue_range(*, town_id: int, period: Period, at: dt.datetime, first: int, last: int) -> tuple[int, int]:
    """Issue the bills of the premises `first..last` in one transaction; those that have one keep it, those without
    services get none. A fixed number of queries. Returns the bills made and the kopiykas they ask for.

    Raises `IssuingCancelled`, `BillDoesNotAddUp`.
    """
    subject = subject_of(town_id=town_id, period=period)
    if JobProgress.objects.filter(kind=KIND, subject_id=subject, cancel_requested=True).exists():
        raise IssuingCancelled(_("Видачу рахунків зупинено. Видані рахунки залишаються."))
    town = next(town for town in registry.towns() if town.id == town_id)
    with translation.override("uk"):  # the paper is Ukrainian whoever asks for it
        inputs = read_inputs(town_id=town_id, period=period, first=first, last=last)
        wording = Wording(town=town, period=period, at=at, inputs=inputs)
        ids = inputs.services["premises_id"].unique(maintain_order=True).to_list()
        # Whoever issues the same homes at the same moment waits here for the keys, and then finds the bills.
        keys = issue_keys(premises_ids=ids, period=period, at=at)
        homes = read_homes(premises_ids=ids, period=period)
        frame = _frame(wording.bills(homes=homes, keys=keys), period, at)
    copy_frame(table="statements_bill", frame=frame)
    # The last step: others wait for this row.
    JobProgress.objects.filter(kind=KIND, subject_id=subject).update(done=F("done") + len(ids), updated_at=Now())
    return frame.height, int(frame["to_pay_kop"].sum())


_ROW: Final = {
    "premises_id": pl.Int64, "number": pl.String, "due_on": pl.String, "to_pay_kop": pl.Int64, "charged_kop": pl.Int64,
    "content": pl.String,
}  # fmt: skip


def _frame(bills: Iterable[WordedBill], period: Period, at: dt.datetime) -> pl.DataFrame:
    """Rows of the table."""
    return pl.DataFrame(list(bills), schema=_ROW, orient="row").with_columns(
        period=pl.lit(int(period)), issued_at=pl.lit(at)
    )


@transaction.atomic
def choose_paper(*, premises_id: int, town_id: int, on_paper: bool, user_id: int, at: dt.datetime) -> None:
    """Whether a home gets its bills on paper, from the next print run on."""
    Premises.objects.filter(pk=premises_id).update(paper_bill=on_paper)
    audit.record(
        at=at, actor_id=user_id, action="statements.paper", object_kind="premises", object_id=premises_id,
        town_id=town_id, detail={"on_paper": on_paper}, premises_ids=[premises_id],
    )  # fmt: skip
