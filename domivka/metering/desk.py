"""Readings that people name at a cash desk or a terminal while they pay, as they come in its register: judged by the
rules of typed ones, and taken with a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.copy import copy_frame
from domivka.kernel.frames import read_frame
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.metering.errors import ReadingBelowPrevious, ReadingTooHigh, ReadingTooLong
from domivka.metering.imported import import_key
from domivka.metering.models import Channel, Meter
from domivka.metering.operations import check_reading
from domivka.metering.queries import MeterView, RegisterView, meters_on_days
from domivka.registry import api as registry
from domivka.tariffs.api import parameter

DESK_READINGS: Final[dict[str, pl.DataType]] = {
    "key": pl.Int64(),
    "account_number": pl.String(),
    "provider_id": pl.Int64(),
    "meter_number": pl.String(),
    "zone": pl.String(),
    "value_e3": pl.Int64(),
    "taken_on": pl.Date(),
}
"""A reading a row, in the order of the file: `key` is the caller's; no provider is any of the town, an empty meter
number or zone is the only one there is. Values are in thousandths of the unit."""

SAME: Final = "same"
"""The month has these digits already: nothing is written, and nothing is wrong."""
REPLACED: Final = "replaced"
"""Another reading of the same file replaces it: `by` is its key."""


@dataclass(frozen=True, slots=True)
class DeskReading:
    """What is to become of a reading: taken when `problem` is empty, else why not: unknown_account, several_accounts,
    no_meter, unknown_meter, several_meters, several_zones, unknown_zone, outside_window, too_long, below_previous, too_high,
    stronger, newer, `SAME`, `REPLACED`."""

    key: int
    value: Decimal
    taken_on: dt.date
    problem: str = ""
    meter: MeterView | None = None
    register: RegisterView | None = None
    premises_id: int | None = None
    by: int | None = None


_ACCOUNTS: Final = """
SELECT a.number, a.provider_id, a.id, a.premises_id, x.id FROM registry_personalaccount a
LEFT JOIN registry_accountservice x ON x.account_id = a.id AND x.closed_on IS NULL
    AND EXISTS (SELECT FROM metering_meter m WHERE m.account_service_id = x.id)
WHERE a.town_id = %(town)s AND a.number = ANY(%(numbers)s) AND a.closed_on IS NULL
"""


@dataclass(slots=True)
class _Account:
    premises_id: int
    services: list[int] = field(default_factory=list)


class _Known:
    """The accounts that a file names, and the meters that stood at them on the days of its readings."""

    def __init__(self, town_id: int, readings: pl.DataFrame) -> None:
        found = read_frame(
            query=_ACCOUNTS,
            parameters={"town": town_id, "numbers": readings["account_number"].unique().to_list()},
            schema={name: pl.String if name == "number" else pl.Int64 for name in (
                "number", "provider_id", "account_id", "premises_id", "account_service_id",
            )},
        )  # fmt: skip
        self.accounts: dict[str, dict[tuple[int, int], _Account]] = defaultdict(dict)
        for number, provider, account, premises, service in found.iter_rows():
            one = self.accounts[number].setdefault((provider, account), _Account(premises))
            if service is not None:
                one.services.append(service)
        services = registry.services_by_id(account_service_ids=found["account_service_id"].drop_nulls().to_list())
        asked = readings.select("account_number", "taken_on").unique().iter_rows()
        days = {
            (service, day)
            for number, day in asked
            for account in self.accounts.get(number, {}).values()
            for service in account.services
        }
        self.meters: dict[tuple[int, dt.date], list[MeterView]] = defaultdict(list)
        for day, meter in meters_on_days(asked=[(services[service], day) for service, day in sorted(days)]):
            self.meters[meter.account_service_id, day].append(meter)
        last = readings["taken_on"].max()
        assert isinstance(last, dt.date)  # noqa: S101 - there are readings, each with its day
        self.high_use_factor = parameter(code="high_use_factor", town_id=town_id, on=last)

    def place(self, one: DeskReading, number: str, provider: int | None, meter_number: str, zone: str) -> DeskReading:
        """The reading with its meter and register, or why they cannot be told."""
        accounts = [
            account
            for (owner, _), account in self.accounts.get(number, {}).items()
            if provider is None or owner == provider
        ]
        if len(accounts) != 1:
            return replace(one, problem="several_accounts" if accounts else "unknown_account")
        one = replace(one, premises_id=accounts[0].premises_id)
        standing = [meter for service in accounts[0].services for meter in self.meters[service, one.taken_on]]
        named = [meter for meter in standing if not meter_number or _folded(meter.number) == _folded(meter_number)]
        if len(named) != 1:
            nothing = "unknown_meter" if standing else "no_meter"
            return replace(one, problem="several_meters" if named else nothing)
        one = replace(one, meter=named[0])
        registers = [register for register in named[0].registers if zone in ("", register.zone)]
        if len(registers) != 1:
            return replace(one, problem="several_zones" if registers else "unknown_zone")
        return replace(one, register=registers[0])

    def judge(self, one: DeskReading) -> DeskReading:
        """A reading in its place with what is wrong with it, against the registry and the months before."""
        meter, register = one.meter, one.register
        if one.problem or meter is None or register is None:
            return one
        if meter.window_from is not None and not meter.window_is_open:
            return replace(one, problem="outside_window")
        found = check_reading(meter=meter, register=register, value=one.value, high_use_factor=self.high_use_factor)
        if found is not None:
            return replace(one, problem=_PROBLEMS[type(found)])
        if register.current is None or register.current_on is None:
            return one
        if register.current == one.value:
            return replace(one, problem=SAME)
        stands = Channel(register.current_channel)
        if stands in Channel.CASH_DESK.stronger:
            return replace(one, problem="stronger")
        newer = stands == Channel.CASH_DESK and register.current_on > one.taken_on
        return replace(one, problem="newer") if newer else one


_PROBLEMS: Final = {
    ReadingTooLong: "too_long",
    ReadingBelowPrevious: "below_previous",
    ReadingTooHigh: "too_high",
}


def _folded(number: str) -> str:
    return number.removeprefix("№").strip().casefold()


def judge_desk_readings(*, town_id: int, readings: pl.DataFrame) -> list[DeskReading]:
    """What would become of readings (`DESK_READINGS`), in their order; nothing is written.

    A reading counts for the month whose window was open on its day. Of several of one register the last day's is
    taken, and of one day the last row. A constant number of queries.
    """
    if readings.is_empty():
        return []
    known = _Known(town_id, readings)
    judged = {}
    for key, number, provider, meter_number, zone, value_e3, taken_on in readings.select(
        list(DESK_READINGS)
    ).iter_rows():
        one = DeskReading(key, Decimal(value_e3).scaleb(-3), taken_on)
        judged[key] = known.judge(known.place(one, number, provider, meter_number, zone))
    last: dict[tuple[int, str, Period], DeskReading] = {}
    for one in sorted((one for one in judged.values() if not one.problem), key=lambda one: one.taken_on):
        assert one.meter is not None and one.register is not None  # noqa: S101, PT018 - without them it has a problem
        register = (one.meter.id, one.register.zone, one.meter.period)
        before = last.get(register)
        if before is not None and before.value == one.value:
            judged[one.key] = replace(one, problem=SAME)
            continue
        if before is not None:
            judged[before.key] = replace(before, problem=REPLACED, by=one.key)
        last[register] = one
    return list(judged.values())


_SUPERSEDE: Final = """
UPDATE metering_reading r SET superseded_at = %(at)s FROM desk_readings i
WHERE r.meter_id = i.meter_id AND r.zone = i.zone AND r.period = i.period AND r.superseded_at IS NULL
  AND r.channel <> ALL(%(kept)s)
