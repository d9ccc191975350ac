"""Apply and undo: all of a file in one transaction, and its exact reversal."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from typing import Any, Final

import polars as pl
from django.db import connection, transaction

from domivka.billing import api as billing
from domivka.exchange import readings
from domivka.exchange.cells import NUMBER
from domivka.exchange.errors import AlreadyApplied, WrongState
from domivka.exchange.examine import parse
from domivka.exchange.formats.read import read_tables
from domivka.exchange.formats.table import header_key
from domivka.exchange.models import ImportBatch, ImportReading, ImportRow
from domivka.exchange.operations.lines import charge_lines, readings_of
from domivka.exchange.operations.staging import State, content_of, history, locked, note, provider_ids
from domivka.exchange.preset import RELIEF, Preset, load_preset
from domivka.exchange.progress import Report, silent
from domivka.exchange.rows import address_frame
from domivka.kernel.frames import read_frame
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.metering import api as metering
from domivka.payments import api as payments
from domivka.payments.api import RegisterRow
from domivka.registry import api as registry
from domivka.registry.rules.folding import fold

_ROWS_SCHEMA: Final = {
    "id": pl.Int64, "service_code": pl.String, "opening_kop": pl.Int64, "charged_kop": pl.Int64,
    "correction_kop": pl.Int64, "penalty_kop": pl.Int64, "paid_kop": pl.Int64, "closing_kop": pl.Int64,
    "volume_e6": pl.Int64, "price_e7": pl.Int64, "meter_number": pl.String, "meter_model": pl.String,
    "account_service_id": pl.Int64, "provider_service_id": pl.Int64, "account_id": pl.Int64,
}  # fmt: skip
# Each row with its account service as it is now, those just opened too, and the ledger's account of it.
_ROWS: Final = """
SELECT r.id, r.service_code, r.opening_kop, r.charged_kop, r.correction_kop, r.penalty_kop, r.paid_kop, r.closing_kop,
       (r.volume * 1000000)::bigint, (r.price * 10000000)::bigint, r.meter_number, r.meter_model,
       x.id, x.provider_service_id, l.id{more}
