"""The monthly run against `COPY` of its own result; the what-if; bills."""

from __future__ import annotations

import datetime as dt
import io
import os
import time
from decimal import Decimal

from django.db import connection

from bench import town, typst_bill
from bench.harness import Result, peak_mib, percentile, result, seconds
from bench.town import AT, OCT
from domivka.billing.api import finish_run, plan_run, rate_range, run_month, what_if
from domivka.kernel.period import Period
from domivka.kernel.processes import spread
from domivka.ledger.api import Finding, seal, verify
from domivka.metering.models import Meter
from domivka.registry.models import Premises, Town
from domivka.statements import api as statements
from domivka.statements.models import PrintPart

LATER = dt.datetime(2027, 3, 2, 9, 0, tzinfo=dt.UTC)
_RUN_NOTE = (
    "readings → volumes → lines with their explanation → postings → balances, committed, two workers; COPY of the same "
    "lines, postings and balances into empty twins with their indexes, one connection"
)


def monthly_run(town_id: int) -> list[Result]:
    """The month of the whole town, and the same again when nothing has changed."""
    start = time.perf_counter()
    report = run_month(town_id=town_id, period=OCT, at=AT, workers=2)
    took = time.perf_counter() - start
    copied = sum(
        _copy_of(table, rows)
        for table, rows in [
            (f"billing_charge_line_{int(OCT)}", ""),
            (f"ledger_posting_{int(OCT)}", ""),
            ("ledger_balance", f"WHERE period = {int(OCT)}"),
        ]
    )
    again = seconds(lambda: run_month(town_id=town_id, period=OCT, at=AT, workers=2))
    full = report.lines >= FULL_RUN
    return [
        result(
            "monthly_run", took, "s", reference=copied, target="≤ 20 s and ≤ 3 × COPY",
            met=lambda value, ratio: (ratio or 9) <= 3 and (value <= 20 or not full), note=f"{report.lines} lines: {_RUN_NOTE}",
        ),
        result("monthly_run_lines_per_s", report.lines / took, "lines/s"),
        result("monthly_run_again", again, "s", note="nothing changed: the whole check, no line written"),
    ]  # fmt: skip


FULL_RUN = 1_000_000
"""Lines from which the time of the run is held against its target."""


def timed_run(*, town_id: int, period: int) -> tuple[float, int, float]:
    """Seconds, lines and the peak of memory in MiB of a run by one worker; in a process of its own."""
    start = time.perf_counter()
    lines = run_month(town_id=town_id, period=Period(period), at=LATER).lines
    return time.perf_counter() - start, lines, peak_mib()


