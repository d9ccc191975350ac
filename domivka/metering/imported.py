"""Meters and readings that come in a provider's file: all of them in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import UniqueViolation

from domivka.kernel.copy import copy_frame
from domivka.kernel.frames import read_frame
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.metering.models import Channel

NAMELESS: Final = "б/н"
"""The number of a meter whose file gives none: it replaces no meter that has a number."""
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

# A file without numbers means the one meter that stands on the service, whatever number it got here since.
_NAMED: Final = """
UPDATE incoming_readings i SET said = i.meter_number, meter_number = m.number
FROM (SELECT account_service_id, min(number) AS number FROM metering_meter
      WHERE removed_on IS NULL
        AND account_service_id IN (SELECT account_service_id FROM incoming_readings WHERE meter_number = %(nameless)s)
      GROUP BY 1 HAVING count(*) = 1) m
WHERE i.account_service_id = m.account_service_id AND i.meter_number = %(nameless)s AND m.number <> %(nameless)s
"""
_AGAIN: Final = """
UPDATE metering_meter m SET removed_on = NULL, removed_by = '', made_by = %(key)s
FROM incoming_readings i
WHERE m.account_service_id = i.account_service_id AND m.number = i.meter_number AND m.removed_by LIKE 'undone:%%'
"""
_METERS: Final = """
INSERT INTO metering_meter
    (account_service_id, number, model, zones, digits, decimals, installed_on, added_by_resident, made_by)
SELECT account_service_id, meter_number, {described}, 3, %(first_day)s, false, %(key)s
FROM incoming_readings i WHERE NOT EXISTS (
    SELECT FROM metering_meter m WHERE m.account_service_id = i.account_service_id AND m.number = i.meter_number)
{each} ORDER BY account_service_id
"""
_OF_ONE_REGISTER: Final = _METERS.format(
    described="meter_model, jsonb_build_array(zone), greatest(5, length((current_e3 / 1000)::text))", each=""
)
_OF_SEVERAL: Final = _METERS.format(
    described="max(meter_model), jsonb_agg(zone ORDER BY place), greatest(5, max(length((current_e3 / 1000)::text)))",
    each="GROUP BY account_service_id, meter_number",
)
# A meter that the file no longer names was replaced, when as many new ones came to its service. Where the numbers
# differ nobody knows which one went, and all of them stand.
_REPLACED: Final = """
WITH fresh AS (
    SELECT account_service_id, count(*) AS n FROM metering_meter WHERE made_by = %(key)s AND number <> %(nameless)s GROUP BY 1
),
gone AS (
    SELECT m.id, fresh.n, count(*) OVER (PARTITION BY m.account_service_id) AS missing
    FROM metering_meter m JOIN fresh USING (account_service_id)
    WHERE m.removed_on IS NULL AND m.made_by <> %(key)s AND m.installed_on < %(first_day)s
      AND NOT EXISTS (SELECT 1 FROM incoming_readings i
                      WHERE i.account_service_id = m.account_service_id AND i.meter_number = m.number)
)
UPDATE metering_meter m SET removed_on = %(first_day)s, removed_by = %(key)s
FROM gone WHERE m.id = gone.id AND gone.missing <= gone.n
"""
# In the order of the meters, so that the indexes of readings grow at their end.
_MEASURED: Final = """
CREATE TEMPORARY TABLE measured_readings ON COMMIT DROP AS
SELECT m.id AS meter_id, i.account_service_id, coalesce(i.said, i.meter_number) AS meter_number, i.place, i.zone,
       i.previous_e3, i.current_e3
FROM incoming_readings i
JOIN metering_meter m ON m.account_service_id = i.account_service_id AND m.number = i.meter_number
ORDER BY m.id, i.place;
ANALYZE measured_readings
"""
# Nearly every meter was read a month ago; only the others are looked for in all the months.
_UNREAD: Final = """
CREATE TEMPORARY TABLE unread_registers ON COMMIT DROP AS
SELECT i.meter_id, i.zone, i.previous_e3 FROM measured_readings i
WHERE i.previous_e3 IS NOT NULL AND NOT EXISTS (
    SELECT FROM metering_reading r
    WHERE r.meter_id = i.meter_id AND r.zone = i.zone AND r.period = %(before)s AND r.superseded_at IS NULL);
ANALYZE unread_registers
"""
_INITIAL: Final = """
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at, client_key, warning)
SELECT %(before)s, i.meter_id, i.zone, i.previous_e3 / 1000.0, %(first_day)s::date - 1, 'initial', %(at)s, %(key)s, ''
FROM unread_registers i WHERE NOT EXISTS (
    SELECT FROM metering_reading r WHERE r.meter_id = i.meter_id AND r.zone = i.zone AND r.superseded_at IS NULL)
"""
_SUPERSEDE: Final = """
UPDATE metering_reading r SET superseded_at = %(at)s FROM measured_readings i
WHERE r.meter_id = i.meter_id AND r.zone = i.zone AND r.period = %(period)s AND r.superseded_at IS NULL
  AND r.channel <> ALL(%(kept)s)
