"""Charges that a provider's own system calculated: recorded as they are, undone by their opposites."""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl
from django.db import transaction

from domivka.billing.lines import charge_postings, write_lines
from domivka.billing.models import ChargeLine
from domivka.kernel.frames import read_frame
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Transaction
from domivka.tariffs.rules.pricing import LINES

IMPORTED: Final = {
    "account_service_id": pl.Int64, "provider_service_id": pl.Int64, "account_id": pl.Int64, "kind": pl.String,
    "component": pl.String, "meter_id": pl.Int64, "previous_e3": pl.Int64, "current_e3": pl.Int64, "volume_e6": pl.Int64,
    "price_e7": pl.Int64, "amount_kop": pl.Int64,
}  # fmt: skip
"""Columns of imported lines; `account_id` is the ledger's account of the service, `kind` a `LineKind`, meter and
readings may be null."""

MOVEMENTS: Final = {
    "account_service_id": pl.Int64, "provider_service_id": pl.Int64, "account_id": pl.Int64, "kind": pl.String,
    "amount_kop": pl.Int64, "ref_id": pl.Int64,
}  # fmt: skip
"""Other movements of a file: ledger kinds `opening`, `subsidy`, `benefit` and `payment` (credits are negative), `ref_id` the import row."""


@transaction.atomic
def record_imported(
    *, town_id: int, batch_id: int, period: Period, lines: pl.DataFrame, movements: pl.DataFrame, at: dt.datetime
) -> None:
    """Write the lines (`IMPORTED`) and post them with the other movements (`MOVEMENTS`) as one transaction of the ledger.

    The same batch again is refused by the ledger's key. Runs in the caller's transaction.
    """
    full = lines.with_columns(
        structure=pl.lit(""),
        method=pl.lit("imported"),
        base_e4=pl.lit(None, dtype=pl.Int64),
        base_kind=pl.lit(""),
        base_total_e4=pl.lit(None, dtype=pl.Int64),
        source_e6=pl.lit(None, dtype=pl.Int64),
        coefficient_e4=pl.lit(10_000, dtype=pl.Int64),
        days=pl.lit(None, dtype=pl.Int64),
        tariff_version_id=pl.lit(None, dtype=pl.Int64),
    )
    written = write_lines(lines=full.select(list(LINES)), period=period, at=at, import_batch_id=batch_id).with_columns(
        lines["provider_service_id"], lines["account_id"]
    )
    columns = list(MOVEMENTS)
    moved = pl.concat([written.rename({"id": "ref_id"}).select(columns), movements.select(columns)])
    ledger.post_frame(
        town_id=town_id,
        key=f"import:{batch_id}",
        cause="import",
        cause_id=batch_id,
        period=period,
        postings=charge_postings(town_id=town_id, movements=moved, period=period),
        at=at,
    )


_BATCH_SQL: Final = """
SELECT account_service_id, kind, component, structure, method, meter_id, (previous_value * 1000)::bigint,
       (current_value * 1000)::bigint, (base * 10000)::bigint, base_kind, (base_total * 10000)::bigint,
       (source_volume * 1000000)::bigint, (-volume * 1000000)::bigint, (price * 10000000)::bigint,
       (coefficient * 10000)::bigint, days, -amount_kop, tariff_version_id, id
FROM billing_charge_line WHERE import_batch_id = %(batch)s AND period = %(period)s AND corrects_id IS NULL
"""


@transaction.atomic
def reverse_imported(*, batch_id: int, period: Period, at: dt.datetime) -> None:
    """Undo `record_imported`: opposite lines that name what they take back, and the reversal in the ledger. Once only."""
    original = Transaction.objects.get(idempotency_key=f"import:{batch_id}")
    if not ledger.reverse(transaction_id=original.pk, key=f"import:{batch_id}:undo", at=at).created:
        return
    opposite = read_frame(
        query=_BATCH_SQL,
        parameters={"batch": batch_id, "period": int(period)},
        schema={**LINES, "corrects_id": pl.Int64},
    )
    write_lines(lines=opposite, period=period, at=at, import_batch_id=batch_id, corrects=True)


def has_imported(*, batch_id: int, period: Period) -> bool:
    """Were lines of this batch written."""
    return ChargeLine.objects.filter(import_batch_id=batch_id, period=period).exists()
