"""The monthly run against `COPY` of its own result; the what-if; bills."""

from __future__ import annotations

import io
import time
from decimal import Decimal

from django.db import connection

from bench import typst_bill
from bench.harness import Result, percentile, result, seconds
from bench.town import AT, OCT
from domivka.billing.api import run_month, what_if
from domivka.ledger.api import seal, verify
from domivka.metering.models import Meter
from domivka.registry.models import Premises
from domivka.statements import api as statements
from domivka.statements.fill import bills_pdf


def monthly_run(town_id: int) -> list[Result]:
    start = time.perf_counter()
    report = run_month(town_id=town_id, period=OCT, at=AT)
    took = time.perf_counter() - start
    copied = _copy_of(f"billing_charge_line_{int(OCT)}") + _copy_of(f"ledger_posting_{int(OCT)}")
    again = seconds(lambda: run_month(town_id=town_id, period=OCT, at=AT))
    return [
        result(
            "monthly_run", took, "s", reference=copied, target="≤ 3 × COPY", met=lambda _, ratio: (ratio or 9) <= 3,
            note=f"{report.lines} lines: readings → volumes → lines → postings → balances, committed; COPY of the same lines and postings",
        ),
        result("monthly_run_lines_per_s", report.lines / took, "lines/s"),
        result("monthly_run_again", again, "s", note="nothing changed: the whole check, no line written"),
    ]  # fmt: skip


def _copy_of(table: str) -> float:
    """Seconds to `COPY` the rows of a table into an empty twin with its indexes."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} TO STDOUT (FORMAT csv)") as out:
            for block in out:
                buffer.write(block)
        cursor.execute(f"CREATE TABLE bench_twin (LIKE {table} INCLUDING INDEXES)")
        start = time.perf_counter()
        with cursor.copy("COPY bench_twin FROM STDIN (FORMAT csv)") as into:
            into.write(buffer.getbuffer())
        took = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_twin")
    return took


def one_home(town_id: int) -> list[Result]:
    meters = list(Meter.objects.select_related("account_service__account").order_by("pk")[:300:3])

    def once(meter: Meter) -> None:
        home = meter.account_service.account.premises_id
        what_if(premises_id=home, period=OCT.next, readings={(meter.pk, "single"): Decimal(155)})

    times = [seconds(lambda meter=meter: once(meter)) for meter in meters]  # type: ignore[misc]  # bound now
    return [
        result(
            "what_if", percentile(times, 0.95) * 1000, "ms p95", target="≤ 30 ms", met=lambda value, _: value <= 30,
            note="one home, all its calculated services, the run's own code; no reference",
        )
    ]  # fmt: skip


def papers(town_id: int) -> list[Result]:
    """Bills: issued, one on request, and a print run; the same contents set by Typst anew are the reference."""
    issued = seconds(lambda: statements.issue_bills(town_id=town_id, period=OCT, at=AT))
    ids = list(Premises.objects.order_by("pk").values_list("pk", flat=True)[:1000])
    statements.bill_pdf(premises_id=ids[0])
    times = [seconds(lambda home=home: statements.bill_pdf(premises_id=home)) for home in ids[:60]]  # type: ignore[misc]  # bound now
    contents = [statements.bill_content(premises_id=home) for home in ids]
    by_typst = [seconds(lambda one=one: typst_bill.bill(one)) for one in contents[:20]]  # type: ignore[misc]  # bound now
    size = len(statements.bill_pdf(premises_id=ids[0]))
    files: list[bytes] = []
    filling = seconds(lambda: files.append(bills_pdf(contents)))
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
            len(contents) / filling,
            "bills/s",
            reference=len(by_typst) / sum(by_typst),
            target="≤ 5 kB a bill",
            met=lambda *_: len(files[0]) / len(contents) <= 5000,
            note=f"{len(contents)} contents to one PDF of {len(files[0]) / len(contents) / 1000:.2f} kB a bill, one core; Typst, bill by bill",
        ),
    ]


def proof(_town_id: int) -> list[Result]:
    sealing = seconds(lambda: seal(at=AT))
    with connection.cursor() as cursor:
        scan = seconds(lambda: cursor.execute("SELECT count(*), sum(amount_kop) FROM ledger_posting"))
    took = seconds(verify)
    return [
        result(
            "ledger_proof",
            took,
            "s",
            reference=scan,
            note="every balance and every seal; a sequential scan of postings",
        ),
        result("ledger_seal", sealing, "s"),
    ]