FROM exchange_importrow r
JOIN registry_personalaccount a ON a.provider_id = %(provider)s AND a.number = r.account_number AND a.closed_on IS NULL
JOIN registry_service s ON s.code = r.service_code
JOIN registry_providerservice p ON p.provider_id = %(provider)s AND p.service_id = s.id
JOIN registry_accountservice x ON x.account_id = a.id AND x.provider_service_id = p.id AND x.closed_on IS NULL
JOIN ledger_account l ON l.kind = 'personal' AND l.owner_id = x.id
WHERE r.batch_id = %(batch)s AND r.state = 'ready'
"""
_MISSING: Final = """
SELECT account_number, premises_id, holder, service_code FROM exchange_importrow
WHERE batch_id = %(batch)s AND state = 'ready' AND account_service_id IS NULL ORDER BY id
"""
_MISSING_SCHEMA: Final = {
    "number": pl.String, "premises_id": pl.Int64, "holder": pl.String, "service_code": pl.String,
}  # fmt: skip


@transaction.atomic
def apply(*, batch_id: int, user_id: int | None, at: dt.datetime, report: Report = silent) -> dict[str, Any]:
    """Apply a checked file in one transaction; the summary with the differences that remain.

    Raises `WrongState`, `AlreadyApplied` when another file brought the same month of the same accounts.
    """
    batch = locked(batch_id, State.CHECKED)
    preset = load_preset(batch.preset)
    report("Застосовуємо", 0, batch.totals.get("well_formed", 0))
    with connection.cursor() as cursor:  # imports of a town go one after another
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import:{batch.town_id}"])
    if preset.kind == "balances":
        outcome = _apply_balances(batch, preset, at, report)
    elif preset.kind == "register":
        outcome = _apply_register(batch, preset, at)
    else:
        outcome = _apply_addresses(batch, preset)
    summary: dict[str, Any] = {**batch.totals, **outcome}
    batch.totals = summary
    batch.state, batch.applied_at, batch.applied_by_id = State.APPLIED, at, user_id
    batch.save(update_fields=["totals", "state", "applied_at", "applied_by_id", "opened", "provider_batches"])
    note(batch, "exchange.applied", user_id, at)
    if preset.kind != "addresses":
        ledger.summarise_later(town_id=batch.town_id, period=batch.period)
    return summary


def _apply_balances(batch: ImportBatch, preset: Preset, at: dt.datetime, report: Report) -> dict[str, Any]:
    with connection.cursor() as cursor:  # joins of a million rows in memory; one file of a town at a time
        cursor.execute("SET LOCAL work_mem = '256MB'")
    _refuse_second_file(batch)
    report("Відкриваємо рахунки", 0, 4 * batch.totals.get("well_formed", 0))
    batch.opened = _open_accounts(batch)
    if sum(last - first + 1 for first, last in batch.opened) > _ANALYZE_OPENED_FROM:
        with connection.cursor() as cursor:  # the staged rows are joined to the ledger's account of each next
            cursor.execute("ANALYZE (SKIP_LOCKED) ledger_account, exchange_importrow")
    rows = _ready_rows(batch, preset)
    if rows.is_empty():
        raise WrongState("У файлі немає жодного рядка, який можна застосувати.")
    rows = rows.join(history(rows["account_service_id"].to_list(), batch.period), on="account_service_id", how="left")
    report("Записуємо показання", rows.height, 4 * rows.height)
    measured = readings_of(rows, preset)
    if measured.height:
        meters = metering.record_imported_readings(batch_id=batch.pk, period=batch.period, readings=measured, at=at)
        rows = rows.join(meters, on=["account_service_id", "meter_number"], how="left")
    else:
        rows = rows.with_columns(meter_id=pl.lit(None, dtype=pl.Int64))
    report("Записуємо нарахування", 2 * rows.height, 4 * rows.height)
    lines, movements = charge_lines(rows, preset), _movements(rows)
    billing.record_imported(
        town_id=batch.town_id, batch_id=batch.pk, period=batch.period, lines=lines, movements=movements, at=at
    )
    report("Звіряємо сальдо", 3 * rows.height, 4 * rows.height)
    outcome = _note_differences(batch, rows, lines, movements)
    _analyse(rows.height, batch.period)
    return outcome


_ANALYZE_FROM: Final = 5_000
_ANALYZE_OPENED_FROM: Final = 1_000
_BY_MONTH: Final = ("metering_reading", "billing_charge_line", "ledger_posting")


def _analyse(rows: int, period: Period) -> None:
    """Tell the planner how the tables of the month grew: the next file may come before autovacuum does, and a plan made
    for an empty table compares every row of one with every row of the other. What another town's file holds until it is
    applied is skipped: waiting for each other would be a deadlock."""
    if rows < _ANALYZE_FROM:
        return
    months = [f"{table}_{month}" for table in _BY_MONTH for month in (int(period.previous), int(period))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'", [months])
        grown = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            f"ANALYZE (SKIP_LOCKED) {', '.join([*grown, 'ledger_balance', 'ledger_account', 'metering_meter'])}"
        )


def _ready_rows(batch: ImportBatch, preset: Preset) -> pl.DataFrame:
    """The rows to apply, in the order of their account services, so that everything written grows at its end.

    Raises `WrongState` when the registry changed since the check.
    """
    more, schema = "", dict(_ROWS_SCHEMA)
    for relief in (field for field in RELIEF if field in preset.money):
        more += f", r.{relief}_kop"
        schema[f"{relief}_kop"] = pl.Int64
    for place in range(len(preset.zones)):
        for field, scale, suffix in (("previous", 1000, "e3"), ("current", 1000, "e3"), ("volume", 1_000_000, "e6")):
            more += f", (r.{field}_values[{place + 1}] * {scale})::bigint"
            schema[f"{field}_{place}_{suffix}"] = pl.Int64
    rows = read_frame(
        query=_ROWS.format(more=more), parameters={"batch": batch.pk, "provider": batch.provider_id}, schema=schema
    )
    if rows.height != batch.rows.filter(state=ImportRow.State.READY).count():
        raise WrongState("Реєстр рахунків змінився після перевірки. Перевірте файл ще раз.")
    return rows.sort("account_service_id").with_columns(pl.col(pl.String).fill_null(""))


def _open_accounts(batch: ImportBatch) -> list[tuple[int, int]]:
    """Open the accounts and services that the check found missing; the services opened, as ranges of ids."""
    missing = read_frame(query=_MISSING, parameters={"batch": batch.pk}, schema=_MISSING_SCHEMA)
    if missing.is_empty():
        return []
    assert batch.provider_id is not None  # noqa: S101 - upload refuses balances without a provider
    return registry.open_accounts(
        town_id=batch.town_id, provider_id=batch.provider_id, accounts=missing, on=batch.period.first_day
    )


_APPLIED: Final = """
SELECT b.id, b.file_name FROM exchange_importbatch b
WHERE b.town_id = %s AND b.provider_id = %s AND b.period = %s AND b.state = 'applied' ORDER BY b.id
"""
_MET: Final = """
SELECT EXISTS (
    SELECT FROM exchange_importrow theirs
    JOIN exchange_importrow ours ON ours.account_number = theirs.account_number AND ours.service_code = theirs.service_code
    WHERE theirs.batch_id = %s AND theirs.state = 'ready' AND ours.batch_id = %s AND ours.state = 'ready')