"""
_CURRENT: Final = """
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at, client_key, warning)
SELECT %(period)s, i.meter_id, i.zone, i.current_e3 / 1000.0, %(last_day)s, 'provider', %(at)s, %(key)s, ''
FROM measured_readings i WHERE i.current_e3 IS NOT NULL AND NOT EXISTS (
    SELECT FROM metering_reading r WHERE r.meter_id = i.meter_id AND r.zone = i.zone AND r.period = %(period)s
      AND r.superseded_at IS NULL AND r.channel <> 'initial')
"""


def record_imported_readings(*, batch_id: int, period: Period, readings: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Take the readings (`IMPORTED_READINGS`) of a provider's file as of the end of the month; new meters are made,
    with the previous value as their initial one, and close those they replaced. An inspector's reading of the month stands, others are superseded.

    Returns account_service_id, meter_number, meter_id. Runs in the caller's transaction.
    """
    parameters: dict[str, int | str | dt.date | list[str]] = {
        "kept": [channel.value for channel in (*Channel.PROVIDER.stronger, Channel.INITIAL)],
        "period": int(period),
        "before": int(period.previous),
        "first_day": period.first_day,
        "last_day": period.last_day,
        "at": at,
        "key": import_key(batch_id),
        "nameless": NAMELESS,
    }
    ensure_partitions(table="metering_reading", periods=[period.previous, period])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE incoming_readings (account_service_id bigint, meter_number text, meter_model text,"
            " place smallint, zone text, previous_e3 bigint, current_e3 bigint, said text) ON COMMIT DROP"
        )
        copy_frame(table="incoming_readings", frame=readings.select(list(IMPORTED_READINGS)))
        cursor.execute("ANALYZE incoming_readings")
        if (readings["meter_number"] == NAMELESS).any():
            cursor.execute(_NAMED, parameters)
        cursor.execute(_AGAIN, parameters)
        several = readings["account_service_id"].is_duplicated().any()
        cursor.execute(_OF_SEVERAL if several else _OF_ONE_REGISTER, parameters)
        if cursor.rowcount > 1000:  # new rows that the planner does not know of yet
            cursor.execute("ANALYZE metering_meter")
        cursor.execute(_REPLACED, parameters)
        cursor.execute(_MEASURED)
        cursor.execute(_UNREAD, parameters)
        for statement in (_INITIAL, _SUPERSEDE, _CURRENT):
            _write(cursor, statement, parameters)
        meters = read_frame(
            query="SELECT DISTINCT account_service_id, meter_number, meter_id FROM measured_readings"
            if several
            else "SELECT account_service_id, meter_number, meter_id FROM measured_readings",
            parameters={},
            schema={"account_service_id": pl.Int64, "meter_number": pl.String, "meter_id": pl.Int64},
        )
        cursor.execute("DROP TABLE incoming_readings, measured_readings, unread_registers")
    return meters


def _write(cursor: CursorWrapper, statement: str, parameters: Mapping[str, int | str | dt.date | list[str]]) -> None:
    """Run the statement; once more, stepping over conflicts, when an inspector wrote a reading at the same moment.
    Stepping over them from the start takes twice as long."""
    try:
        with transaction.atomic():
            cursor.execute(statement, parameters)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", parameters)


_TAKEN: Final = """
CREATE TEMPORARY TABLE taken_readings ON COMMIT DROP AS
SELECT period, id, meter_id, zone FROM metering_reading
WHERE period = ANY(%(periods)s) AND client_key = %(key)s AND superseded_at IS NULL
"""
_TAKE_BACK: Final = """
UPDATE metering_reading r SET superseded_at = %(at)s FROM taken_readings t WHERE r.period = t.period AND r.id = t.id
"""
_STAND_AGAIN: Final = """
UPDATE metering_reading r SET superseded_at = NULL FROM taken_readings t
WHERE r.period = t.period AND r.meter_id = t.meter_id AND r.zone = t.zone AND r.superseded_at = %(applied_at)s
  AND r.client_key <> %(key)s
"""


@transaction.atomic
def reverse_imported_readings(
    *, batch_id: int, periods: Collection[Period], applied_at: dt.datetime, at: dt.datetime
) -> int:
    """Take the readings of a file back, which are of these months; those that it had superseded stand again, as do meters that it had replaced.
    Meters that came with it and have no other readings are put away until it comes again. How many readings were
    taken back."""
    parameters: dict[str, str | dt.datetime | list[int]] = {
        "periods": [int(period) for period in periods],
        "key": import_key(batch_id),
        "applied_at": applied_at,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, parameters)
        taken: int = cursor.rowcount
        cursor.execute("ANALYZE taken_readings")
        cursor.execute(_TAKE_BACK, parameters)
        cursor.execute(_STAND_AGAIN, parameters)
        cursor.execute("DROP TABLE taken_readings")
        cursor.execute(
            "UPDATE metering_meter SET removed_on = NULL, removed_by = '' WHERE removed_by = %s", [import_key(batch_id)]
        )
        cursor.execute(
            "UPDATE metering_meter m SET removed_on = installed_on, removed_by = %s WHERE made_by = %s"
            " AND removed_on IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM metering_reading r WHERE r.meter_id = m.id AND r.superseded_at IS NULL)",
            [f"undone:{batch_id}", import_key(batch_id)],
        )
    return taken


def import_key(batch_id: int) -> str:
    """Whose a reading of a file is, in its `client_key`."""
    return f"import:{batch_id}"