def linear_growth(town_id: int) -> list[Result]:
    """The same month of a fiftieth, a tenth and the whole of the town, one worker: microseconds a charge."""
    whole = Premises.objects.filter(town_id=town_id).count()
    parts = [town.build(premises=whole // share, code=code) for share, code in [(50, 2), (10, 3)]]
    jobs = [{"town_id": one, "period": int(OCT.next)} for one in [*parts, town_id]]
    runs = [
        next(spread(workers=1, module="bench.charging", function="timed_run", jobs=[job])) for job in jobs
    ]  # a process each, for its memory
    costs = [took / lines * 1e6 for took, lines, _ in runs]
    said = "; ".join(f"{lines} lines {took:.1f} s, {memory:.0f} MiB" for took, lines, memory in runs)
    return [
        result(
            "linear_growth", costs[-1], "µs a charge", reference=costs[1], target="± 15 %",
            met=lambda _, ratio: abs((ratio or 9) - 1) <= 0.15,
            note=f"one worker, the whole town against a tenth of it; {said}; costs a charge {', '.join(f'{c:.1f}' for c in costs)} µs. Every town has a year of balances; each account's "
            "new balance goes beside its old ones in one index, which costs more where the index no longer fits the processor's cache",
        )
    ]  # fmt: skip


def pinned(*, core: int, range_ids: list[int]) -> tuple[float, float]:
    """When a worker bound to one core began and ended its ranges; in a process of its own."""
    os.sched_setaffinity(0, {core})
    begun = time.time()
    for range_id in range_ids:
        rate_range(range_id=range_id, at=LATER)
    return begun, time.time()


def scale_out(_town_id: int) -> list[Result]:
    """Two worker processes, bound to a core each, against one: the same town, two like months."""
    tenth = Town.objects.order_by("pk").last()
    assert tenth is not None
    size = max(1, Premises.objects.filter(town=tenth).count() // 16)
    took = []
    for workers, period in [(1, OCT.shift(2)), (2, OCT.shift(3))]:
        planned = plan_run(town_id=tenth.pk, period=period, at=LATER, range_size=size)
        ids = list(planned.ranges.order_by("pk").values_list("pk", flat=True))
        jobs = [{"core": sorted(os.sched_getaffinity(0))[n], "range_ids": ids[n::workers]} for n in range(workers)]
        times = list(spread(workers=workers, module="bench.charging", function="pinned", jobs=jobs))
        finish_run(run_id=planned.pk, at=LATER)
        took.append(max(end for _, end in times) - min(begun for begun, _ in times))
    return [
        result(
            "scale_out", took[0] / took[1], "× faster", target="≥ 1.8 ×", met=lambda value, _: value >= 1.8,
            note=f"one worker {took[0]:.1f} s, two {took[1]:.1f} s, the database on the same two cores: a worker waits while "
            "the database works for it, so each pair takes one core; a third pair would find none",
        )
    ]  # fmt: skip


def _copy_of(table: str, rows: str = "") -> float:
    """Seconds to `COPY` rows of a table into an empty twin with its indexes."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_twin (LIKE {table} INCLUDING INDEXES)")
        cursor.execute(
            "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = 'bench_twin'::regclass AND attnum > 0 AND NOT attisdropped"
        )
        columns = cursor.fetchone()[0]
        with cursor.copy(f"COPY (SELECT {columns} FROM {table} {rows}) TO STDOUT (FORMAT csv)") as out:
            for block in out:
                buffer.write(block)
        start = time.perf_counter()
        with cursor.copy(f"COPY bench_twin ({columns}) FROM STDIN (FORMAT csv)") as into:
            into.write(buffer.getbuffer())
        took = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_twin")
    return took


def one_home(town_id: int) -> list[Result]:
    meters = list(Meter.objects.select_related("account_service__account").order_by("pk")[:300:3])

    def once(meter: Meter) -> None:
        home = meter.account_service.account.premises_id
        what_if(premises_id=home, period=OCT.next, readings={(meter.pk, "single"): Decimal(155)})

    once(meters[0])
    start = time.process_time()
    times = [seconds(lambda meter=meter: once(meter)) for meter in meters]  # type: ignore[misc]  # bound now
    busy = (time.process_time() - start) / len(times)
    return [
        result(
            "what_if", percentile(times, 0.95) * 1000, "ms p95", target="≤ 30 ms", met=lambda value, _: value <= 30,
            note=f"one home, all its services, the run's own code; median {percentile(times, 0.5) * 1000:.0f} ms, of which "
            f"{busy * 1000:.0f} ms of processor in the web process: sixty steps on frames of a few rows; no reference",
        )
    ]  # fmt: skip


def papers(town_id: int) -> list[Result]:
    """Bills: issued, one on request, and a print run; the same contents set by Typst anew are the reference."""
    issued = seconds(lambda: statements.issue_bills(town_id=town_id, period=OCT, at=AT, workers=2))
    ids = list(Premises.objects.order_by("pk").values_list("pk", flat=True)[:1000])
    statements.bill_pdf(premises_id=ids[0])
    times = [seconds(lambda home=home: statements.bill_pdf(premises_id=home)) for home in ids[:60]]  # type: ignore[misc]  # bound now
    contents = [statements.bill_content(premises_id=home) for home in ids]
    by_typst = [seconds(lambda one=one: typst_bill.bill(one)) for one in contents[:20]]  # type: ignore[misc]  # bound now
    size = len(statements.bill_pdf(premises_id=ids[0]))
    printing = seconds(lambda: _print(town_id))
    parts = list(PrintPart.objects.defer("bill_ids"))
    printed, size_of_all = sum(part.last - part.first + 1 for part in parts), sum(part.size for part in parts)
    return [
        result("issue_bills", Premises.objects.count() / issued, "bills/s", note="content frozen, keys rotated"),
        result(
            "single_bill",
            percentile(times, 0.95) * 1000,
            "ms p95",
            reference=percentile(by_typst, 0.95) * 1000,
            target="≤ 50 ms",
            met=lambda value, _: value <= 50,
            note=f"from the database to PDF, {size / 1000:.1f} kB; the same bill set by Typst, {len(typst_bill.bill(contents[0])) // 1000} kB",
        ),
        result(
            "print_run",
            printed / printing,
            "bills/s",
            reference=len(by_typst) / sum(by_typst),
            target="≥ 5 584 bills/s (167 500 in 30 s), ≤ 5 kB a bill",
            met=lambda value, _: value >= 167_500 / 30 and size_of_all / printed <= 5000,
            note=f"{printed} bills from the database to {len(parts)} files with address sides and control totals, two "
            f"processes with their start, {size_of_all / printed / 1000:.2f} kB a bill; Typst, bill by bill, one core",
        ),
    ]


def _print(town_id: int) -> None:
    run_id = statements.start_print(town_id=town_id, period=OCT, at=AT)
    statements.print_all(run_id=run_id, at=AT, workers=2)


def proof(_town_id: int) -> list[Result]:
    sealing = seconds(lambda: seal(at=AT))
    with connection.cursor() as cursor:
        scan = seconds(
            lambda: [
                cursor.execute("SELECT count(*), sum(amount_kop) FROM ledger_posting"),
                cursor.execute("SELECT count(*), sum(net_kop) FROM ledger_balance"),
            ]
        )
        cursor.execute("SELECT count(*) FROM ledger_posting")
        postings = cursor.fetchone()[0]
    found: list[Finding] = []
    took = seconds(lambda: found.extend(verify(workers=2)))
    return [
        result(
            "ledger_proof", took, "s", reference=scan, target="≤ 60 s, nothing found",
            met=lambda value, _: value <= 60 and not found,
            note=f"{postings} postings: every transaction, balance and seal, two workers; a sequential scan of both tables",
        ),
        result("ledger_seal", sealing, "s"),
    ]  # fmt: skip
