"""Writing the registry: towns, streets, providers, accounts. Sets of rows go in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import connection, transaction

from domivka.kernel.errors import DomainError
from domivka.registry.models import (
    AccountService,
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


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A personal account to open, with the codes of its services."""

    number: str
    premises_id: int
    holder: str
    service_codes: tuple[str, ...]
    tariff_code: str = ""
    norm_code: str = ""
    load: Decimal | None = None


ANALYZE_FROM = 1000  # rows after which the planner must be told of them, or it loops over them all

_OPEN_ACCOUNTS = """
INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)
SELECT %s, %s, premises, number, holder, %s FROM unnest(%s::bigint[], %s::text[], %s::text[]) x(premises, number, holder)
ON CONFLICT (provider_id, number) DO UPDATE SET closed_on = NULL WHERE registry_personalaccount.closed_on IS NOT NULL
    AND registry_personalaccount.premises_id = EXCLUDED.premises_id
RETURNING id
"""
_OPEN_SERVICES = """
INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, load, opened_on)
SELECT a.id, p.id, x.tariff, x.norm, x.load, %s
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[]) x(number, service, tariff, norm, load)
JOIN registry_personalaccount a ON a.provider_id = %s AND a.number = x.number
JOIN registry_service s ON s.code = x.service
JOIN registry_providerservice p ON p.provider_id = a.provider_id AND p.service_id = s.id
ON CONFLICT (account_id, provider_service_id) DO UPDATE SET closed_on = NULL
    WHERE registry_accountservice.closed_on IS NOT NULL
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class OpenedAccounts:
    """Ids of what was opened now, or opened again after being closed."""

    account_ids: list[int]
    account_service_ids: list[int]


@transaction.atomic
def open_accounts(*, town_id: int, provider_id: int, accounts: Sequence[NewAccount], on: dt.date) -> OpenedAccounts:
    """Open the accounts and services that are not open yet; known ones stay as they are. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN_ACCOUNTS,
            [
                town_id,
                provider_id,
                on,
                [account.premises_id for account in accounts],
                [account.number for account in accounts],
                [account.holder[:160] for account in accounts],
            ],
        )
        account_ids = [row[0] for row in cursor.fetchall()]
        if len(account_ids) > ANALYZE_FROM:
            cursor.execute("ANALYZE registry_personalaccount")
        pairs = [(account, code) for account in accounts for code in account.service_codes]
        cursor.execute(
            _OPEN_SERVICES,
            [
                on,
                [account.number for account, _ in pairs],
                [code for _, code in pairs],
                [account.tariff_code for account, _ in pairs],
                [account.norm_code for account, _ in pairs],
                [account.load for account, _ in pairs],
                provider_id,
            ],
        )
        service_ids = [row[0] for row in cursor.fetchall()]
        if len(service_ids) > ANALYZE_FROM:
            cursor.execute("ANALYZE registry_accountservice")
        return OpenedAccounts(account_ids, service_ids)


@transaction.atomic
def close_account_services(*, account_service_ids: Sequence[int], on: dt.date) -> int:
    """Close these services, and their accounts when nothing on them stays open; how many services were closed."""
    closing = AccountService.objects.filter(pk__in=account_service_ids, closed_on=None)
    accounts = list(closing.values_list("account_id", flat=True).distinct())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_accountservice SET closed_on = greatest(opened_on, %s)"
            " WHERE id = ANY(%s) AND closed_on IS NULL",
            [on, list(account_service_ids)],
        )
        closed: int = cursor.rowcount
        cursor.execute(
            "UPDATE registry_personalaccount a SET closed_on = greatest(opened_on, %s) WHERE id = ANY(%s)"
            " AND closed_on IS NULL AND NOT EXISTS (SELECT 1 FROM registry_accountservice s"
            " WHERE s.account_id = a.id AND s.closed_on IS NULL)",
            [on, accounts],
        )
    return closed
