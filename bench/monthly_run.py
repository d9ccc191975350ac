"""The monthly charge run of a town, beside the `COPY` of the same rows into empty tables of the same shape.

python -m bench.monthly_run [accounts]
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.rated_town import rated_town

AT = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def copy_again(table: str, where: str) -> tuple[int, float]:
    """Rows of `table` and the seconds their `COPY` takes into a table with the same columns, primary key and no more."""
    from django.db import connection  # after django.setup

    with connection.cursor() as cursor:
        data = io.BytesIO()
        with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {where}) TO STDOUT (FORMAT binary)") as out:
            for block in out:
                data.write(block)
        cursor.execute(f"CREATE TABLE copied (LIKE {table}); ALTER TABLE copied ADD PRIMARY KEY (period, id)")
        start = time.perf_counter()
        with cursor.copy("COPY copied FROM STDIN (FORMAT binary)") as into:
            into.write(data.getbuffer())
        seconds = time.perf_counter() - start
        cursor.execute("SELECT count(*) FROM copied")
        rows = int(cursor.fetchone()[0])
        cursor.execute("DROP TABLE copied")
    return rows, seconds


def measure(accounts: int = 20_000) -> dict[str, float]:
    """Seconds and rates of one run; `reference_s` is the COPY of its lines and postings."""
    with rated_town(accounts) as town_id:
        from domivka.billing.api import run_month  # after django.setup
        from domivka.billing.frames import read_inputs
        from domivka.billing.rating import rate
        from domivka.kernel.period import Period
        from domivka.ledger.api import verify

        period = Period(202610)
        read_s, inputs = timed(lambda: read_inputs(town_id=town_id, period=period, low=0, high=2**40))
        rate_s, lines = timed(lambda: rate(inputs=inputs, period=period))
        run_s, report = timed(lambda: run_month(town_id=town_id, period=period, at=AT))
        again_s, again = timed(lambda: run_month(town_id=town_id, period=period, at=AT))
        assert (report.lines, again.lines) == (lines.height, 0)
        assert verify() == []
        copied = [copy_again("billing_charge_line", "period = 202610"), copy_again("ledger_posting", "period = 202610")]
        reference_s = sum(seconds for _, seconds in copied)
    return {
        "accounts": accounts,
        "lines": report.lines,
        "read_s": round(read_s, 3),
        "rate_s": round(rate_s, 3),
        "run_s": round(run_s, 3),
        "run_again_s": round(again_s, 3),
        "reference_s": round(reference_s, 3),
        "rated_accounts_per_s": round(accounts / (read_s + rate_s)),
        "run_accounts_per_s": round(accounts / run_s),
        "times_reference": round(run_s / reference_s, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:])), indent=2))
