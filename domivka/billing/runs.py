"""The monthly charge run: ranges of buildings, each one transaction; resumable, repeatable, parallel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import connection, transaction
from django.db.models import Max, Sum

from domivka.billing.errors import MonthNotOver, RunCancelled
from domivka.billing.frames import read_inputs
from domivka.billing.lines import charge_postings, write_lines
from domivka.billing.models import Run, RunRange
from domivka.billing.penalty import has_penalty, penalty_lines
from domivka.billing.rating import rate
from domivka.kernel import audit
from domivka.kernel.frames import id_array, read_frame
from domivka.kernel.models import JobProgress
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.kernel.processes import spread
from domivka.ledger import api as ledger

RANGE_SIZE: Final = 5_000
"""Premises in a range: large enough that a statement's fixed cost vanishes, small enough that a kill loses seconds."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did: revision 1 is the month's charges, later ones corrections; `lines` 0 means nothing had changed."""

    run_id: int | None
    period: Period
    revision: int
    ranges: int
    lines: int
    amount_kop: int
    totals: dict[str, dict[str, int]]


def plan_run(*, town_id: int, period: Period, at: dt.datetime, range_size: int = RANGE_SIZE) -> Run:
    """The unfinished run of the month, or a new one cut into ranges that never split a building. Raises `MonthNotOver`
    for a month that has not begun."""
    if period > Period.of(at.date()):
        raise MonthNotOver(period)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"run:{town_id}:{int(period)}"])
        last = Run.objects.filter(town_id=town_id, period=period).order_by("-revision").first()
        if last is not None and last.state != Run.State.DONE:
            if last.state in (Run.State.CANCELLED, Run.State.FAILED):
                Run.objects.filter(pk=last.pk).update(state=Run.State.RUNNING)
                JobProgress.objects.filter(kind="run", subject_id=str(last.pk)).update(cancel_requested=False)
            return last
        ensure_partitions(table="billing_charge_line", periods=[period])
        ensure_partitions(table="ledger_posting", periods=[period])
        run = Run.objects.create(
            town_id=town_id, period=period, revision=last.revision + 1 if last else 1, started_at=at,
            state=Run.State.RUNNING, totals={"before": _turnover(town_id, period)},
        )  # fmt: skip
        cursor.execute(_BUILDINGS, [town_id])
        ranges = _ranges(cursor.fetchall(), range_size)
        RunRange.objects.bulk_create(
            RunRange(run=run, first_building_id=low, last_building_id=high) for low, high in ranges
        )
        JobProgress.objects.create(
            kind="run", subject_id=str(run.pk), state=JobProgress.State.RUNNING, total=len(ranges), started_at=at
        )
    return run


_BUILDINGS = "SELECT building_id, count(*) FROM registry_premises WHERE town_id = %s GROUP BY 1 ORDER BY 1"


def _ranges(buildings: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """Buildings in the order of their ids joined into ranges of at least `size` premises, the last one of what is left."""
    ranges: list[tuple[int, int]] = []
    first, count = 0, 0
    for building, premises in buildings:
        first = first if count else building
        count += premises
        if count >= size:
            ranges.append((first, building))
            count = 0
    if count:
        ranges.append((first, buildings[-1][0]))
    return ranges


def run_month(
    *,
    town_id: int,
    period: Period,
    at: dt.datetime,
    user_id: int | None = None,
    workers: int = 1,
    range_size: int = RANGE_SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> RunReport:
    """Charge a month, or finish a run that was stopped, or post what changed since. Does nothing twice.

    Raises `MonthNotOver`, `RunCancelled`.
    """
    run = plan_run(town_id=town_id, period=period, at=at, range_size=range_size)
    audit.record(at=at, actor_id=user_id, action="billing.run", object_kind="run", object_id=run.pk, town_id=town_id)
    waiting = list(run.ranges.filter(done_at=None).order_by("pk").values_list("pk", flat=True))
    total = run.ranges.count()
    jobs = [{"range_id": range_id, "at": at} for range_id in waiting]
    if workers > 1 and len(waiting) > 1:
        done = spread(workers=workers, module="domivka.billing.runs", function="rate_range", jobs=jobs)
    else:
        done = (rate_range(range_id=range_id, at=at) for range_id in waiting)
    for n, _ in enumerate(done, start=1):
        if progress:
            progress(total - len(waiting) + n, total)
    return finish_run(run_id=run.pk, at=at)


def rate_range(*, range_id: int, at: dt.datetime) -> int:
    """Charge one range in one transaction; a finished range is left alone. Returns the lines written.

    Raises `RunCancelled` when somebody asked the run to stop.
    """
    with transaction.atomic():
        ranges = RunRange.objects.annotate(charges_penalty=has_penalty(town="run__town_id", period="run__period"))
        part = ranges.select_for_update(of=("self",)).select_related("run").get(pk=range_id)
        run = part.run
        if part.done_at is not None:
            return 0
        if JobProgress.objects.filter(kind="run", subject_id=str(run.pk), cancel_requested=True).exists():
            Run.objects.filter(pk=run.pk).update(state=Run.State.CANCELLED)
        else:
            _look_up_plainly()
            low, high = part.first_building_id, part.last_building_id
            inputs = read_inputs(town_id=run.town_id, period=run.period, low=low, high=high)
            lines = rate(inputs=inputs, period=run.period)
            if part.charges_penalty:
                overdue = penalty_lines(town_id=run.town_id, period=run.period, accounts=inputs.accounts)
                lines = pl.concat([lines, overdue])
            known = _known_lines(run, low, high, inputs.accounts)
            written, amount = _write_new(run, part, lines, known, inputs.accounts, at)
            RunRange.objects.filter(pk=part.pk).update(done_at=at, lines=written, amount_kop=amount)
            _step(run, at)
            return written
    raise RunCancelled


def _look_up_plainly() -> None:
    """For the transaction: each look-up from a row is for another key, and remembering those before, which the planner adds
    because it guesses at repetitions, takes longer than the look-ups."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_memoize = off")


