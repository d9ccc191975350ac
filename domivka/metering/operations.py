"""Taking readings and adding meters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.metering.errors import (
    MeterExists,
    MeterNotFound,
    ReadingBelowPrevious,
    ReadingError,
    ReadingTooHigh,
    ReadingTooLong,
    StrongerReadingStands,
)
from domivka.metering.models import Channel, Meter, Reading
from domivka.metering.queries import MeterView, RegisterView, meters_of, premises_of_meters
from domivka.tariffs.api import parameter


@dataclass(frozen=True, slots=True)
class TypedReading:
    """A value as a person typed it. `confirmed`: they saw the warning and said it is right."""

    meter_id: int
    zone: str
    value: Decimal
    confirmed: bool = False
    client_key: str = ""


@dataclass(frozen=True, slots=True)
class ReadingsTaken:
    """What became of typed readings: how many were taken, and why the others were not."""

    taken: int
    refused: tuple[ReadingError, ...]


def check_reading(
    *, meter: MeterView, register: RegisterView, value: Decimal, high_use_factor: Decimal
) -> ReadingError | None:
    """Why a value should be looked at again, or None (domain.md §5.3: never accept a lower reading silently)."""
    if value < 0 or value >= 10**meter.digits:
        return ReadingTooLong(digits=meter.digits, meter_id=meter.id, zone=register.zone)
    if value < register.previous:
        return ReadingBelowPrevious(previous=register.previous, meter_id=meter.id, zone=register.zone)
    volume = value - register.previous
    if register.usual and volume > register.usual * high_use_factor:
        return ReadingTooHigh(volume=volume, usual=register.usual, meter_id=meter.id, zone=register.zone)
    return None


@transaction.atomic
def submit_readings(
    *,
    town_id: int,
    account_service_ids: Sequence[int],
    readings: Sequence[TypedReading],
    channel: Channel,
    user_id: int | None,
    at: dt.datetime,
) -> ReadingsTaken:
    """Take readings of meters of these account services for the month that is open. Good ones are taken even when others
    are refused. An earlier reading of the month is superseded, never edited; the same `client_key` again is a no-op.

    Raises `MeterNotFound` when a meter is not of these account services.
    """
    on = at.astimezone(KYIV).date()
    Meter.objects.select_for_update().filter(pk__in=[r.meter_id for r in readings]).order_by("pk").count()
    meters = {meter.id: meter for meter in meters_of(account_service_ids=account_service_ids, on=on)}
    factor = parameter(code="high_use_factor", town_id=town_id, on=on)
    ensure_partitions(table="metering_reading", periods={meter.period for meter in meters.values()})
    taken, refused = 0, []
    for reading in readings:
        meter = meters.get(reading.meter_id)
        register = next((r for r in meter.registers if r.zone == reading.zone), None) if meter else None
        if meter is None or register is None:
            raise MeterNotFound
        problem = check_reading(meter=meter, register=register, value=reading.value, high_use_factor=factor)
        if problem is not None and not (problem.confirmable and reading.confirmed):
            refused.append(problem)
            continue
        stronger = _take(meter, reading, problem, channel, user_id, on, at)
        if stronger is not None:
            refused.append(stronger)
        else:
            taken += 1
    if taken:
        audit.record(
            at=at, actor_id=user_id, action="metering.readings_taken", object_kind="meter",
            object_id=readings[0].meter_id, town_id=town_id, detail={"taken": taken, "channel": channel},
            premises_ids=premises_of_meters(meter_ids=[reading.meter_id for reading in readings]),
        )  # fmt: skip
    return ReadingsTaken(taken, tuple(refused))


def _take(
    meter: MeterView,
    reading: TypedReading,
    problem: ReadingError | None,
    channel: Channel,
    user_id: int | None,
    on: dt.date,
    at: dt.datetime,
) -> ReadingError | None:
    earlier = Reading.objects.filter(
        meter_id=meter.id, zone=reading.zone, period=meter.period, superseded_at=None
    ).exclude(channel=Channel.INITIAL)
    standing = earlier.first()
    if standing is not None:
        if reading.client_key and standing.client_key == reading.client_key:
            return None
        stands = Channel(standing.channel)
        if stands in channel.stronger:
            return StrongerReadingStands(
                channel=stands, taken_on=standing.taken_on, meter_id=meter.id, zone=reading.zone
            )
        earlier.update(superseded_at=at)
    insert_reading(
        meter_id=meter.id,
        zone=reading.zone,
        period=meter.period,
        value=reading.value,
        taken_on=on,
        channel=channel,
        user_id=user_id,
        at=at,
        client_key=reading.client_key,
        warning="" if problem is None else type(problem).__name__[:20],
    )
    return None


def insert_reading(
    *,
    meter_id: int,
    zone: str,
    period: Period,
    value: Decimal,
    taken_on: dt.date,
    channel: Channel,
    user_id: int | None,
    at: dt.datetime,
    client_key: str = "",
    warning: str = "",
) -> None:
    """Write one reading row; its partition must exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_by_id,"
            " submitted_at, client_key, warning) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [int(period), meter_id, zone, value, taken_on, channel, user_id, at, client_key, warning],
        )


@transaction.atomic
def add_meter(
    *,
    town_id: int,
    account_service_id: int,
    number: str,
    model: str,
    zones: Sequence[str],
    initial: Sequence[Decimal],
    on: dt.date,
    user_id: int | None,
    at: dt.datetime,
    by_resident: bool = False,
    digits: int = 5,
    decimals: int = 3,
    verification_due_on: dt.date | None = None,
) -> int:
    """Put a meter on an account's service with its initial values, one a zone; returns its id. Raises `MeterExists`."""
    if Meter.objects.filter(account_service_id=account_service_id, number=number).exists():
        raise MeterExists(number)
    meter = Meter.objects.create(
        account_service_id=account_service_id,
        number=number,
        model=model,
        zones=list(zones),
        digits=digits,
        decimals=decimals,
        installed_on=on,
        verification_due_on=verification_due_on,
        added_by_resident=by_resident,
    )
    ensure_partitions(table="metering_reading", periods=[Period.of(on)])
    for zone, value in zip(zones, initial, strict=True):
        insert_reading(
            meter_id=meter.pk, zone=zone, period=Period.of(on), value=value, taken_on=on,
            channel=Channel.INITIAL, user_id=user_id, at=at,
        )  # fmt: skip
    audit.record(
        at=at, actor_id=user_id, action="metering.meter_added", object_kind="meter", object_id=meter.pk, town_id=town_id,
        premises_ids=premises_of_meters(meter_ids=[meter.pk]),
    )  # fmt: skip
    return meter.pk
