"""The town's ground in the database: providers, tariffs, norms; accounts and meters of the services calculated here.

What a town's office would type or bring over once. Everything that comes every month arrives by files (`build`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import polars as pl
from django.db import connection

from domivka.demo.town.connections import Connection
from domivka.demo.town.meters import MeterPlan
from domivka.demo.town.plan import Dwelling
from domivka.demo.town.providers import (
    CALCULATED,
    COUNCIL,
    DISPATCHER_PHONE,
    KATOTTG,
    NORMS,
    PROVIDERS,
    TARIFFS,
    TOWN_GENITIVE,
    TOWN_NAME,
    TariffData,
)
from domivka.demo.town.seasons import HEAT
from domivka.kernel.copy import copy_frame
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.metering.api import NAMELESS
from domivka.metering.models import BuildingMeter, BuildingVolume, Meter
from domivka.registry import api as registry
from domivka.registry.models import AccountService, Building, Occupancy, Premises, Provider, ProviderService
from domivka.tariffs.models import Norm, TariffPlan, TariffRate, TariffShare, TariffVersion


def town_and_providers(*, last: Period) -> int:
    """The town with its providers, tariffs and norms; the town's id."""
    registry.save_standard_services()
    town_id = registry.save_town(
        name=TOWN_NAME, genitive=TOWN_GENITIVE, katottg=KATOTTG, dispatcher_phone=DISPATCHER_PHONE
    )
    for provider in PROVIDERS:
        registry.save_provider(
            town_id=town_id,
            code=provider.code,
            name=provider.name,
            short_name=provider.short_name,
            edrpou=provider.edrpou,
            phone=provider.phone,
            email=provider.email,
            website=provider.site,
            address=provider.address,
            working_hours=provider.hours,
            colour=provider.colour,
            banks=[registry.Bank(provider.iban, provider.bank_name, provider.fee_percent)],
            supplies=[
                registry.Supply(
                    service.code,
                    "imported" if service.imported else "calculated",
                    valid_from=dt.date(2018, 1, 1),
                    due_day=service.due_day,
                    reading_from_day=service.window[0] if service.window else None,
                    reading_to_day=service.window[1] if service.window else None,
                    volume_of=service.volume_of,
                )
                for service in provider.services
            ],
        )
    supplied = provider_services(town_id)
    for tariff in TARIFFS:
        _tariff(tariff, supplied[tariff.provider, tariff.service], last)
    Norm.objects.bulk_create(
        Norm(
            town_id=town_id,
            provider_service_id=supplied[provider, service],
            code=code,
            per_person=per_person,
            valid_from=dt.date(2019, 5, 1),
            decision=f"{COUNCIL}, рішення від 25.04.2019 № 118",
        )
        for provider, service, code, per_person in NORMS
    )
    return town_id


def provider_services(town_id: int) -> dict[tuple[str, str], int]:
    """Ids of provider services by (provider code, service code)."""
    rows = ProviderService.objects.filter(provider__town_id=town_id)
    return {(p, s): pk for p, s, pk in rows.values_list("provider__code", "service__code", "pk")}


def _tariff(data: TariffData, provider_service_id: int, last: Period) -> None:
    plan = TariffPlan.objects.create(
        provider_service_id=provider_service_id, code=data.code, name=data.name, structure=data.structure
    )
    days = [dt.date(last.year - years, month, day) for (years, month, day), _, _ in data.versions]
    for since, until, (_, number, rates) in zip(days, [*days[1:], None], data.versions, strict=True):
        version = TariffVersion.objects.create(
            plan=plan,
            valid_from=since,
            valid_to=until,
            authority=data.authority,
            decision_number=number,
            decision_on=since - dt.timedelta(days=40),
        )
        TariffRate.objects.bulk_create(
            TariffRate(
                version=version,
                component=rate.component,
                from_volume=rate.from_volume,
                price=rate.price,
                coefficient=rate.coefficient,
            )
            for rate in rates
        )
        TariffShare.objects.bulk_create(
            TariffShare(version=version, position=position, name=name, name_en=english, percent=Decimal(percent))
            for position, (name, english, percent) in enumerate(data.shares, start=1)
        )


def premises_of(*, town_id: int, dwellings: Sequence[Dwelling]) -> dict[int, int]:
    """Premises id of each home by its index."""
    rows = Premises.objects.filter(town_id=town_id).values_list(
        "building__street__kind", "building__street__name", "building__number", "flat", "pk"
    )
    ids = {(kind, street, number, flat): pk for kind, street, number, flat, pk in rows}
    return {d.index: ids[d.street.kind, d.street.name, d.building, d.flat] for d in dwellings}


