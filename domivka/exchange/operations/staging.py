"""Upload and check: the file is kept, its rows are staged with what is wrong with each."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import psycopg
from django.db import IntegrityError, connection, transaction

from domivka.exchange import readings
from domivka.exchange.ahead import one_ahead
from domivka.exchange.errors import BatchNotFound, FileTooLarge, UnknownProvider, UnreadableFile, WrongState
from domivka.exchange.examine import Tally, open_tables
from domivka.exchange.formats.content import Content
from domivka.exchange.formats.table import Table
from domivka.exchange.matching import READY, matcher
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.exchange.preset import Preset, load_preset
from domivka.exchange.progress import Report, silent
from domivka.exchange.rows import read_chunks
from domivka.kernel import audit
from domivka.kernel.copy import copy_frame
from domivka.kernel.frames import read_frame
from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.registry import api as registry

State = ImportBatch.State
MAX_BYTES: Final = 512 * 1024 * 1024  # a million records of a DBF are about 300 MiB
_ANALYZE_FROM: Final = 5_000  # rows from which the planner is told at once how the table grew


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The batch of a file; `created` is False when the same file was there before and stands."""

    batch_id: int
    created: bool


def upload(
    *, town_id: int, preset: str, period: Period, file_name: str, content: bytes, user_id: int | None, at: dt.datetime
) -> Uploaded:
    """Keep a file for checking. The same file for the same month again gives the earlier batch and does nothing.

    Raises `UnknownPreset`, `UnknownProvider`, `UnreadableFile` (empty), `FileTooLarge`.
    """
    rules = load_preset(preset)
    provider_id = _provider_id(rules, town_id)
    if not content:
        raise UnreadableFile("Файл порожній.")
    if len(content) > MAX_BYTES:
        raise FileTooLarge(f"Файл завеликий: {len(content) >> 20} МБ, а можна до {MAX_BYTES >> 20} МБ.")
    same = {"town_id": town_id, "preset": preset, "period": period, "sha256": hashlib.sha256(content).hexdigest()}
    standing = ImportBatch.objects.exclude(state__in=[State.UNDONE, State.FAILED])
    if earlier := standing.filter(**same).values_list("pk", flat=True).first():
        return Uploaded(earlier, created=False)
    try:
        with transaction.atomic():
            batch = ImportBatch.objects.create(
                **same,
                provider_id=provider_id,
                file_name=file_name[-200:],
                size=len(content),
                uploaded_by_id=user_id,
                uploaded_at=at,
            )
            _keep(batch.pk, content)
            note(batch, "exchange.uploaded", user_id, at)
    except IntegrityError:  # the same file came a moment earlier
        return Uploaded(standing.get(**same).pk, created=False)
    return Uploaded(batch.pk, created=True)


def _keep(batch_id: int, content: bytes) -> None:
    """Store the file packed, and as bytes: the server packs slower, and text of a statement would be twice as long."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute("UPDATE exchange_importbatch SET content = %b WHERE id = %s", [Content.pack(content), batch_id])


def content_of(batch: ImportBatch) -> Content:
    """The file as it was uploaded."""
    return Content(bytes(batch.content or b""), size=batch.size)


def _provider_id(preset: Preset, town_id: int) -> int | None:
    if not preset.provider:
        return None
    found = provider_ids(town_id).get(preset.provider)
    if found is None:
        raise UnknownProvider(f"У місті немає надавача «{preset.provider}», для якого цей шаблон.")
    return found


def provider_ids(town_id: int) -> dict[str, int]:
    """Providers of a town by code."""
    return {provider.code: provider.id for provider in registry.providers_of(town_id=town_id)}


def note(batch: ImportBatch, action: str, user_id: int | None, at: dt.datetime) -> None:
    audit.record(
        at=at,
        actor_id=user_id,
        action=action,
        object_kind="import",
        object_id=batch.pk,
        town_id=batch.town_id,
        detail={"preset": batch.preset, "period": int(batch.period), "sha256": batch.sha256},
    )


def locked(batch_id: int, *states: str) -> ImportBatch:
    """The batch under a lock, in one of the states. Raises `BatchNotFound`, `WrongState`."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound("Такого імпорту немає.")
    if batch.state not in states:
        words = {
            State.UPLOADED: "файл ще не перевірено",
            State.CHECKED: "файл перевірено, але не застосовано",
            State.APPLIED: "файл уже застосовано",
            State.UNDONE: "імпорт скасовано",
            State.FAILED: "файл не прочитано",
        }
        raise WrongState(f"Зараз цього зробити не можна: {words[State(batch.state)]}.")
    return batch


def check(*, batch_id: int, at: dt.datetime, report: Report = silent) -> dict[str, Any]:
    """Read the file, stage its rows, compare with the registry and the ledger; the summary. All in one transaction: a
    check that was stopped or killed leaves nothing of itself.

    A file that cannot be read leaves the batch failed with the reason, and is raised as `UnreadableFile`. May be done
    again until it is applied: rows staged before are replaced.
    """
    try:
        with transaction.atomic():
            return _check(locked(batch_id, State.UPLOADED, State.CHECKED), at, report)
    except UnreadableFile as error:
        ImportBatch.objects.filter(pk=batch_id).update(state=State.FAILED, problem=str(error), checked_at=at)
        raise