def _step(run: Run, at: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_jobprogress SET done = done + 1, updated_at = now() WHERE kind = 'run' AND subject_id = %s",
            [str(run.pk)],
        )


_SERVICE: Final = {"account_service_id": pl.Int64}
_KNOWN: Final = {
    **_SERVICE,
    "provider_service_id": pl.Int64,
    "known_kop": pl.Int64,
    "known_volume_e6": pl.Int64,
    "corrects_id": pl.Int64,
    "is_penalty": pl.Boolean,
}
_KNOWN_SQL: Final = """
SELECT s.id, s.provider_service_id, l.known_kop, l.volume_e6, l.first_id, l.is_penalty
FROM unnest(%(services)s::bigint[]) AS o (id)
CROSS JOIN LATERAL (
    SELECT sum(amount_kop) AS known_kop, min(id) FILTER (WHERE corrects_id IS NULL) AS first_id,
           (coalesce(sum(volume) FILTER (WHERE kind NOT IN ('subscription', 'benefit')), 0) * 1000000)::bigint AS volume_e6,
           kind = 'penalty' AS is_penalty
    FROM billing_charge_line WHERE account_service_id = o.id AND period = %(period)s AND run_id IS NOT NULL
    GROUP BY kind = 'penalty'
) l
JOIN registry_accountservice s ON s.id = o.id
JOIN registry_providerservice ps ON ps.id = s.provider_service_id AND ps.mode = 'calculated'
"""
_CHARGED_SQL: Final = """
SELECT DISTINCT account_service_id FROM billing_charge_line
WHERE period = %(period)s AND run_id IS NOT NULL AND account_service_id = ANY(%(services)s::bigint[])
"""
_CLOSED_SQL: Final = """
SELECT s.id FROM registry_premises p
JOIN registry_personalaccount a ON a.premises_id = p.id
JOIN registry_accountservice s ON s.account_id = a.id AND (s.closed_on < %(first_day)s OR s.opened_on > %(last_day)s)
WHERE p.town_id = %(town)s AND p.building_id BETWEEN %(low)s AND %(high)s
"""


def _known_lines(run: Run, low: int, high: int, accounts: pl.DataFrame) -> pl.DataFrame:
    """What runs charged for the month before, by account: also by those that are not open in the month any more. In the
    month's first run there is nothing to find, unless a home was moved here from a building that is done."""
    services = accounts["account_service_id"]
    place = {
        "period": int(run.period), "low": low, "high": high, "town": run.town_id, "first_day": run.period.first_day,
        "last_day": run.period.last_day,
    }  # fmt: skip
    if run.revision == 1:
        asked = {"period": int(run.period), "services": id_array(services)}
        services = read_frame(query=_CHARGED_SQL, parameters=asked, schema=_SERVICE)["account_service_id"]
        if services.is_empty():
            return pl.DataFrame(schema=_KNOWN)
    else:
        closed = read_frame(query=_CLOSED_SQL, parameters=place, schema=_SERVICE)
        services = pl.concat([services, closed["account_service_id"]])
    asked = {"period": int(run.period), "services": id_array(services)}
    return read_frame(query=_KNOWN_SQL, parameters=asked, schema=_KNOWN)


def _write_new(
    run: Run, part: RunRange, lines: pl.DataFrame, known: pl.DataFrame, accounts: pl.DataFrame, at: dt.datetime
) -> tuple[int, int]:
    """Lines of accounts not charged yet as they are; of charged accounts one correction, where the sum differs. Penalty is
    a charge of its own."""
    lines = lines.with_columns(is_penalty=pl.col("kind") == "penalty")
    fresh = lines.join(known, on=_CHARGED_ONCE, how="anti").drop("is_penalty")
    written = write_lines(lines=fresh, period=run.period, at=at, run_id=run.pk)
    corrections = _corrections(lines, known)
    corrected = write_lines(lines=corrections, period=run.period, at=at, run_id=run.pk, corrects=True)
    movements = pl.concat([written.select(_MOVED), corrected.select(_MOVED)]).rename({"id": "ref_id"})
    if movements.height:
        owners = ["account_service_id", "provider_service_id"]
        suppliers = pl.concat([accounts.select(owners), known.select(owners)]).unique()
        personal = ledger.personal_accounts(account_service_ids=movements["account_service_id"].unique())
        movements = movements.join(suppliers, on="account_service_id").join(personal, on="account_service_id")
        booked = _booked_in(run)
        ledger.post_frame(
            town_id=run.town_id,
            key=f"run:{run.pk}:{part.first_building_id}",
            cause="run",
            cause_id=run.pk,
            period=booked,
            postings=charge_postings(town_id=run.town_id, movements=movements, period=booked),
            at=at,
        )
    return movements.height, int(movements["amount_kop"].sum())