"""
"""Only the rows of the same month's files of the provider are read: usually there is none."""


def _refuse_second_file(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED, [batch.town_id, batch.provider_id, int(batch.period)])
        for other, name in cursor.fetchall():
            cursor.execute(_MET, [other, batch.pk])
            if cursor.fetchone()[0]:
                raise AlreadyApplied(
                    f"Дані цього місяця для цих рахунків уже застосовано з файлу «{name}» (імпорт {other})."
                    " Спершу скасуйте його."
                )


def _movements(rows: pl.DataFrame) -> pl.DataFrame:
    """Opening balances of accounts without history, subsidies and benefits, and what the provider was paid past us.

    The provider's «paid» includes money that came through us in the month; that is in the ledger already.
    """
    past_us = pl.max_horizontal(pl.col("paid_kop") - pl.col("paid").fill_null(0), pl.lit(0))
    paid = pl.when(pl.col("paid_kop") < 0).then(pl.col("paid_kop")).otherwise(past_us)
    parts = [
        rows.filter(pl.col("before").is_null()).with_columns(kind=pl.lit("opening"), amount_kop=pl.col("opening_kop")),
        *(
            rows.with_columns(kind=pl.lit(field), amount_kop=-pl.col(f"{field}_kop"))
            for field in RELIEF
            if f"{field}_kop" in rows.columns
        ),
        rows.with_columns(kind=pl.lit("payment"), amount_kop=-paid),
    ]
    return (
        pl.concat(parts)
        .filter(pl.col("amount_kop") != 0)
        .select("account_service_id", "provider_service_id", "account_id", "kind", "amount_kop", ref_id=pl.col("id"))
    )


def _note_differences(
    batch: ImportBatch, rows: pl.DataFrame, lines: pl.DataFrame, movements: pl.DataFrame
) -> dict[str, Any]:
    """Keep by how much the ledger, with what was just posted, misses each row's closing balance."""
    columns = ["account_service_id", "amount_kop"]
    posted = pl.concat([lines.select(columns), movements.select(columns)]).group_by("account_service_id").sum()
    reached = pl.col("through").fill_null(0) + pl.col("amount_kop").fill_null(0)
    off = (
        rows.select("id", "account_service_id", "closing_kop", "through")
        .join(posted, on="account_service_id", how="left")
        .select("id", difference_kop=pl.col("closing_kop") - reached)
        .filter(pl.col("difference_kop") != 0)
    )
    if off.height:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exchange_importrow r SET difference_kop = x.difference"
                " FROM unnest(%s::bigint[], %s::bigint[]) x(id, difference) WHERE r.batch_id = %s AND r.id = x.id",
                [off["id"].to_list(), off["difference_kop"].to_list(), batch.pk],
            )
    total = int(off["difference_kop"].sum() or 0)
    return {"applied": rows.height, "differences": off.height, "difference_kop": total}