def moves(*, premises: dict[int, int], dwellings: Sequence[Dwelling], first: Period) -> None:
    """People who moved in or out during the year."""
    Occupancy.objects.bulk_create(
        Occupancy(
            premises_id=premises[dwelling.index],
            valid_from=first.shift(move.month).first_day + dt.timedelta(days=move.registered),
            registered=move.registered,
            living=move.living,
        )
        for dwelling in dwellings
        for move in dwelling.moves
    )


def calculated_accounts(*, town_id: int, premises: dict[int, int], accounts: Sequence[Connection], on: dt.date) -> None:
    """Open the personal accounts of the providers that are calculated here."""
    providers = dict(Provider.objects.filter(town_id=town_id).values_list("code", "pk"))
    for code in CALCULATED:
        registry.open_accounts(
            town_id=town_id,
            provider_id=providers[code],
            on=on,
            accounts=pl.DataFrame(
                [
                    (
                        account.number,
                        premises[account.dwelling.index],
                        account.dwelling.holder_name,
                        service,
                        account.tariff_code,
                        "",
                        account.load,
                    )
                    for account in accounts
                    if account.provider == code
                    for service in account.services
                ],
                schema=registry.NEW_ACCOUNTS,
                orient="row",
            ),
        )


def account_services(town_id: int) -> dict[tuple[str, str, str], int]:
    """Account service ids by (provider code, account number, service code)."""
    rows = AccountService.objects.filter(account__town_id=town_id).values_list(
        "account__provider__code", "account__number", "provider_service__service__code", "pk"
    )
    return {(provider, number, service): pk for provider, number, service, pk in rows}


def meters_and_readings(*, town_id: int, plans: Sequence[MeterPlan]) -> int:
    """Write the meters and the year's readings; how many readings."""
    services = account_services(town_id)
    made = Meter.objects.bulk_create(
        Meter(
            account_service_id=services[plan.connection.provider, plan.connection.number, plan.service],
            number=plan.number,
            model=plan.model,
            zones=list(plan.zones),
            digits=5,
            decimals=0 if plan.service == "electricity" else 3,
            installed_on=plan.installed_on,
            removed_on=plan.removed_on,
            verified_on=plan.verified_on,
            verification_due_on=plan.verification_due_on,
        )
        for plan in plans
    )
    rows = [
        (int(period), meter.pk, zone, Decimal(value).scaleb(-3), on, channel)
        for meter, plan in zip(made, plans, strict=True)
        for period, zone, value, on, channel in plan.readings
    ]
    frame = pl.DataFrame(
        rows,
        schema={
            "period": pl.Int32,
            "meter_id": pl.Int64,
            "zone": pl.String,
            "value": pl.Decimal(14, 3),
            "taken_on": pl.Date,
            "channel": pl.String,
        },
        orient="row",
    ).with_columns(
        submitted_at=pl.col("taken_on").cast(pl.Datetime("us")) + pl.duration(hours=15),
        client_key=pl.lit(""),
        warning=pl.lit(""),
    )
    ensure_partitions(table="metering_reading", periods=[Period(p) for p in frame["period"].unique()])
    return copy_frame(table="metering_reading", frame=frame)


def building_heat(*, town_id: int, dwellings: Sequence[Dwelling], first: Period, last: Period) -> None:
    """Heat meters of the right bank's blocks: what they measured is shared out to flats without meters of their own."""
    supplied = provider_services(town_id)["kotelnia", "heating"]
    areas: dict[tuple[str, str], Decimal] = {}
    for home in dwellings:
        if home.district == "right":
            key = (f"{home.street.kind} {home.street.name}", home.building)
            areas[key] = areas.get(key, Decimal(0)) + home.heated_area_m2
    ids = {
        (f"{kind} {street}", number): pk
        for kind, street, number, pk in Building.objects.filter(town_id=town_id).values_list(
            "street__kind", "street__name", "number", "pk"
        )
    }
    made = BuildingMeter.objects.bulk_create(
        BuildingMeter(building_id=ids[key], provider_service_id=supplied, number=f"БТ-{n:04d}")
        for n, key in enumerate(areas, start=1)
    )
    BuildingVolume.objects.bulk_create(
        BuildingVolume(
            meter=meter,
            period=period,
            volume=(area * Decimal("0.000162") * HEAT[period.month - 1]).quantize(Decimal("0.0001")),
        )
        for meter, area in zip(made, areas.values(), strict=True)
        for period in first.through(last)
    )


_NUMBER_METERS = """
UPDATE metering_meter m
SET number = lpad((('x' || substr(md5(a.number), 1, 7))::bit(28)::int %% 100000000)::text, 8, '0')
FROM registry_accountservice s JOIN registry_personalaccount a ON a.id = s.account_id
WHERE s.id = m.account_service_id AND m.number = %s
"""


def number_meters() -> None:
    """Serial numbers for meters whose provider's file gives none, as a year of visits would have brought them."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER_METERS, [NAMELESS])
