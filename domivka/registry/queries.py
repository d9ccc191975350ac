"""Reading the registry: addresses, providers, services. Each query is a fixed number of statements for any number of ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from domivka.kernel.errors import NotFoundError
from domivka.registry.models import (
    AccountService,
    BankAccount,
    Building,
    Occupancy,
    PersonalAccount,
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


def premises_views(*, premises_ids: Iterable[int], on: dt.date | None = None) -> dict[int, PremisesView]:
    """Premises by id; residents as of `on` (the latest known when None). Unknown ids are left out. One query."""
    occupancy = Occupancy.objects.filter(premises=OuterRef("pk")).order_by("-valid_from")
    if on is not None:
        occupancy = occupancy.filter(valid_from__lte=on)
    holders = PersonalAccount.objects.filter(premises=OuterRef("pk"), closed_on=None).exclude(holder="").order_by("pk")
    rows = (
        Premises.objects.filter(pk__in=list(premises_ids))
        .select_related("town", "building__street")
        .annotate(
            registered_now=Coalesce(Subquery(occupancy.values("registered")[:1]), 0),
            living_now=Coalesce(Subquery(occupancy.values("living")[:1]), 0),
            holder_now=Coalesce(Subquery(holders.values("holder")[:1]), Value("")),
        )
    )
    return {row.pk: _premises_view(row) for row in rows}


def _premises_view(row: Premises) -> PremisesView:
    building, street = row.building, row.building.street
    return PremisesView(
        id=row.pk,
        town_id=row.town_id,
        town=row.town.name,
        building_id=building.pk,
        address=address_text(
            town=row.town.name, kind=street.kind, street=street.name, building=building.number, flat=row.flat
        ),
        short_address=short_address_text(street=street.name, building=building.number, flat=row.flat),
        postal_index=building.postal_index,
        area_m2=row.area_m2,
        heated_area_m2=row.heated_area_m2,
        rooms=row.rooms,
        registered=row.registered_now,  # type: ignore[attr-defined]  # annotated above
        living=row.living_now,  # type: ignore[attr-defined]  # annotated above
        holder=row.holder_now,  # type: ignore[attr-defined]  # annotated above
        paper_bill=row.paper_bill,
    )


def premises_view(*, premises_id: int) -> PremisesView:
    """One premises. Raises `PremisesNotFound`."""
    found = premises_views(premises_ids=[premises_id])
    if premises_id not in found:
        raise PremisesNotFound(premises_id)
    return found[premises_id]


def _open_on(on: dt.date) -> Q:
    return Q(opened_on__lte=on) & (Q(closed_on=None) | Q(closed_on__gte=on))


def services_of(*, premises_ids: Sequence[int], on: dt.date) -> list[ServiceView]:
    """Services open on a day of these premises, in the order of the bill. Two queries."""
    return _service_views(AccountService.objects.filter(_open_on(on), account__premises_id__in=premises_ids))


def services_by_id(*, account_service_ids: Sequence[int]) -> dict[int, ServiceView]:
    """These account services, open or closed. Two queries."""
    found = _service_views(AccountService.objects.filter(pk__in=account_service_ids))
    return {view.account_service_id: view for view in found}


def _service_views(rows: QuerySet[AccountService]) -> list[ServiceView]:
    services = list(
        rows.select_related("account", "provider_service__provider", "provider_service__service").order_by(
            "account__premises_id",
            "provider_service__service__position",
            "provider_service__provider_id",
            F("account__number"),
        )
    )
    banks = {
        (bank.provider_id, bank.service_id): BankView(bank.iban, bank.bank_name, bank.fee_percent)
        for bank in BankAccount.objects.filter(provider__in={row.provider_service.provider_id for row in services})
    }
    english = get_language() == "en"
    views = []
    for row in services:
        supplied, service = row.provider_service, row.provider_service.service
        bank = banks.get((supplied.provider_id, service.pk)) or banks.get((supplied.provider_id, None))
        views.append(
            ServiceView(
                account_service_id=row.pk,
                account_id=row.account_id,
                account_number=row.account.number,
                holder=row.account.holder,
                premises_id=row.account.premises_id,
                provider=provider_view(supplied.provider),
                provider_service_id=supplied.pk,
                service_code=service.code,
                name=service.name_en if english else service.name,
                unit=str(Unit(service.unit).label),
                unit_code=service.unit,
                volume_decimals=service.volume_decimals,
                icon=service.icon,
                mode=supplied.mode,
                tariff_code=row.tariff_code,
                due_day=supplied.due_day,
                reading_from_day=supplied.reading_from_day,
                reading_to_day=supplied.reading_to_day,
                bank=bank,
                opened_on=row.opened_on,
                closed_on=row.closed_on,
            )
        )
    return views


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
    english = get_language() == "en"
    return [
        SupplyView(row.pk, row.service.code, row.service.name_en if english else row.service.name, row.mode)
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
