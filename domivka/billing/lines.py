"""Writing charge lines and their postings: the one place, for runs and for imports alike."""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

from domivka.kernel.copy import copy_frame, next_ids
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account as LedgerAccount
from domivka.registry.models import AccountService
from domivka.tariffs.rules.exact import decimal_text
from domivka.tariffs.rules.pricing import LINES

_SCALES: Final = {
    "previous_e3": ("previous_value", 3),
    "current_e3": ("current_value", 3),
    "base_e4": ("base", 4),
    "base_total_e4": ("base_total", 4),
    "source_e6": ("source_volume", 6),
    "volume_e6": ("volume", 6),
    "price_e7": ("price", 7),
    "coefficient_e4": ("coefficient", 4),
}
_AT_ONCE: Final = 100_000  # lines written by a statement: their decimals are text, and memory stays flat with size


def write_lines(
    *,
    lines: pl.DataFrame,
    period: Period,
    at: dt.datetime,
    run_id: int | None = None,
    import_batch_id: int | None = None,
    recalculation_id: int | None = None,
    corrects: bool = False,
) -> pl.DataFrame:
    """Copy priced lines into the table; returns them with their `id`s. Lines may carry `corrects_id`."""
    ensure_partitions(table="billing_charge_line", periods=[period])
    ids = next_ids(sequence="billing_charge_line_id_seq", count=lines.height)
    numbered = lines.with_columns(id=ids)
    plain = [name for name in LINES if name not in _SCALES]
    for part in numbered.iter_slices(_AT_ONCE):
        copy_frame(
            table="billing_charge_line",
            frame=part.select(
                "id",
                *plain,
                *(decimal_text(pl.col(name), scale).alias(column) for name, (column, scale) in _SCALES.items()),
                *(["corrects_id"] if corrects else []),
                period=pl.lit(int(period)),
                run_id=pl.lit(run_id, dtype=pl.Int64),
                import_batch_id=pl.lit(import_batch_id, dtype=pl.Int64),
                recalculation_id=pl.lit(recalculation_id, dtype=pl.Int64),
                created_at=pl.lit(at.astimezone(dt.UTC).replace(tzinfo=None)),
            ),
        )
    return numbered


def charge_postings(*, town_id: int, movements: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Postings (ledger `FRAME_SCHEMA`) of movements on personal accounts: account_id (of the ledger), provider_service_id,
    kind, amount_kop (debit positive), ref_id. The other side goes to the control account of each provider service in one
    sum a kind."""
    control = {
        supplied: ledger.system_account(town_id=town_id, kind=LedgerAccount.Kind.CONTROL, owner_id=supplied)
        for supplied in sorted(movements["provider_service_id"].unique().to_list())
    }
    ids = pl.Int64
    other = pl.DataFrame(
        {"provider_service_id": list(control), "account_id": list(control.values())},
        schema_overrides={"provider_service_id": ids, "account_id": ids},
    )
    columns = ["account_id", "kind", "amount_kop", "ref_id"]
    debits = movements.select(columns)
    credits = (
        movements.group_by("provider_service_id", "kind")
        .agg(amount_kop=-pl.col("amount_kop").sum())
        .join(other, on="provider_service_id")
        .with_columns(ref_id=pl.lit(None, dtype=ids))
        .select(columns)
        .sort("account_id", "kind")
    )
    return pl.concat([debits, credits]).with_columns(period=pl.lit(int(period), dtype=pl.Int32))


def provider_services(account_service_ids: list[int]) -> pl.DataFrame:
    """account_service_id, provider_service_id of these account services; one query."""
    rows = AccountService.objects.filter(pk__in=account_service_ids).values_list("pk", "provider_service_id")
    return pl.DataFrame(
        list(rows), schema={"account_service_id": pl.Int64, "provider_service_id": pl.Int64}, orient="row"
    )
