"""Reading imports: the list, one of them, its rows, the rejected ones as a file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Q, QuerySet, When

from domivka.exchange.errors import BatchNotFound, UnknownPreset
from domivka.exchange.models import ImportBatch, ImportReading, ImportRow
from domivka.exchange.preset import load_preset
from domivka.exchange.progress import KIND
from domivka.kernel import spreadsheet
from domivka.kernel.models import JobProgress
from domivka.kernel.money import Money
from domivka.kernel.pace import Pace, pace
from domivka.kernel.period import Period

PROBLEMS: Final = (ImportRow.State.REJECTED, ImportRow.State.UNKNOWN_ACCOUNT)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose imports a person may see: all, a town's, or a provider's own."""

    everything: bool = False
    town_ids: frozenset[int] = frozenset()
    provider_ids: frozenset[int] = frozenset()

    def filter(self) -> Q:
        if self.everything:
            return Q()
        return Q(town_id__in=self.town_ids) | Q(provider_id__in=self.provider_ids)


@dataclass(frozen=True, slots=True)
class BatchView:
    """An import as its page shows it; sums in `totals` are strings of hryvnias, differences kopiykas."""

    id: int
    town_id: int
    preset: str
    title: str
    kind: str
    period: Period
    file_name: str
    size: int
    state: str
    problem: str
    encoding: str
    provider_id: int | None
    provider: str
    uploaded_at: dt.datetime
    checked_at: dt.datetime | None
    applied_at: dt.datetime | None
    undone_at: dt.datetime | None
    totals: dict[str, Any]
    progress: ProgressView | None = None

    @property
    def problems(self) -> int:
        return int(self.totals.get("rejected", 0)) + int(self.totals.get("unknown_rows", 0))


@dataclass(frozen=True, slots=True)
class ProgressView:
    state: str
    stage: str
    done: int
    total: int
    message: str
    pace: Pace
    is_stopping: bool

    @property
    def is_running(self) -> bool:
        return self.state in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class RowView:
    """A staged row."""

    number: int
    sheet: str
    state: str
    reason: str
    account_number: str
    service_code: str
    holder: str
    address: str
    opening: Money | None
    charged: Money | None
    paid: Money | None
    closing: Money | None
    opening_difference: Money | None
    difference: Money | None


def batches(*, scope: Scope, state: str = "", preset: str = "", period: Period | None = None) -> QuerySet[ImportBatch]:
    """Imports a person may see, newest first, without their content; for a pager: turn a page into views by `as_view`."""
    rows = ImportBatch.objects.filter(scope.filter()).select_related("provider").defer("content").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if preset:
        rows = rows.filter(preset=preset)
    if period is not None:
        rows = rows.filter(period=period)
    return rows


def _progress(job: JobProgress) -> ProgressView:
    took = (job.updated_at - job.started_at).total_seconds() if job.updated_at and job.started_at else 0.0
    return ProgressView(
        job.state,
        job.stage,
        job.done,
        job.total,
        job.message,
        pace(done=job.done, total=job.total, seconds=took),
        job.cancel_requested,
    )


def as_view(row: ImportBatch, progress: ProgressView | None = None) -> BatchView:
    try:
        rules = load_preset(row.preset)
        title, kind = rules.title, rules.kind
    except UnknownPreset:  # an import outlives its preset
        title, kind = row.preset, "balances"
    return BatchView(
        id=row.pk,
        town_id=row.town_id,
        preset=row.preset,
        title=title,
        kind=kind,
        period=row.period,
        file_name=row.file_name,
        size=row.size,
        state=row.state,
        problem=row.problem,
        encoding=row.encoding,
        provider_id=row.provider_id,
        provider=row.provider.short_name if row.provider else "",
        uploaded_at=row.uploaded_at,
        checked_at=row.checked_at,
        applied_at=row.applied_at,
        undone_at=row.undone_at,
        totals=row.totals,
        progress=progress,
    )