"""
_INSERT: Final = """
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at, client_key, warning)
SELECT i.period, i.meter_id, i.zone, i.value, i.taken_on, 'cash_desk', %(at)s, %(key)s, '' FROM desk_readings i
ORDER BY i.period, i.meter_id
"""


@transaction.atomic
def take_desk_readings(*, town_id: int, batch_id: int, readings: pl.DataFrame, at: dt.datetime) -> list[DeskReading]:
    """Judge readings of a register (`DESK_READINGS`) as `judge_desk_readings` does and take the good ones, by the cash
    desk's channel and on the day of the payment. What is weaker is superseded, never edited; equal digits are left."""
    found = judge_desk_readings(town_id=town_id, readings=readings)
    meters = sorted({one.meter.id for one in found if one.meter is not None})
    # As typed readings do: nobody writes a reading of these meters between our look and our writing.
    if Meter.objects.select_for_update().filter(pk__in=meters).order_by("pk").count():
        found = judge_desk_readings(town_id=town_id, readings=readings)
    taken = pl.DataFrame(
        [
            (int(one.meter.period), one.meter.id, one.register.zone, one.value, one.taken_on)
            for one in found
            if not one.problem and one.meter is not None and one.register is not None
        ],
        schema={
            "period": pl.Int32, "meter_id": pl.Int64, "zone": pl.String, "value": pl.Decimal(14, 3), "taken_on": pl.Date,
        },
        orient="row",
    )  # fmt: skip
    if taken.is_empty():
        return found
    ensure_partitions(table="metering_reading", periods={Period(month) for month in taken["period"].unique()})
    parameters: dict[str, str | dt.datetime | list[str]] = {
        "at": at,
        "key": import_key(batch_id),
        "kept": [channel.value for channel in (*Channel.CASH_DESK.stronger, Channel.INITIAL)],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE desk_readings (period integer, meter_id bigint, zone text, value numeric(14, 3),"
            " taken_on date) ON COMMIT DROP"
        )
        copy_frame(table="desk_readings", frame=taken)
        cursor.execute("ANALYZE desk_readings")
        cursor.execute(_SUPERSEDE, parameters)
        cursor.execute(_INSERT, parameters)
        cursor.execute("DROP TABLE desk_readings")
    return found


_REPLACED_LATER: Final = """
SELECT count(*) FROM metering_reading mine
JOIN metering_reading later ON later.period = mine.period AND later.meter_id = mine.meter_id AND later.zone = mine.zone
    AND later.submitted_at = mine.superseded_at AND later.superseded_at IS NULL AND later.client_key LIKE 'import:%%'
WHERE mine.period = ANY(%(periods)s) AND mine.client_key = %(key)s
"""


def count_replaced_by_imports(*, batch_id: int, periods: Collection[Period]) -> int:
    """How many readings of a file later files replaced: undone in another order, they would stand again."""
    with connection.cursor() as cursor:
        cursor.execute(_REPLACED_LATER, {"periods": [int(p) for p in periods], "key": import_key(batch_id)})
        (count,) = cursor.fetchone()
    return int(count)