def _check(batch: ImportBatch, at: dt.datetime, report: Report) -> dict[str, Any]:
    ImportRow.objects.filter(batch=batch).delete()
    preset = load_preset(batch.preset)
    report("Читаємо файл", 0, 0)
    tables = open_tables(content_of(batch), preset=preset)
    tally, found = _stage_all(batch, tables, preset, report)
    summary = tally.summary()
    if preset.meters:
        judged = readings.judge(
            found, by=lambda asked: metering.judge_desk_readings(town_id=batch.town_id, readings=asked)
        )
        readings.write(judged, batch_id=batch.pk)
        summary["readings"] = readings.counted(judged)
    if preset.kind == "balances":
        summary = {**summary, "opening_differences": tally.off, "opening_difference_kop": tally.off_kop}
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=State.CHECKED, encoding=tables[0].encoding, totals=summary, checked_at=at, problem=""
    )
    return summary


def _stage_all(batch: ImportBatch, tables: list[Table], preset: Preset, report: Report) -> tuple[Tally, pl.DataFrame]:
    """Read, match and stage part by part: the next part is read while one goes to the database. The totals, and the
    readings of a register, which are judged together."""
    parts = one_ahead(read_chunks(tables, preset=preset, period=batch.period))
    codes = provider_ids(batch.town_id)
    match, found = matcher(preset=preset, town_id=batch.town_id, provider_ids=codes), []
    before = _openings(batch) if preset.kind == "balances" else None
    total, tally = sum(table.rows for table in tables), Tally(preset)
    report("Записуємо рядки", 0, total)
    for part in parts:
        rows = match(part)
        if before is not None:
            rows = _compare_openings(rows, before)
        tally.add(rows)
        found.append(readings.found_in(rows, preset=preset, provider_ids=codes))
        _stage(batch.pk, rows.drop("readings", strict=False), keep_all=preset.kind == "register")
        report("Записуємо рядки", tally.rows, max(total, tally.rows))
    if tally.rows >= _ANALYZE_FROM:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) exchange_importrow")
    return tally, pl.concat(found)


def history(account_service_ids: list[int], period: Period) -> pl.DataFrame:
    """What the ledger has of account services that have anything: balance before the month, paid in the month, now at
    its end; kopiykas."""
    return read_frame(
        query="SELECT a.owner_id, coalesce(sum(b.net_kop) FILTER (WHERE b.period < %(period)s), 0),"
        " coalesce(sum(-b.paid_kop) FILTER (WHERE b.period = %(period)s), 0),"
        " coalesce(sum(b.net_kop) FILTER (WHERE b.period <= %(period)s), 0)"
        " FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id"
        " WHERE a.kind = 'personal' AND a.owner_id = ANY(%(ids)s) GROUP BY a.owner_id"
        " HAVING bool_or(b.net_kop <> 0 OR b.charged_kop <> 0 OR b.paid_kop <> 0)",
        parameters={"period": int(period), "ids": account_service_ids},
        schema={"account_service_id": pl.Int64, "before": pl.Int64, "paid": pl.Int64, "through": pl.Int64},
    )


_BEFORE: Final = """
SELECT a.owner_id, coalesce(sum(b.net_kop) FILTER (WHERE b.period < %(period)s), 0)
FROM registry_providerservice s
JOIN registry_accountservice x ON x.provider_service_id = s.id
JOIN ledger_account a ON a.kind = 'personal' AND a.owner_id = x.id
JOIN ledger_balance b ON b.account_id = a.id
WHERE s.provider_id = %(provider)s
GROUP BY a.owner_id HAVING bool_or(b.net_kop <> 0 OR b.charged_kop <> 0 OR b.paid_kop <> 0)
"""


def _openings(batch: ImportBatch) -> pl.DataFrame:
    """Our balance before the month of every account service of the provider that has a history."""
    return read_frame(
        query=_BEFORE,
        parameters={"period": int(batch.period), "provider": batch.provider_id},
        schema={"account_service_id": pl.Int64, "before": pl.Int64},
    )


def _compare_openings(rows: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The file's opening less our balance, where we have a history and they differ."""
    known = before.join(rows.select("account_service_id"), on="account_service_id", how="semi")
    ours = rows.select("account_service_id").join(known, on="account_service_id", how="left", maintain_order="left")
    off = pl.col("opening_kop") - ours["before"]
    return rows.with_columns(opening_difference_kop=pl.when((off != 0) & (pl.col("state") == "ready")).then(off))


def _stage(batch_id: int, rows: pl.DataFrame, *, keep_all: bool) -> None:
    """Copy a part; the cells as JSON of the rows that were not taken, or of all."""
    kept = rows.with_columns(batch_id=pl.lit(batch_id, dtype=pl.Int64), place=pl.int_range(pl.len()))
    wanted = kept if keep_all else kept.filter(pl.col("state") != READY)
    cells = wanted.select("place", raw=pl.col("raw").struct.json_encode())
    kept = kept.drop("raw").join(cells, on="place", how="left", maintain_order="left").drop("place")
    copy_frame(table="exchange_importrow", frame=kept.with_columns(pl.col("raw").fill_null("")))
