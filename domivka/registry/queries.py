"""Reading the registry: addresses, providers, services. Each query is a fixed number of statements for any number of ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from domivka.kernel.errors import NotFoundError
from domivka.kernel.reads import prepared_rows
from domivka.registry.models import (
    Building,
    Premises,
    Provider,
    ProviderService,
    Town,
    Unit,
)


class PremisesNotFound(NotFoundError):
    """No such premises."""


@dataclass(frozen=True, slots=True)
class TownView:
    id: int
    name: str
    genitive: str
    katottg: str
    dispatcher_phone: str


@dataclass(frozen=True, slots=True)
class PremisesView:
    """A premises with its address as people write it and the data that charging uses."""

    id: int
    town_id: int
    town: str
    building_id: int
    address: str  # «м. Калинівськ, вул. Соборна, буд. 4/2, кв. 11»
    short_address: str  # «Соборна, 4/2, кв. 11»
    postal_index: str
    area_m2: Decimal
    heated_area_m2: Decimal
    rooms: int | None
    registered: int
    living: int
    holder: str
    paper_bill: bool


@dataclass(frozen=True, slots=True)
class ProviderView:
    id: int
    code: str
    name: str
    short_name: str
    edrpou: str
    phone: str
    email: str
    website: str
    address: str
    working_hours: str
    colour: str


@dataclass(frozen=True, slots=True)
class BankView:
    """Where money of a service goes; `fee_percent` is the commission that the payer bears, in per cent."""

    iban: str
    bank_name: str
    fee_percent: Decimal


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service on a personal account of a premises, with its provider."""

    account_service_id: int
    account_id: int
    account_number: str
    holder: str
    premises_id: int
    provider: ProviderView
    provider_service_id: int
    service_code: str
    name: str  # in the language of the page
    unit: str  # «м³», in the language of the page
    unit_code: str  # registry.models.Unit
    volume_decimals: int
    icon: str
    mode: str
    tariff_code: str
    due_day: int
    reading_from_day: int | None
    reading_to_day: int | None
    bank: BankView | None
    opened_on: dt.date
    closed_on: dt.date | None

    @property
    def is_metered(self) -> bool:
        return self.reading_from_day is not None


def towns() -> list[TownView]:
    """All towns of the installation."""
    return [
        TownView(town.pk, town.name, town.genitive, town.katottg, town.dispatcher_phone)
        for town in Town.objects.order_by("pk")
    ]


def provider_view(provider: Provider) -> ProviderView:
    return ProviderView(
        provider.pk,
        provider.code,
        provider.name,
        provider.short_name,
        provider.edrpou,
        provider.phone,
        provider.email,
        provider.website,
        provider.address,
        provider.working_hours,
        provider.colour,
    )


def providers_of(*, town_id: int) -> list[ProviderView]:
    """Providers of a town by name."""
    return [provider_view(provider) for provider in Provider.objects.filter(town_id=town_id).order_by("short_name")]


def address_text(*, town: str, kind: str, street: str, building: str, flat: str) -> str:
    """«м. Калинівськ, вул. Соборна, буд. 4/2, кв. 11»."""
    return f"м. {town}, {kind} {street}, буд. {building}" + (f", кв. {flat}" if flat else "")


def short_address_text(*, street: str, building: str, flat: str) -> str:
    """«Соборна, 4/2, кв. 11»."""
    return f"{street}, {building}" + (f", кв. {flat}" if flat else "")


_PREMISES = """
SELECT p.id, p.town_id, t.name, b.id, s.kind, s.name, b.number, p.flat, b.postal_index, p.area_m2, p.heated_area_m2, p.rooms,
       coalesce(o.registered, 0), coalesce(o.living, 0), coalesce(h.holder, ''), p.paper_bill
FROM registry_premises p
JOIN registry_town t ON t.id = p.town_id
JOIN registry_building b ON b.id = p.building_id
JOIN registry_street s ON s.id = b.street_id
LEFT JOIN LATERAL (
    SELECT registered, living FROM registry_occupancy
    WHERE premises_id = p.id AND (%(on)s::date IS NULL OR valid_from <= %(on)s) ORDER BY valid_from DESC LIMIT 1
) o ON true
LEFT JOIN LATERAL (
    SELECT holder FROM registry_personalaccount
    WHERE premises_id = p.id AND closed_on IS NULL AND holder <> '' ORDER BY id LIMIT 1
) h ON true
WHERE p.id = ANY(%(ids)s::bigint[])
"""


def premises_views(*, premises_ids: Iterable[int], on: dt.date | None = None) -> dict[int, PremisesView]:
    """Premises by id; residents as of `on` (the latest known when None). Unknown ids are left out. One query."""
    rows = prepared_rows(_PREMISES, {"ids": list(premises_ids), "on": on})
    return {row[0]: _premises_view(*row) for row in rows}


