"""Writing the registry: towns, streets, providers, accounts. Sets of rows go in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.copy import copy_frame
from domivka.kernel.errors import DomainError
from domivka.registry.models import (
    BankAccount,
    Provider,
    ProviderService,
    Service,
    Street,
    StreetName,
    Town,
)
from domivka.registry.rules import checks
from domivka.registry.rules.folding import fold
from domivka.registry.rules.standard import STANDARD_SERVICES


class BadTown(DomainError):
    """The town's KATOTTG code is not `UA` and 17 digits."""


class BadIban(DomainError):
    """An account to pay to is not a Ukrainian IBAN with the right check digits."""


class UnknownService(DomainError):
    """No such service in the list of services."""


@dataclass(frozen=True, slots=True)
class Supply:
    """A service that a provider supplies; `mode` is «calculated» here or «imported» from the provider's files."""

    service_code: str
    mode: str = "imported"
    valid_from: dt.date | None = None
    due_day: int = 20
    reading_from_day: int | None = None
    reading_to_day: int | None = None
    volume_of: str = ""


@dataclass(frozen=True, slots=True)
class Bank:
    """Where money goes; without a service it serves all of the provider's. `fee_percent` is borne by the payer."""

    iban: str
    bank_name: str
    fee_percent: Decimal = Decimal(0)
    service_code: str = ""


def save_town(*, name: str, genitive: str, katottg: str, dispatcher_phone: str = "") -> int:
    """Create or update the town of a KATOTTG code; its id. Raises `BadTown`."""
    if not checks.katottg_is_valid(katottg):
        raise BadTown("Код КАТОТТГ складається з UA та 17 цифр.")
    town, _ = Town.objects.update_or_create(
        katottg=katottg, defaults={"name": name, "genitive": genitive, "dispatcher_phone": dispatcher_phone}
    )
    return town.pk


def save_standard_services() -> dict[str, int]:
    """Create the standard services that are missing; ids by code. A town's own wording of existing ones stays."""
    Service.objects.bulk_create(
        [Service(**asdict(service)) for service in STANDARD_SERVICES],
        ignore_conflicts=True,
    )
    return dict(Service.objects.values_list("code", "pk"))


@transaction.atomic
def save_provider(
    *,
    town_id: int,
    code: str,
    name: str,
    short_name: str,
    edrpou: str,
    supplies: Sequence[Supply],
    banks: Sequence[Bank] = (),
    phone: str = "",
    email: str = "",
    website: str = "",
    address: str = "",
    working_hours: str = "",
    colour: str = "#1E4F91",
) -> int:
    """Create or update a provider with what it supplies and where it is paid; its id.

    Raises `BadIban` and `UnknownService`. The EDRPOU is stored as given: real ones fail the check digit.
    """
    services = dict(Service.objects.values_list("code", "pk"))
    wanted = {s.service_code for s in supplies} | {b.service_code for b in banks if b.service_code}
    if missing := wanted - services.keys():
        raise UnknownService(f"У переліку послуг немає: {', '.join(sorted(missing))}.")
    for bank in banks:
        if not checks.iban_is_valid(bank.iban):
            raise BadIban(f"Номер рахунку {bank.iban} не є українським IBAN.")
    provider, _ = Provider.objects.update_or_create(
        town_id=town_id,
        code=code,
        defaults={
            "name": name,
            "short_name": short_name,
            "edrpou": edrpou,
            "phone": phone,
            "email": email,
            "website": website,
            "address": address,
            "working_hours": working_hours,
            "colour": colour,
        },
    )
    for supply in supplies:
        fields = asdict(supply)
        ProviderService.objects.update_or_create(
            provider=provider, service_id=services[fields.pop("service_code")], defaults=fields
        )
    for bank in banks:
        BankAccount.objects.update_or_create(
            provider=provider,
            service=Service.objects.get(pk=services[bank.service_code]) if bank.service_code else None,
            defaults={
                "iban": checks.compact_iban(bank.iban),
                "bank_name": bank.bank_name,
                "fee_percent": bank.fee_percent,
            },
        )
    return provider.pk


@transaction.atomic
def rename_street(*, street_id: int, kind: str, name: str, on: dt.date) -> None:
    """Give a street a new name from a day on; the old one stays in its history and is still found."""
    street = Street.objects.select_for_update().get(pk=street_id)
    street.names.filter(valid_to=None).exclude(kind=kind, name=name).update(valid_to=on)
    StreetName.objects.update_or_create(
        street=street, kind=kind, name=name, defaults={"key": fold(name), "valid_from": on, "valid_to": None}
    )
    Street.objects.filter(pk=street_id).update(kind=kind, name=name)


NEW_ACCOUNTS: Final[dict[str, pl.DataType]] = {
    "number": pl.String(),
    "premises_id": pl.Int64(),
    "holder": pl.String(),
    "service_code": pl.String(),
    "tariff_code": pl.String(),
    "norm_code": pl.String(),
    "load": pl.Decimal(12, 6),
}
"""Columns of accounts to open, a row a service; the last three may be left out."""

