"""Reading meters: what is installed, what was last read, when readings are taken, what was used."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from domivka.kernel.period import Period
from domivka.metering.models import Channel, Meter
from domivka.registry.models import Unit


@dataclass(frozen=True, slots=True)
class RegisterView:
    """One register of a meter: the last value before the month and the month's own, if there is one."""

    zone: str
    previous: Decimal
    previous_on: dt.date | None
    current: Decimal | None
    current_on: dt.date | None
    current_channel: str
    usual: Decimal | None  # volume of an average month, None without history


@dataclass(frozen=True, slots=True)
class MeterView:
    id: int
    account_service_id: int
    number: str
    model: str
    unit: str
    digits: int
    decimals: int
    verification_due_on: dt.date | None
    is_verified: bool
    installed_on: dt.date
    removed_on: dt.date | None
    added_by_resident: bool
    period: Period  # the month a reading typed now would count for
    window_from: dt.date | None
    window_to: dt.date | None
    window_is_open: bool
    registers: tuple[RegisterView, ...]


_EARLY_DAYS: Final = 10
"""A window that is over by this day takes the readings as of the 1st: those of the month before (gas: the 1st to the 5th)."""


def _is_after_month(from_day: int, to_day: int) -> bool:
    """Does the window of a month's readings end in the next month (electricity: the 28th to the 3rd)."""
    return to_day < from_day or to_day <= _EARLY_DAYS


def reading_period(*, on: dt.date, to_day: int | None, from_day: int | None) -> Period:
    """The month for which a reading taken on a day counts (domain.md §5.3): the one whose window is open, or the next to open.
    A reading after its month's window comes too late for that month, which is charged by the average; it corrects the next."""
    running = Period.of(on)
    if from_day is None or to_day is None:
        return running
    if _is_after_month(from_day, to_day):
        return running.previous if on.day <= to_day else running
    return running.next if on.day > to_day else running


def reading_window(*, period: Period, from_day: int | None, to_day: int | None) -> tuple[dt.date, dt.date] | None:
    """First and last day on which readings of a month are taken."""
    if from_day is None or to_day is None:
        return None
    last = period.next if _is_after_month(from_day, to_day) else period
    first = period if to_day < from_day else last
    return (
        first.first_day.replace(day=min(from_day, first.days)),
        last.first_day.replace(day=min(to_day, last.days)),
    )


_READINGS = """
SELECT DISTINCT ON (r.meter_id, r.zone, r.period < %(period)s OR r.channel = 'initial')
       r.meter_id, r.zone, r.period < %(period)s OR r.channel = 'initial', r.value, r.taken_on, r.channel
FROM metering_reading r
WHERE r.meter_id = ANY(%(meters)s) AND r.superseded_at IS NULL AND r.period <= %(period)s
ORDER BY r.meter_id, r.zone, r.period < %(period)s OR r.channel = 'initial', r.period DESC, r.channel = 'initial', r.taken_on DESC
"""
_USUAL = """
SELECT meter_id, zone,
       (array_agg(value ORDER BY taken_on DESC))[1] - (array_agg(value ORDER BY taken_on))[1],
       max(taken_on) - min(taken_on)
FROM metering_reading
WHERE meter_id = ANY(%(meters)s) AND superseded_at IS NULL AND period >= %(since)s AND period < %(period)s
GROUP BY 1, 2
"""


def meters_of(*, account_service_ids: Sequence[int], on: dt.date, grace_days: int = 0) -> list[MeterView]:
    """Meters standing on a day, with their registers. Three queries, whatever the number."""
    meters = list(
        Meter.objects.filter(
            Q(removed_on=None) | Q(removed_on__gt=on), account_service_id__in=account_service_ids, installed_on__lte=on
        )
        .select_related("account_service__provider_service__service")
        .order_by("account_service_id", "installed_on", "pk")
    )
    periods: dict[Period, list[int]] = defaultdict(list)
    for meter in meters:
        supplied = meter.account_service.provider_service
        period = reading_period(on=on, from_day=supplied.reading_from_day, to_day=supplied.reading_to_day)
        periods[period].append(meter.pk)
    registers: dict[int, list[RegisterView]] = {}
    for period, ids in periods.items():  # at most three: this month and its neighbours
        registers.update(_registers(meters=[meter for meter in meters if meter.pk in set(ids)], period=period))
    period_of = {meter_id: period for period, ids in periods.items() for meter_id in ids}
    return [_meter_view(meter, period_of[meter.pk], registers[meter.pk], on, grace_days) for meter in meters]


