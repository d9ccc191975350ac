"""A synthetic town, made by set-based SQL: buildings of fifty flats, six services a flat, a year of readings and balances."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.kernel.processes import spread
from domivka.ledger.api import system_account
from domivka.ledger.models import Account
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
    FROM registry_building b, generate_series(1, 50) n WHERE b.town_id = %(town)s ORDER BY b.id, n;
INSERT INTO registry_occupancy (premises_id, valid_from, registered, living)
    SELECT id, '2024-01-01', 1 + id %% 4, 1 + id %% 4 FROM registry_premises WHERE town_id = %(town)s;
ANALYZE registry_building, registry_premises
"""
_ACCOUNTS = """
INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)
    SELECT %(town)s, v.id, p.id, lpad(p.id::text, 9, '0'), 'Кожемяка Себастьян Боромирович', '2024-01-01'
    FROM registry_premises p JOIN registry_provider v ON v.town_id = p.town_id AND v.code <> 'gaz'
    WHERE p.town_id = %(town)s ORDER BY p.id, v.id;
ANALYZE registry_personalaccount;
INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, opened_on)
    SELECT a.id, s.id, '', '', '2024-01-01' FROM registry_personalaccount a
    JOIN registry_providerservice s ON s.provider_id = a.provider_id WHERE a.town_id = %(town)s ORDER BY a.premises_id, s.id;
INSERT INTO metering_meter (account_service_id, number, model, zones, digits, decimals, installed_on, added_by_resident)
    SELECT s.id, 'M' || s.id, 'КВ-1.5', '["single"]', 5, 3, '2024-01-01', false
    FROM registry_accountservice s JOIN registry_providerservice ps ON ps.id = s.provider_service_id
    JOIN registry_provider v ON v.id = ps.provider_id AND v.town_id = %(town)s
    WHERE ps.reading_from_day IS NOT NULL ORDER BY s.id;
ANALYZE
"""
# One meter in ten is not read in the last month.
_READINGS = """
INSERT INTO {table} (period, meter_id, zone, value, taken_on, channel, submitted_at)
    SELECT {period}, m.id, 'single', 100 + m.id %% 50 + {month} * (m.id %% 90) / 10.0, '{last_day}', 'provider', now()
    FROM metering_meter m JOIN registry_accountservice s ON s.id = m.account_service_id
    JOIN registry_personalaccount a ON a.id = s.account_id AND a.town_id = %(town)s
    WHERE {month} < 12 OR m.id %% 10 > 0
"""
# A month of the journal: every account is charged, three in ten pay the month before; one transaction for 30 000 accounts.
_JOURNAL = """
INSERT INTO ledger_transaction (town_id, idempotency_key, cause, cause_id, period, recorded_at)
    SELECT DISTINCT %(town)s::bigint, 'history:' || %(town)s || ':{period}:' || id / 30000, 'history', '', {period}, now()
    FROM ledger_account WHERE kind = 'personal' AND town_id = %(town)s;
CREATE TEMPORARY TABLE moved ON COMMIT DROP AS
    SELECT t.id AS transaction_id, a.id AS account_id, ps.id AS supplied, k.kind,
           CASE k.kind WHEN 'charge' THEN 10000 + (a.id * 7 + {period}) %% 40000 ELSE -10000 - (a.id * 7) %% 40000 END AS amount_kop
    FROM ledger_account a JOIN registry_accountservice s ON s.id = a.owner_id
    JOIN registry_providerservice ps ON ps.id = s.provider_service_id
    JOIN ledger_transaction t ON t.idempotency_key = 'history:' || %(town)s || ':{period}:' || a.id / 30000
    JOIN (VALUES ('charge'), ('payment')) k (kind) ON k.kind = 'charge' OR (a.id + {month}) %% 10 < 3
    WHERE a.kind = 'personal' AND a.town_id = %(town)s;
INSERT INTO {table} (transaction_id, account_id, kind, amount_kop, period)
    (SELECT transaction_id, account_id, kind, amount_kop, {period} FROM moved ORDER BY account_id, kind)
    UNION ALL
    SELECT m.transaction_id, c.id, m.kind, -sum(m.amount_kop), {period} FROM moved m
    JOIN ledger_account c ON c.kind = 'control' AND c.owner_id = m.supplied GROUP BY 1, 2, 3
"""
_BALANCES = """
INSERT INTO ledger_balance (account_id, period, shard, opening_kop, charged_kop, subscription_kop, penalty_kop, correction_kop,
                            subsidy_kop, benefit_kop, paid_kop, other_kop)
    SELECT account_id, {period}, 0, 0, coalesce(sum(amount_kop) FILTER (WHERE kind = 'charge'), 0), 0, 0, 0, 0, 0,
           coalesce(sum(amount_kop) FILTER (WHERE kind = 'payment'), 0), 0 FROM {table} GROUP BY 1 ORDER BY 1
"""


