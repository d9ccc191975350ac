"""Meters of the services that are calculated here, and a year of their readings: some missing, replaced, unverified.

Values are in thousandths. A home without a meter pays by the norm.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from domivka.demo.town import seasons
from domivka.demo.town.connections import Connection
from domivka.kernel.period import Period

_METERED: Final = {
    "akvaservis": (("water", ("КВ-1,5", "Новатор ЛК-15", "Sensus 620"), 14),),
    "kotelnia": (("heating", ("SHARKY 775", "Ultraheat T230"), 45), ("hot_water", ("КВ-1,5 ГВ", "Gross ETR-UA"), 10)),
    "enerhozbut": (("electricity", ("НІК 2102", "НІК 2303 АП3", "GAMA 300"), 0),),
}
"""Services with their meters' models and the share of homes without a meter, per cent."""

_ZONES: Final = {"": ("single",), "zones2": ("day", "night"), "zones3": ("peak", "half_peak", "night")}
_SPLIT: Final = {1: (100,), 2: (68, 32), 3: (24, 48, 28)}
ROLLOVER_E3: Final = 100_000_000


@dataclass(slots=True)
class MeterPlan:
    """A meter; readings are (month, zone, value, day, channel). The initial ones stand at the day of installation."""

    connection: Connection
    service: str
    number: str
    model: str
    zones: tuple[str, ...]
    installed_on: dt.date
    verified_on: dt.date
    verification_due_on: dt.date
    removed_on: dt.date | None = None
    readings: list[tuple[Period, str, int, dt.date, str]] = field(default_factory=list)


def meters(accounts: list[Connection], *, last: Period, months: int = 12, seed: int) -> Iterator[MeterPlan]:
    """All meters with their readings of the months that end at `last`."""
    for account in accounts:
        for service, models, without in _METERED.get(account.provider, ()):
            random = Random(f"meters:{seed}:{account.number}:{service}")  # noqa: S311  # a seed, not a secret
            if service in account.services and random.randrange(100) >= without:
                yield from _meters(random, account, service, models, last, months)


def _new(
    random: Random, account: Connection, service: str, models: tuple[str, ...], on: dt.date, verified: dt.date
) -> MeterPlan:
    zones = _ZONES[account.tariff_code] if service == "electricity" else ("single",)
    years = 16 if service == "electricity" else 4
    number = f"{random.randint(100_000, 99_999_999):08d}"
    return MeterPlan(
        account,
        service,
        number,
        random.choice(models),
        zones,
        on,
        verified,
        verified.replace(year=verified.year + years),
    )


def _meters(
    random: Random, account: Connection, service: str, models: tuple[str, ...], last: Period, months: int
) -> Iterator[MeterPlan]:
    first = last.shift(1 - months)
    expired = service != "electricity" and random.random() < 0.05
    age = random.randint(50, 60) if expired else random.randint(2, 34)  # months since verification, of 48
    day = first.previous.last_day
    verified = last.shift(-age - (12 if expired else 0)).first_day.replace(day=random.randint(1, 28))
    meter = _new(random, account, service, models, day, verified)
    values = [
        random.randint(20, 9_000) * 1000 + (random.randint(0, 999) if service == "water" else 0) for _ in meter.zones
    ]
    if random.random() < 0.015:
        values = [ROLLOVER_E3 - random.randint(5, 25) * 1000 for _ in meter.zones]
    meter.readings = [(Period.of(day), zone, v, day, "initial") for zone, v in zip(meter.zones, values, strict=True)]
    replaced = random.randint(3, months - 2) if months > 5 and random.random() < 0.03 else -1
    for index, period in enumerate(first.through(last)):
        values = _count(random, account, service, values, index, period)
        if index == replaced:
            on = period.first_day.replace(day=random.randint(8, 20))
            meter.readings += [(period, z, v, on, "inspector") for z, v in zip(meter.zones, values, strict=True)]
            meter.removed_on = on
            yield meter
            meter = _new(random, account, service, models, on, on)
            values = [0] * len(meter.zones)
            meter.readings = [(period, zone, 0, on, "initial") for zone in meter.zones]
        elif not _silent(random, account, index, months):
            taken = period.last_day - dt.timedelta(days=random.randint(0, 3))
            channel = random.choices(("web", "app", "phone", "cash_desk", "inspector"), (40, 22, 22, 12, 4))[0]
            meter.readings += [(period, z, v, taken, channel) for z, v in zip(meter.zones, values, strict=True)]
    yield meter


def _silent(random: Random, account: Connection, index: int, months: int) -> bool:
    """Nobody sent a reading: often in careless homes, and for months on end in a few."""
    if account.dwelling.habit == "careless":
        return random.random() < 0.5 or (account.dwelling.index % 3 == 0 and index >= months - 5)
    return random.random() < 0.02


def _count(
    random: Random, account: Connection, service: str, values: list[int], index: int, period: Period
) -> list[int]:
    home = account.dwelling
    used = {
        "water": lambda: seasons.water_litres(random, home, index, period.month),
        "hot_water": lambda: seasons.hot_water_m3(random, home, index) * 1000,
        "heating": lambda: seasons.heat_e4(random, home, period.month) // 10,
        "electricity": lambda: seasons.power_kwh(random, home, index, period.month) * 1000,
    }[service]()
    unit = 1000 if service == "electricity" else 1
    shares = _SPLIT[len(values)]
    parts = [used * share // 100 // unit * unit for share in shares[1:]]
    return [(v + part) % ROLLOVER_E3 for v, part in zip(values, [used - sum(parts), *parts], strict=True)]
