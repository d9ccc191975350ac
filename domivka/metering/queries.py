"""Reading meters: what is installed, what was last read, when readings are taken, what was used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from django.db import connection

from domivka.kernel.period import Period
from domivka.kernel.reads import prepared_rows
from domivka.metering.models import Channel, Meter
from domivka.registry import api as registry
from domivka.registry.api import ServiceView
from domivka.registry.models import Unit


@dataclass(frozen=True, slots=True)
class RegisterView:
    """One register of a meter: the last value before the month and the month's own, if there is one."""

    zone: str
    previous: Decimal
    previous_on: dt.date | None
    current: Decimal | None
    current_on: dt.date | None
    current_channel: str  # of `Channel`, '' without a reading
    usual: Decimal | None  # volume of an average month, None without history

    @property
    def current_by(self) -> str:
        """How the month's reading came, in words; '' without one."""
        return Channel(self.current_channel).words if self.current_channel else ""


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


_METERS = """
SELECT m.account_service_id, m.id, m.number, m.model, ARRAY(SELECT jsonb_array_elements_text(m.zones)), m.digits, m.decimals,
       m.verification_due_on, m.installed_on, m.removed_on, m.added_by_resident, r.zone,
       (array_agg(r.value ORDER BY r.period DESC, r.channel = 'initial', r.taken_on DESC) FILTER (WHERE r.is_before))[1],
       (array_agg(r.taken_on ORDER BY r.period DESC, r.channel = 'initial', r.taken_on DESC) FILTER (WHERE r.is_before))[1],
       max(r.value) FILTER (WHERE NOT r.is_before), max(r.taken_on) FILTER (WHERE NOT r.is_before),
       max(r.channel) FILTER (WHERE NOT r.is_before),
       (array_agg(r.value ORDER BY r.taken_on DESC) FILTER (WHERE r.is_usual))[1]
       - (array_agg(r.value ORDER BY r.taken_on) FILTER (WHERE r.is_usual))[1],
       max(r.taken_on) FILTER (WHERE r.is_usual) - min(r.taken_on) FILTER (WHERE r.is_usual), w.day
FROM unnest(%(services)s::bigint[], %(periods)s::integer[], %(since)s::integer[], %(days)s::date[])
     AS w (account_service_id, period, since, day)
JOIN metering_meter m USING (account_service_id)
LEFT JOIN LATERAL (
    SELECT r.*, r.period < w.period OR r.channel = 'initial' AS is_before, r.period >= w.since AND r.period < w.period AS is_usual
    FROM metering_reading r WHERE r.meter_id = m.id AND r.superseded_at IS NULL AND r.period <= w.period
) r ON true
WHERE m.installed_on <= w.day AND (m.removed_on IS NULL OR m.removed_on > w.day)
GROUP BY m.id, r.zone, w.day
ORDER BY m.account_service_id, m.installed_on, m.id, w.day
"""


def meters_of(*, account_service_ids: Sequence[int], on: dt.date, grace_days: int = 0) -> list[MeterView]:
    """Meters standing on a day, with their registers. Two queries, whatever the number."""
    services = registry.services_by_id(account_service_ids=account_service_ids)
    return meters_of_services(services=list(services.values()), on=on, grace_days=grace_days)


def meters_of_services(*, services: Sequence[ServiceView], on: dt.date, grace_days: int = 0) -> list[MeterView]:
    """The same for services that the caller has already read. One query; none without services."""
    return [meter for _, meter in meters_on_days(asked=[(service, on) for service in services], grace_days=grace_days)]


def meters_on_days(
    *, asked: Sequence[tuple[ServiceView, dt.date]], grace_days: int = 0
) -> list[tuple[dt.date, MeterView]]:
    """The same, each service on a day of its own, with that day. One query; none without services."""
    if not asked:
        return []
    service_of = {service.account_service_id: service for service, _ in asked}
    periods = {
        (service.account_service_id, on): reading_period(
            on=on, from_day=service.reading_from_day, to_day=service.reading_to_day
        )
        for service, on in asked
    }
    rows = prepared_rows(
        _METERS,
        {
            "services": [number for number, _ in periods],
            "periods": [int(period) for period in periods.values()],
            "since": [int(period.shift(-12)) for period in periods.values()],
            "days": [on for _, on in periods],
        },
    )
    return [
        (on, _meter_view(service_of[number], periods[number, on], [row[1:-1] for row in registers], on, grace_days))
        for (number, _meter, on), registers in groupby(rows, key=lambda row: (row[0], row[1], row[-1]))
    ]


def _meter_view(
    service: ServiceView, period: Period, rows: Sequence[tuple[Any, ...]], on: dt.date, grace_days: int
) -> MeterView:
    """`rows` of one meter, one for each register that was ever read."""
    meter_id, number, model, zones, digits, decimals, due, installed_on, removed_on, by_resident = rows[0][:10]
    window = reading_window(period=period, from_day=service.reading_from_day, to_day=service.reading_to_day)
    known = {row[10]: row[11:] for row in rows}
    return MeterView(
        id=meter_id,
        account_service_id=service.account_service_id,
        number=number,
        model=model,
        unit=service.unit,
        digits=digits,
        decimals=decimals,
        verification_due_on=due,
        is_verified=due is None or due + dt.timedelta(days=grace_days) >= on,
        installed_on=installed_on,
        removed_on=removed_on,
        added_by_resident=by_resident,
        period=period,
        window_from=window[0] if window else None,
        window_to=window[1] if window else None,
        window_is_open=window is not None and window[0] <= on <= window[1],
        registers=tuple(_register_view(zone, known.get(zone, _NEVER_READ), digits) for zone in zones or ["single"]),
    )


_NEVER_READ: Final = (None,) * 7


def _register_view(zone: str, row: Sequence[Any], digits: int) -> RegisterView:
    previous, previous_on, current, current_on, channel, volume, days = row
    return RegisterView(
        zone=zone,
        previous=Decimal(0) if previous is None else previous,
        previous_on=previous_on,
        current=current,
        current_on=current_on,
        current_channel=channel or "",
        usual=_month_of(volume, days or 0, digits),
    )


def _month_of(volume: Decimal | None, days: int, digits: int) -> Decimal | None:
    if volume is None or days <= 0:
        return None
    if volume < 0:
        volume += 10**digits
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

    @property
    def came_by(self) -> str:
        """How the reading came, in words."""
        return Channel(self.channel).words


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


def premises_of_meters(*, meter_ids: Collection[int]) -> set[int]:
    """Whose meters they are, for the audit. One query."""
    return set(Meter.objects.filter(pk__in=meter_ids).values_list("account_service__account__premises_id", flat=True))