def batch_view(*, batch_id: int, scope: Scope) -> BatchView:
    """One import with the progress of its job; two queries. Raises `BatchNotFound` for other people's too."""
    row = batches(scope=scope).filter(pk=batch_id).first()
    if row is None:
        raise BatchNotFound("Такого імпорту немає.")
    job = JobProgress.objects.filter(kind=KIND, subject_id=str(batch_id)).first()
    progress = _progress(job) if job else None
    return as_view(row, progress)


def rows_of(*, batch_id: int, what: str = "problems") -> QuerySet[ImportRow]:
    """Rows of an import in the order of the file: `problems`, `differences` or `all`. Check the batch by `batch_view`."""
    rows = ImportRow.objects.filter(batch_id=batch_id).order_by("pk")
    if what == "problems":
        return rows.filter(state__in=PROBLEMS)
    if what == "differences":
        return rows.filter(Q(difference_kop__isnull=False) | Q(opening_difference_kop__isnull=False))
    return rows


def _money(kop: int | None) -> Money | None:
    return None if kop is None else Money(kop)


def row_view(row: ImportRow) -> RowView:
    return RowView(
        number=row.number,
        sheet=row.sheet,
        state=row.state,
        reason=row.reason,
        account_number=row.account_number,
        service_code=row.service_code,
        holder=row.holder,
        address=", ".join(part for part in (row.street, row.building, row.flat) if part),
        opening=_money(row.opening_kop),
        charged=_money(row.charged_kop),
        paid=_money(row.paid_kop),
        closing=_money(row.closing_kop),
        opening_difference=_money(row.opening_difference_kop),
        difference=_money(row.difference_kop),
    )


@dataclass(frozen=True, slots=True)
class ServiceTotals:
    """Control totals of one service of a file."""

    code: str
    rows: int
    opening: Money
    charged: Money
    correction: Money
    penalty: Money
    subsidy: Money
    benefit: Money
    paid: Money
    closing: Money


def preview(*, batch: BatchView) -> list[ServiceTotals]:
    """Control totals by service, as the check kept them; no query."""
    fields = ("opening", "charged", "correction", "penalty", "subsidy", "benefit", "paid", "closing")
    return [
        ServiceTotals(code, part["rows"], *(Money.from_hryvnias(part.get(field, "0")) for field in fields))
        for code, part in batch.totals.get("services", {}).items()
    ]


def readings_of(*, batch_id: int) -> QuerySet[ImportReading]:
    """Readings of a register: those that are not taken first, then in the order of the file."""
    refused_first = Case(When(state=ImportReading.State.REFUSED, then=0), default=1)
    return ImportReading.objects.filter(batch_id=batch_id).order_by(refused_first, "pk")


def refused_readings_csv(*, batch_id: int) -> Iterator[str]:
    """Readings that were not taken, with their reasons, as CSV for a spreadsheet; cells cannot run as formulas."""
    rows = readings_of(batch_id=batch_id).filter(state=ImportReading.State.REFUSED)
    header = ["Рядок", "Аркуш", "Рахунок", "Лічильник", "Зона", "Показання", "Дата платежу", "Причина"]
    fields = ("number", "sheet", "account_number", "meter_number", "zone", "said", "paid_on", "reason")
    yield spreadsheet.MARK + spreadsheet.line(header)
    for row in rows.values_list(*fields).iterator(chunk_size=2000):
        yield spreadsheet.line(f"{cell:%d.%m.%Y}" if isinstance(cell, dt.date) else cell for cell in row)


def rejected_csv(*, batch_id: int) -> Iterator[str]:
    """Rows that were not taken, with their reasons, as CSV for a spreadsheet; cells cannot run as formulas."""
    rows = rows_of(batch_id=batch_id).values_list("number", "sheet", "reason", "raw").iterator(chunk_size=2000)
    header: list[str] | None = None
    for number, sheet, reason, text in rows:
        raw = json.loads(text)
        if header is None:
            header = list(raw)
            yield spreadsheet.MARK + spreadsheet.line(["Рядок", "Аркуш", "Причина", *header])
        yield spreadsheet.line([number, sheet, reason, *((raw.get(key) or "") for key in header)])