def _apply_register(batch: ImportBatch, preset: Preset, at: dt.datetime) -> dict[str, Any]:
    """Give the payments to `payments`, provider by provider; unknown accounts wait in suspense."""
    codes = provider_ids(batch.town_id)
    by_provider: dict[int | None, list[RegisterRow]] = {}
    equal: Counter[str] = Counter()
    staged = batch.rows.exclude(state=ImportRow.State.REJECTED).order_by("pk")
    places: dict[int, tuple[str, int]] = {}
    columns = "pk", "account_number", "paid_kop", "paid_on", "purpose", "raw", "sheet", "number"
    for pk, account, kop, paid_on, purpose, raw, sheet, number in staged.values_list(*columns):
        assert kop is not None and paid_on is not None  # noqa: S101, PT018 - rows without them were rejected
        places[pk] = (sheet, number)
        provider = codes.get(preset.purposes.get(fold(purpose), ""))
        # Two equal payments of a file are two payments; the first keeps the digest that files of all times gave it.
        said = _said(raw, preset)
        equal[said] += 1
        named = f"{preset.bank}\x1f{said}" + (f"\x1f{equal[said]}" if equal[said] > 1 else "")
        digest = hashlib.sha256(named.encode()).hexdigest()
        by_provider.setdefault(provider, []).append(
            RegisterRow(
                row_id=pk, digest=digest, account_number=account, amount_kop=kop, paid_on=paid_on, purpose=purpose
            )
        )
    totals: dict[str, Any] = {"credited": 0, "suspended": 0, "repeated": 0, "credited_kop": 0, "suspended_kop": 0}
    for provider, rows in by_provider.items():
        key = f"{batch.pk}" if provider is None else f"{batch.pk}:{provider}"
        result = payments.record_register(
            town_id=batch.town_id, bank=preset.bank, batch=key, rows=rows, at=at, provider_id=provider
        )
        batch.provider_batches.append(key)
        for name in totals:
            totals[name] += getattr(result, name)
        for pk in result.fresh_rows:
            del places[pk]
    if preset.meters:
        totals["readings"] = _take_readings(batch, set(places.values()), at)
    return totals


def _said(raw: str, preset: Preset) -> str:
    """What makes a payment the same one in another file: the bank's number of it where there is one, else all cells."""
    if "transaction" not in preset.columns:
        return raw
    names = {header_key(name) for name in preset.columns["transaction"]}
    cells = json.loads(raw)
    number = next((cell for name, cell in cells.items() if header_key(name) in names), None)
    return f"transaction {number}" if number else raw


def _take_readings(batch: ImportBatch, repeated: set[tuple[str, int]], at: dt.datetime) -> dict[str, int]:
    """Take the readings of the payments that are new; how many, and how many not."""
    judged = readings.judge(
        readings.read_staged(batch_id=batch.pk),
        by=lambda asked: metering.take_desk_readings(town_id=batch.town_id, batch_id=batch.pk, readings=asked, at=at),
        fine=ImportReading.State.TAKEN,
        repeated=repeated,
    )
    readings.write(judged, batch_id=batch.pk)
    return readings.counted(judged)


def _apply_addresses(batch: ImportBatch, preset: Preset) -> dict[str, Any]:
    content = content_of(batch)
    rows, _ = parse(content, preset=preset, period=batch.period)
    fine = rows.filter(reason="")["number"]
    tables = read_tables(content, expected=preset.formats, accept=preset.accepts)
    addresses = address_frame(tables, preset=preset).filter(pl.col("number").is_in(fine.to_list()))
    if addresses.height != fine.len():
        raise WrongState("Файл прочитано не так, як під час перевірки. Перевірте файл ще раз.")
    done = registry.register_addresses(
        town_id=batch.town_id,
        addresses=addresses.with_columns(pl.col(NUMBER).cast(pl.Decimal(38, 2))),
        on=batch.period.first_day,
    )
    return {"streets": done.streets, "buildings": done.buildings, "premises": done.premises}