ANALYZE_FROM = 1000  # rows after which the planner must be told of them, or it loops over them all

_INCOMING = """
CREATE TEMPORARY TABLE new_services (number text, premises_id bigint, holder text, service_code text, tariff_code text,
    norm_code text, load numeric) ON COMMIT DROP;
CREATE TEMPORARY TABLE new_accounts (number text, premises_id bigint, holder text) ON COMMIT DROP
"""
_OPEN_ACCOUNTS_AGAIN = """
UPDATE registry_personalaccount a SET closed_on = NULL FROM new_accounts n
WHERE a.provider_id = %(provider)s AND a.number = n.number AND a.closed_on IS NOT NULL AND a.premises_id = n.premises_id
"""
_OPEN_ACCOUNTS = """
INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)
SELECT %(town)s, %(provider)s, premises_id, number, left(holder, 160), %(on)s FROM new_accounts n
WHERE NOT EXISTS (SELECT FROM registry_personalaccount a WHERE a.provider_id = %(provider)s AND a.number = n.number)
"""
_SERVICES = """
FROM new_services n
JOIN registry_personalaccount a ON a.provider_id = %(provider)s AND a.number = n.number
JOIN registry_service s ON s.code = n.service_code
JOIN registry_providerservice p ON p.provider_id = %(provider)s AND p.service_id = s.id
"""
# Ids come one after another, so that a million of them is a range or a few.
_OPEN_SERVICES = f"""
WITH again AS (
    UPDATE registry_accountservice x SET closed_on = NULL {_SERVICES}
    WHERE x.account_id = a.id AND x.provider_service_id = p.id AND x.closed_on IS NOT NULL RETURNING x.id
), made AS (
    INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, load, opened_on)
    SELECT a.id, p.id, coalesce(n.tariff_code, ''), coalesce(n.norm_code, ''), n.load, %(on)s {_SERVICES}
    WHERE NOT EXISTS (
        SELECT FROM registry_accountservice x WHERE x.account_id = a.id AND x.provider_service_id = p.id)
    ORDER BY a.id, p.id RETURNING id
)
SELECT min(id), max(id)
FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS island FROM (TABLE again UNION ALL TABLE made) opened) ids
GROUP BY island ORDER BY 1
"""


@transaction.atomic
def open_accounts(*, town_id: int, provider_id: int, accounts: pl.DataFrame, on: dt.date) -> list[tuple[int, int]]:
    """Open the accounts and services (`NEW_ACCOUNTS`) that are not open yet; known ones stay as they are, a closed
    account opens again in its own premises.

    Returns the account services opened, as ranges of ids: first and last. A fixed number of statements.
    """
    parameters: dict[str, int | dt.date] = {"town": town_id, "provider": provider_id, "on": on}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"accounts:{provider_id}"])
        cursor.execute(_INCOMING)
        first = accounts.unique("number", keep="first", maintain_order=True)
        copy_frame(table="new_accounts", frame=first.select("number", "premises_id", "holder"))
        copy_frame(
            table="new_services", frame=accounts.select(name for name in NEW_ACCOUNTS if name in accounts.columns)
        )
        cursor.execute("ANALYZE new_accounts, new_services")
        cursor.execute(_OPEN_ACCOUNTS_AGAIN, parameters)
        cursor.execute(_OPEN_ACCOUNTS, parameters)
        if cursor.rowcount > ANALYZE_FROM:
            cursor.execute("ANALYZE registry_personalaccount")
        cursor.execute(_OPEN_SERVICES, parameters)
        opened: list[tuple[int, int]] = cursor.fetchall()
        if sum(last - start + 1 for start, last in opened) > ANALYZE_FROM:
            cursor.execute("ANALYZE registry_accountservice")
        cursor.execute("DROP TABLE new_accounts, new_services")
    return opened


_CLOSE_SERVICES = """
WITH closed AS (
    UPDATE registry_accountservice x SET closed_on = greatest(x.opened_on, %(on)s)
    FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) opened(first, last)
    WHERE x.id BETWEEN opened.first AND opened.last AND x.closed_on IS NULL RETURNING x.id, x.account_id
), empty AS (
    UPDATE registry_personalaccount a SET closed_on = greatest(a.opened_on, %(on)s)
    WHERE a.id IN (SELECT account_id FROM closed) AND a.closed_on IS NULL AND NOT EXISTS (
        SELECT FROM registry_accountservice x
        WHERE x.account_id = a.id AND x.closed_on IS NULL AND x.id NOT IN (SELECT id FROM closed))
)
SELECT count(*) FROM closed
"""


def close_account_services(*, opened: Sequence[tuple[int, int]], on: dt.date) -> int:
    """Close these services (ranges of ids, as `open_accounts` gives them), and their accounts when nothing on them
    stays open; how many services were closed."""
    firsts, lasts = [first for first, _ in opened], [last for _, last in opened]
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_SERVICES, {"on": on, "firsts": firsts, "lasts": lasts})
        closed: int = cursor.fetchone()[0]
    return closed