_CHARGED_ONCE: Final = ["account_service_id", "is_penalty"]
_MOVED: Final = ["account_service_id", "kind", "amount_kop", "id"]


def _booked_in(run: Run) -> Period:
    """The month in which the run's postings stand: its own; a later revision's in the last month charged, because bills
    of the months before are out."""
    return run.period if run.revision == 1 else booked_in(town_id=run.town_id, period=run.period)


def booked_in(*, town_id: int, period: Period) -> Period:
    """Where a late change of a charged month is posted: in the last month charged."""
    last = Run.objects.filter(town_id=town_id, state=Run.State.DONE).aggregate(last=Max("period"))["last"]
    return max(period, Period(last or period))


def _corrections(lines: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """One line for each account whose month now comes to another sum than was charged; all of it back where the account
    is not charged for the month any more (closed afterwards)."""
    now = lines.group_by(_CHARGED_ONCE).agg(
        pl.col("amount_kop").sum(),
        volume_e6=pl.col("volume_e6").filter(~pl.col("kind").is_in(["subscription", "benefit"])).sum(),
        price_e7=pl.col("price_e7").first(),
        method=pl.col("method").first(),
        structure=pl.col("structure").first(),
        tariff_version_id=pl.col("tariff_version_id").last(),
    )
    changed = (
        known.join(now, on=_CHARGED_ONCE, how="left")
        .with_columns(
            amount_kop=pl.col("amount_kop").fill_null(0) - pl.col("known_kop"),
            volume_e6=pl.col("volume_e6").fill_null(0) - pl.col("known_volume_e6"),
            price_e7=pl.col("price_e7").fill_null(0),
            method=pl.when("is_penalty").then(pl.lit("penalty")).otherwise(pl.col("method").fill_null("fixed")),
            structure=pl.col("structure").fill_null(""),
        )
        .filter(pl.col("amount_kop") != 0)
    )
    empty = pl.lit(None, dtype=pl.Int64)
    return changed.with_columns(
        kind=pl.when("is_penalty").then(pl.lit("penalty")).otherwise(pl.lit("correction")),
        component=pl.lit("correction"),
        meter_id=empty,
        previous_e3=empty,
        current_e3=empty,
        base_e4=empty,
        base_kind=pl.lit(""),
        base_total_e4=empty,
        source_e6=empty,
        coefficient_e4=pl.lit(10_000, dtype=pl.Int64),
        days=empty,
    ).select(*lines.drop("is_penalty").columns, "corrects_id")


def finish_run(*, run_id: int, at: dt.datetime) -> RunReport:
    """Close a run whose ranges are all done and record its control totals; a revision that changed nothing leaves no trace."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        sums = run.ranges.aggregate(lines=Sum("lines"), amount=Sum("amount_kop"))
        lines, amount, ranges = sums["lines"] or 0, sums["amount"] or 0, run.ranges.count()
        totals = {"before": run.totals.get("before", {}), "after": _turnover(run.town_id, run.period)}
        report = RunReport(run.pk, run.period, run.revision, ranges, lines, amount, totals)
        if run.ranges.filter(done_at=None).exists() or run.state == Run.State.DONE:
            return report
        if run.revision > 1 and lines == 0:
            JobProgress.objects.filter(kind="run", subject_id=str(run.pk)).delete()
            run.delete()
            return RunReport(None, run.period, run.revision, ranges, 0, 0, totals)
        Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, finished_at=at, totals=totals)
        JobProgress.objects.filter(kind="run", subject_id=str(run.pk)).update(
            state=JobProgress.State.DONE, finished_at=at, updated_at=at
        )
        ledger.summarise_later(town_id=run.town_id, period=run.period)
        return report


def _turnover(town_id: int, period: Period) -> dict[str, int]:
    """Charged in the month on all personal accounts of the town, from the ledger: the control total."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(charged_kop + subscription_kop), 0)::bigint, coalesce(sum(correction_kop), 0)::bigint"
            " FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id"
            " WHERE a.kind = 'personal' AND a.town_id = %s AND b.period = %s",
            [town_id, int(period)],
        )
        accounts, charged, corrected = cursor.fetchone()
    return {"accounts": accounts, "charged_kop": charged, "corrected_kop": corrected}