def _premises_view(*row: Any) -> PremisesView:
    premises_id, town_id, town, building_id, kind, street, building, flat, *rest = row
    return PremisesView(
        premises_id,
        town_id,
        town,
        building_id,
        address_text(town=town, kind=kind, street=street, building=building, flat=flat),
        short_address_text(street=street, building=building, flat=flat),
        *rest,
    )


def premises_view(*, premises_id: int) -> PremisesView:
    """One premises. Raises `PremisesNotFound`."""
    found = premises_views(premises_ids=[premises_id])
    if premises_id not in found:
        raise PremisesNotFound(premises_id)
    return found[premises_id]


_SERVICES = """
SELECT a.id, a.account_id, pa.number, pa.holder, pa.premises_id,
       p.id, p.code, p.name, p.short_name, p.edrpou, p.phone, p.email, p.website, p.address, p.working_hours, p.colour,
       ps.id, s.code, s.name, s.name_en, s.unit, s.volume_decimals, s.icon, ps.mode, a.tariff_code, ps.due_day,
       ps.reading_from_day, ps.reading_to_day, coalesce(own.iban, common.iban), coalesce(own.bank_name, common.bank_name),
       coalesce(own.fee_percent, common.fee_percent), a.opened_on, a.closed_on
FROM registry_accountservice a
JOIN registry_personalaccount pa ON pa.id = a.account_id
JOIN registry_providerservice ps ON ps.id = a.provider_service_id
JOIN registry_provider p ON p.id = ps.provider_id
JOIN registry_service s ON s.id = ps.service_id
LEFT JOIN registry_bankaccount own ON own.provider_id = p.id AND own.service_id = s.id
LEFT JOIN registry_bankaccount common ON common.provider_id = p.id AND common.service_id IS NULL
WHERE {which}
ORDER BY pa.premises_id, s.position, p.id, pa.number
"""
_OPEN = "a.opened_on <= %(on)s AND (a.closed_on IS NULL OR a.closed_on >= %(on)s)"
_SERVICES_OF = _SERVICES.format(which=f"pa.premises_id = ANY(%(ids)s::bigint[]) AND {_OPEN}")
# Of an array the server cannot know the length before it sees it, so it would plan anew each time.
_SERVICES_OF_ONE = _SERVICES.format(which=f"pa.premises_id = %(id)s AND {_OPEN}")
_SERVICES_BY_ID = _SERVICES.format(which="a.id = ANY(%(ids)s::bigint[])")


def services_of(*, premises_ids: Sequence[int], on: dt.date) -> list[ServiceView]:
    """Services open on a day of these premises, in the order of the bill. One query."""
    if len(premises_ids) == 1:
        rows = prepared_rows(_SERVICES_OF_ONE, {"id": premises_ids[0], "on": on})
    else:
        rows = prepared_rows(_SERVICES_OF, {"ids": list(premises_ids), "on": on})
    return [_service_view(row) for row in rows]


def service_name(name: str, name_en: str) -> str:
    """A service's name in the reader's language."""
    return name_en if get_language() == "en" and name_en else name


def services_by_id(*, account_service_ids: Sequence[int]) -> dict[int, ServiceView]:
    """These account services, open or closed. One query."""
    rows = prepared_rows(_SERVICES_BY_ID, {"ids": list(account_service_ids)})
    return {row[0]: _service_view(row) for row in rows}


def _service_view(row: tuple[Any, ...]) -> ServiceView:
    """`row` as _SERVICES selects it, which is the order of the views' fields."""
    account, provider, supplied, (name, name_en), about, bank, dates = (
        row[:5], row[5:16], row[16:18], row[18:20], row[20:28], row[28:31], row[31:]
    )  # fmt: skip
    fields = [
        *account,
        ProviderView(*provider),
        *supplied,
        service_name(name, name_en),
        str(Unit(about[0]).label),
        *about,
        BankView(*bank) if bank[0] else None,
        *dates,
    ]
    return ServiceView(*fields)


@dataclass(frozen=True, slots=True)
class SupplyView:
    """A service that a provider supplies in its town."""

    provider_service_id: int
    service_code: str
    name: str
    mode: str


def supplies_of(*, provider_id: int) -> list[SupplyView]:
    """What a provider supplies, in the order of the bill; one query."""
    rows = (
        ProviderService.objects.filter(provider_id=provider_id).select_related("service").order_by("service__position")
    )
    return [
        SupplyView(row.pk, row.service.code, service_name(row.service.name, row.service.name_en), row.mode)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """An item of a list a person picks from."""

    id: int
    text: str


def buildings_of(*, street_id: int) -> list[Choice]:
    """Buildings of a street in natural order: 2, 4/2, 11, 53-Б."""
    rows = Building.objects.filter(street_id=street_id).order_by("number_sort", "number")
    return [Choice(row.pk, row.number) for row in rows]


def flats_of(*, building_id: int) -> list[Choice]:
    """Premises of a building in natural order; a house without flats is one with an empty text."""
    rows = Premises.objects.filter(building_id=building_id).order_by("flat_sort", "flat")
    return [Choice(row.pk, row.flat) for row in rows]
