"""A synthetic town, made by set-based SQL: buildings of fifty flats, six services a flat, two months of readings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection

from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.registry.models import BankAccount, Provider, ProviderService, Service, Town
from domivka.tariffs.models import Norm, TariffPlan, TariffRate, TariffVersion

OCT = Period(202610)
AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
SERVICES = [
    # code, unit, provider, structure, price, metered, repeats
    ("water", "m3", "vodokanal", "single", "30.40", True, ""),
    ("wastewater", "m3", "vodokanal", "single", "14.052", False, "water"),
    ("heating", "gcal", "teplo", "heated_area", "36.12", False, ""),
    ("management", "m2", "housing", "area", "7.85", False, ""),
    ("waste", "person", "housing", "person", "42.50", False, ""),
    ("intercom", "month", "intercom", "fixed", "25.00", False, ""),
]

_PREMISES = """
INSERT INTO registry_building (town_id, street_id, number, number_key, number_sort, postal_index)
    SELECT %(town)s, %(street)s, n::text, n::text, lpad(n::text, 6, '0'), '21000' FROM generate_series(1, %(buildings)s) n;
INSERT INTO registry_premises (town_id, building_id, flat, flat_key, flat_sort, area_m2, heated_area_m2, rooms, paper_bill)
    SELECT %(town)s, b.id, n::text, n::text, lpad(n::text, 6, '0'), 30 + (b.id * 7 + n * 13) %% 60, 28 + (b.id * 7 + n * 13) %% 55, 2, true
    FROM registry_building b, generate_series(1, 50) n ORDER BY b.id, n;
INSERT INTO registry_occupancy (premises_id, valid_from, registered, living)
    SELECT id, '2024-01-01', 1 + id %% 4, 1 + id %% 4 FROM registry_premises;
"""
_ACCOUNTS = """
INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)
    SELECT %(town)s, v.id, p.id, lpad(p.id::text, 9, '0'), 'Кожемяка Себастьян Боромирович', '2024-01-01'
    FROM registry_premises p, registry_provider v WHERE v.code <> 'gaz' ORDER BY p.id, v.id;
INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, opened_on)
    SELECT a.id, s.id, '', '', '2024-01-01' FROM registry_personalaccount a
    JOIN registry_providerservice s ON s.provider_id = a.provider_id ORDER BY a.premises_id, s.id;
INSERT INTO metering_meter (account_service_id, number, model, zones, digits, decimals, installed_on, added_by_resident)
    SELECT s.id, 'M' || s.id, 'КВ-1.5', '["single"]', 5, 3, '2024-01-01', false
    FROM registry_accountservice s JOIN registry_providerservice ps ON ps.id = s.provider_service_id
    WHERE ps.reading_from_day IS NOT NULL;
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at)
    SELECT 202609, id, 'single', 100 + id %% 50, '2026-09-30', 'provider', now() FROM metering_meter;
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at)
    SELECT 202610, id, 'single', 100 + id %% 50 + (id %% 90) / 10.0, '2026-10-31', 'provider', now()
    FROM metering_meter WHERE id %% 10 > 0;
"""


def build(*, premises: int) -> int:
    """Fill an empty database; returns the town's id. `premises` is rounded up to whole buildings."""
    town = Town.objects.create(
        name="Вимірів", genitive="Виміріва", katottg="UA05020030010063857", dispatcher_phone="0 800 300 112"
    )
    for position, (code, unit, provider, structure, price, metered, repeats) in enumerate(SERVICES):
        _service(town, position, code, unit, provider, structure, price, metered, repeats)
    gaz = Provider.objects.create(town=town, code="gaz", name="ТОВ «Газ»", short_name="Газ", edrpou="12345678")
    gas, _ = Service.objects.get_or_create(
        code="gas", defaults={"name": "Газ", "name_en": "Gas", "unit": "m3", "position": 50}
    )
    ProviderService.objects.create(provider=gaz, service=gas, mode="imported")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_street (town_id, kind, name) VALUES (%s, 'вул.', 'Соборна') RETURNING id", [town.pk]
        )
        street = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO registry_streetname (street_id, kind, name, key) VALUES (%s, 'вул.', 'Соборна', 'соборна')",
            [street],
        )
        ensure_partitions(table="metering_reading", periods=[OCT.previous, OCT])
        values = {"town": town.pk, "street": street, "buildings": -(-premises // 50)}
        for statement in (_PREMISES + _ACCOUNTS).split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        cursor.execute("ANALYZE")
    return town.pk


def _service(
    town: Town,
    position: int,
    code: str,
    unit: str,
    provider: str,
    structure: str,
    price: str,
    metered: bool,
    repeats: str,
) -> None:
    supplier, made = Provider.objects.get_or_create(
        town=town, code=provider, defaults={"name": f"КП «{provider}»", "short_name": provider, "edrpou": "12345678"}
    )
    if made:
        BankAccount.objects.create(
            provider=supplier, service=None, iban="UA213223130000026007233566001", bank_name="АТ «Ощадбанк»"
        )
    service, _ = Service.objects.get_or_create(
        code=code, defaults={"name": code, "name_en": code, "unit": unit, "position": position}
    )
    supplied = ProviderService.objects.create(
        provider=supplier, service=service, mode="calculated", volume_of=repeats,
        reading_from_day=1 if metered else None, reading_to_day=31 if metered else None,
    )  # fmt: skip
    plan = TariffPlan.objects.create(provider_service=supplied, name="Населення", structure=structure)
    since = dt.date(2024, 1, 1)
    version = TariffVersion.objects.create(
        plan=plan, valid_from=since, authority="Виконавчий комітет", decision_number="1", decision_on=since
    )
    TariffRate.objects.create(version=version, price=Decimal(price))
    if metered:
        Norm.objects.create(
            town=town, provider_service=supplied, per_person=Decimal("4"), valid_from=since, decision="2"
        )