def _meter_view(meter: Meter, period: Period, registers: list[RegisterView], on: dt.date, grace_days: int) -> MeterView:
    supplied = meter.account_service.provider_service
    window = reading_window(period=period, from_day=supplied.reading_from_day, to_day=supplied.reading_to_day)
    due = meter.verification_due_on
    return MeterView(
        id=meter.pk,
        account_service_id=meter.account_service_id,
        number=meter.number,
        model=meter.model,
        unit=str(Unit(supplied.service.unit).label),
        digits=meter.digits,
        decimals=meter.decimals,
        verification_due_on=due,
        is_verified=due is None or due + dt.timedelta(days=grace_days) >= on,
        installed_on=meter.installed_on,
        removed_on=meter.removed_on,
        added_by_resident=meter.added_by_resident,
        period=period,
        window_from=window[0] if window else None,
        window_to=window[1] if window else None,
        window_is_open=window is not None and window[0] <= on <= window[1],
        registers=tuple(registers),
    )


def _registers(*, meters: Sequence[Meter], period: Period) -> dict[int, list[RegisterView]]:
    ids = [meter.pk for meter in meters]
    with connection.cursor() as cursor:
        cursor.execute(_READINGS, {"meters": ids, "period": int(period)})
        last: dict[tuple[int, str, bool], tuple[Any, ...]] = {
            (m, z, before): rest for m, z, before, *rest in cursor.fetchall()
        }
        cursor.execute(_USUAL, {"meters": ids, "period": int(period), "since": int(period.shift(-12))})
        usual = {(m, z): (volume, days) for m, z, volume, days in cursor.fetchall()}
    found: dict[int, list[RegisterView]] = {}
    for meter in meters:
        found[meter.pk] = []
        for zone in meter.zones or ["single"]:
            previous, previous_on, _channel = last.get((meter.pk, zone, True), (Decimal(0), None, ""))
            current, current_on, channel = last.get((meter.pk, zone, False), (None, None, ""))
            found[meter.pk].append(
                RegisterView(
                    zone=zone,
                    previous=previous,
                    previous_on=previous_on,
                    current=current,
                    current_on=current_on,
                    current_channel=channel,
                    usual=_month_of(*usual.get((meter.pk, zone), (None, 0)), meter),
                )
            )
    return found


def _month_of(volume: Decimal | None, days: int, meter: Meter) -> Decimal | None:
    if volume is None or days <= 0:
        return None
    if volume < 0:
        volume += 10**meter.digits
    return (volume * 30 / days).quantize(Decimal("0.001"))


@dataclass(frozen=True, slots=True)
class Consumption:
    """A reading as the consumption tab shows it (seed S1 «Споживання»)."""

    account_service_id: int
    meter_id: int
    meter_model: str
    meter_number: str
    unit: str
    zone: str
    period: Period
    taken_on: dt.date
    value: Decimal
    volume: Decimal | None  # since the reading before; None for the first
    channel: str


_CONSUMPTION = """
SELECT m.account_service_id, m.id, m.model, m.number, s.unit, r.zone, r.period, r.taken_on, r.value,
       r.value - lag(r.value) OVER (PARTITION BY m.id, r.zone ORDER BY r.period, r.taken_on, r.id), r.channel, m.digits
FROM metering_reading r
JOIN metering_meter m ON m.id = r.meter_id
JOIN registry_accountservice a ON a.id = m.account_service_id
JOIN registry_providerservice p ON p.id = a.provider_service_id
JOIN registry_service s ON s.id = p.service_id
WHERE m.account_service_id = ANY(%s) AND r.superseded_at IS NULL AND r.period BETWEEN %s AND %s
ORDER BY r.period DESC, m.account_service_id, m.id, r.zone
"""


def _used(difference: Decimal | None, digits: int) -> Decimal | None:
    """What a difference of readings says was used; None for a drop that is not a pass through zero (rules.volumes)."""
    if difference is None or difference >= 0:
        return difference
    passed = difference + 10**digits
    return passed if passed * 2 < 10**digits else None


def consumption(*, account_service_ids: Iterable[int], first: Period, last: Period) -> list[Consumption]:
    """Readings of the months with what was used since the one before, newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSUMPTION, [list(account_service_ids), int(first.previous), int(last)])
        rows = cursor.fetchall()
    return [
        Consumption(
            account_service_id=account,
            meter_id=meter,
            meter_model=model,
            meter_number=number,
            unit=str(Unit(unit).label),
            zone=zone,
            period=Period(period),
            taken_on=taken_on,
            value=value,
            volume=_used(volume, digits),
            channel=Channel(channel).value,
        )
        for account, meter, model, number, unit, zone, period, taken_on, value, volume, channel, digits in rows
        if period >= first
    ]
