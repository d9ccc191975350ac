"""Meters and readings that come in a provider's file: all of them in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.copy import copy_frame
from domivka.kernel.frames import read_frame
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period

IMPORTED_READINGS: Final[dict[str, pl.DataType]] = {
    "account_service_id": pl.Int64(),
    "meter_number": pl.String(),
    "meter_model": pl.String(),
    "place": pl.Int16(),
    "zone": pl.String(),
    "previous_e3": pl.Int64(),
    "current_e3": pl.Int64(),
}
"""A register a row: `place` orders the zones of a meter, values are in thousandths of the unit."""

_METERS: Final = """
INSERT INTO metering_meter (account_service_id, number, model, zones, digits, decimals, installed_on, added_by_resident)
SELECT account_service_id, meter_number, max(meter_model), jsonb_agg(zone ORDER BY place),
       greatest(5, max(length((current_e3 / 1000)::text))), 3, %(first_day)s, false
FROM incoming_readings GROUP BY account_service_id, meter_number
ON CONFLICT (account_service_id, number) DO NOTHING
"""
_JOINED: Final = """
FROM incoming_readings i
JOIN metering_meter m ON m.account_service_id = i.account_service_id AND m.number = i.meter_number
"""
_INITIAL: Final = f"""
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at, client_key, warning)
SELECT %(before)s, m.id, i.zone, i.previous_e3 / 1000.0, %(first_day)s::date - 1, 'initial', %(at)s, %(key)s, ''
{_JOINED}
WHERE i.previous_e3 IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM metering_reading r WHERE r.meter_id = m.id AND r.zone = i.zone AND r.superseded_at IS NULL)
ON CONFLICT DO NOTHING
"""
_SUPERSEDE: Final = f"""
UPDATE metering_reading r SET superseded_at = %(at)s {_JOINED}
WHERE r.meter_id = m.id AND r.zone = i.zone AND r.period = %(period)s AND r.superseded_at IS NULL
  AND r.channel NOT IN ('inspector', 'initial')
"""
_CURRENT: Final = f"""
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at, client_key, warning)
SELECT %(period)s, m.id, i.zone, i.current_e3 / 1000.0, %(last_day)s, 'provider', %(at)s, %(key)s, ''
{_JOINED} WHERE i.current_e3 IS NOT NULL
ON CONFLICT DO NOTHING
"""


def record_imported_readings(*, batch_id: int, period: Period, readings: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Take the readings (`IMPORTED_READINGS`) of a provider's file as of the end of the month; new meters are made,
    with the previous value as their initial one. An inspector's reading of the month stands, others are superseded.

    Returns account_service_id, meter_number, meter_id. Runs in the caller's transaction.
    """
    parameters: dict[str, int | str | dt.date] = {
        "period": int(period),
        "before": int(period.previous),
        "first_day": period.first_day,
        "last_day": period.last_day,
        "at": at,
        "key": _key(batch_id),
    }
    ensure_partitions(table="metering_reading", periods=[period.previous, period])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE incoming_readings (account_service_id bigint, meter_number text, meter_model text,"
            " place smallint, zone text, previous_e3 bigint, current_e3 bigint) ON COMMIT DROP"
        )
        copy_frame(table="incoming_readings", frame=readings.select(list(IMPORTED_READINGS)))
        cursor.execute("ANALYZE incoming_readings")
        cursor.execute(_METERS, parameters)
        if cursor.rowcount > 1000:  # new rows that the planner does not know of yet
            cursor.execute("ANALYZE metering_meter")
        for statement in (_INITIAL, _SUPERSEDE, _CURRENT):
            cursor.execute(statement, parameters)
        meters = read_frame(
            query=f"SELECT DISTINCT i.account_service_id, i.meter_number, m.id {_JOINED}",
            parameters={},
            schema={"account_service_id": pl.Int64, "meter_number": pl.String, "meter_id": pl.Int64},
        )
        cursor.execute("DROP TABLE incoming_readings")
    return meters


@transaction.atomic
def reverse_imported_readings(*, batch_id: int, applied_at: dt.datetime, at: dt.datetime) -> int:
    """Take the readings of a file back; those that it had superseded stand again. How many were taken back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE metering_reading SET superseded_at = %s WHERE client_key = %s AND superseded_at IS NULL"
            " RETURNING meter_id, zone, period",
            [at, _key(batch_id)],
        )
        taken = cursor.fetchall()
        cursor.execute(
            "UPDATE metering_reading r SET superseded_at = NULL"
            " FROM unnest(%s::bigint[], %s::text[], %s::int[]) x(meter_id, zone, period)"
            " WHERE r.meter_id = x.meter_id AND r.zone = x.zone AND r.period = x.period AND r.superseded_at = %s"
            " AND r.client_key <> %s",
            [*([row[place] for row in taken] for place in range(3)), applied_at, _key(batch_id)],
        )
    return len(taken)


def _key(batch_id: int) -> str:
    return f"import:{batch_id}"
