"""A building with tariffs and meters for the tests of the run."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.metering.models import Channel
from domivka.metering.operations import insert_reading
from domivka.tariffs.models import Norm, TariffPlan, TariffRate, TariffVersion
from tests.builders import AccountServiceOf, Town

OCT = Period(202610)
AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


def tariff(
    service: AccountServiceOf, structure: str, price: str, *, component: str = "single", since: dt.date | None = None
) -> TariffVersion:
    """One version with one rate from a date on; an earlier open version ends there."""
    plan, _ = TariffPlan.objects.get_or_create(
        provider_service_id=service.row.provider_service_id,
        code="",
        defaults={"name": "Населення", "structure": structure},
    )
    start = since or dt.date(2024, 1, 1)
    plan.versions.filter(valid_to=None).update(valid_to=start)
    version = TariffVersion.objects.create(
        plan=plan, valid_from=start, authority="Виконавчий комітет", decision_number="№ 417", decision_on=start
    )
    TariffRate.objects.create(version=version, component=component, price=Decimal(price))
    return version


def norm(service: AccountServiceOf, per_person: str) -> None:
    Norm.objects.create(
        town=service.town.row, provider_service_id=service.row.provider_service_id, per_person=Decimal(per_person),
        valid_from=dt.date(2020, 1, 1), decision="№ 101",
    )  # fmt: skip


def meter(
    service: AccountServiceOf, number: str = "032264", initial: str = "0", since: dt.date = dt.date(2026, 1, 1)
) -> int:
    return metering.add_meter(
        town_id=service.town.row.pk, account_service_id=service.id, number=number, model="НІК", zones=["single"],
        initial=[Decimal(initial)], on=since, user_id=None, at=AT,
    )  # fmt: skip


def read(meter_id: int, period: Period, value: str) -> None:
    """A reading on the last day of a month."""
    ensure_partitions(table="metering_reading", periods=[period])
    insert_reading(
        meter_id=meter_id, zone="single", period=period, value=Decimal(value), taken_on=period.last_day,
        channel=Channel.PROVIDER, user_id=None, at=AT,
    )  # fmt: skip


class House:
    """Three flats with water by meter, wastewater that repeats it, waste per person and management by area."""

    def __init__(self, flats: int = 3) -> None:
        self.town = Town()
        self.flats = [self.town.flat(living=n + 1) for n in range(flats)]
        self.water = [flat.service("water", provider="vodokanal", metered=True) for flat in self.flats]
        self.sewage = [flat.service("sewage", provider="vodokanal") for flat in self.flats]
        self.waste = [flat.service("waste") for flat in self.flats]
        self.building = [flat.service("building") for flat in self.flats]
        supplied = self.sewage[0].row.provider_service
        supplied.volume_of = "water"
        supplied.save()
        tariff(self.water[0], "single", "30.40")
        tariff(self.sewage[0], "single", "14.052")
        tariff(self.waste[0], "person", "42.50")
        tariff(self.building[0], "area", "7.85")
        self.meters = [meter(water, f"M{n}", initial="100") for n, water in enumerate(self.water)]
        for n, meter_id in enumerate(self.meters):
            read(meter_id, Period(202609), "110")
            read(meter_id, OCT, str(114 + n))
        self.id = self.town.row.pk

    @property
    def services(self) -> list[int]:
        return [service.id for group in (self.water, self.sewage, self.waste, self.building) for service in group]
