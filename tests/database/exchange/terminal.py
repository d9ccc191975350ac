"""A terminal network's register and a flat with a water meter, for tests of readings that come with payments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from domivka.exchange import api as exchange
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.metering.models import Channel, Reading
from domivka.metering.operations import insert_reading
from tests.builders import AccountServiceOf, Town

NOV = Period(202611)
AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


def upload(town: Town, content: bytes, *, name: str = "terminal.csv") -> int:
    return exchange.upload(
        town_id=town.row.pk, preset="terminal", period=NOV, file_name=name, content=content, user_id=None, at=AT
    ).batch_id


def bring(town: Town, content: bytes, *, at: dt.datetime = AT) -> int:
    """Upload, check and apply; the batch."""
    batch = upload(town, content)
    exchange.check(batch_id=batch, at=at)
    exchange.apply(batch_id=batch, user_id=None, at=at)
    return batch


def water(town: Town, number: str = "003200001", *, meter: str = "032264") -> tuple[AccountServiceOf, int]:
    """A flat whose water has a meter with 100 on it in October and four cubic metres a month before."""
    service = town.flat().service("water", number=number, metered=True)
    meter_id = service.meter(meter, initial="80", on=dt.date(2026, 5, 1))
    for n, value in enumerate((84, 88, 92, 96, 100)):
        said(meter_id, Period(202606).shift(n), value, Channel.PROVIDER)
    return service, meter_id


def said(
    meter_id: int, period: Period, value: float, channel: Channel, *, on: dt.date | None = None, zone: str = "single"
) -> None:
    """A reading that is there already."""
    ensure_partitions(table="metering_reading", periods=[period])
    insert_reading(
        meter_id=meter_id, zone=zone, period=period, value=Decimal(str(value)), taken_on=on or period.last_day,
        channel=channel, user_id=None, at=AT,
    )  # fmt: skip


def standing(meter_id: int, period: Period = NOV) -> list[tuple[str, str, str]]:
    """Zone, value and channel of the readings of a month that stand."""
    rows = Reading.objects.filter(meter_id=meter_id, period=period, superseded_at=None).exclude(channel="initial")
    return [(zone, f"{value.normalize():f}", channel) for zone, value, channel in rows.order_by("zone").values_list(
        "zone", "value", "channel"
    )]  # fmt: skip