def build(*, premises: int, months: int = 12, code: int = 1) -> int:
    """A town with its history of readings and balances up to September; returns its id. `premises` is rounded up to whole
    buildings. The first town's history goes by month into partitions built aside, in two processes; another town's goes the
    ordinary way, beside it."""
    town = Town.objects.create(
        name="Вимірів", genitive="Виміріва", katottg=f"UA0502003001006{code:04d}", dispatcher_phone="0 800 300 112"
    )
    for position, (service, unit, provider, structure, price, metered, repeats) in enumerate(SERVICES):
        _service(town, position, service, unit, provider, structure, price, metered, repeats)
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
        _each(cursor, _PREMISES + ";" + _ACCOUNTS, {"town": town.pk, "street": street, "buildings": -(-premises // 50)})
    for supplied in ProviderService.objects.filter(provider__town=town):
        system_account(town_id=town.pk, kind=Account.Kind.CONTROL, owner_id=supplied.pk)
    _history(town.pk, months, whole=code == 1)
    return town.pk


def _each(cursor: Any, statements: str, values: dict[str, Any]) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            cursor.execute(statement, values)


def _history(town_id: int, months: int, *, whole: bool) -> None:
    jobs: list[dict[str, Any]] = [
        {"town_id": town_id, "month": 12 - back, "whole": whole} for back in range(months + 1)
    ]
    with connection.cursor() as cursor:
        if not whole:  # beside a town that is there: by the ordinary way
            for table in ("metering_reading", "ledger_posting"):
                ensure_partitions(table=table, periods=[OCT.shift(job["month"] - 12) for job in jobs])
            for job in jobs:
                add_month(**job)
            cursor.execute("ANALYZE")
            return
        # Balances come with the journal here, so the guard and the index wait; `ledger verify` proves them afterwards.
        cursor.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER, DROP CONSTRAINT ledger_balance_pkey")
        for _ in spread(workers=2, module="bench.town", function="add_month", jobs=jobs):
            pass
        cursor.execute("ALTER TABLE ledger_balance ENABLE TRIGGER USER, ADD PRIMARY KEY (account_id, period, shard)")
        cursor.execute("ANALYZE")


def add_month(*, town_id: int, month: int, whole: bool) -> None:
    """Readings of a month (12 is October 2026) and, but for the last, its charges, payments and balances."""
    period = OCT.shift(month - 12)
    values = {"period": int(period), "month": month, "last_day": period.last_day}
    parents = [("metering_reading", _READINGS), ("ledger_posting", _JOURNAL + (";\n" + _BALANCES if whole else ""))]
    for parent, statements in parents if month < 12 else parents[:1]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '128MB'")
            table = f"{parent}_{int(period)}" if whole else parent
            if whole:
                cursor.execute(f"CREATE TABLE {table} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
            _each(cursor, statements.format(table=table, **values), {"town": town_id})
            if whole:
                cursor.execute(f"ALTER TABLE {parent} ATTACH PARTITION {table} FOR VALUES IN ({int(period)})")


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
