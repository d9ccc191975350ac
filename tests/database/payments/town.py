"""A small town with debts for the tests of payments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from domivka.homes.models import Home
from domivka.identity.models import User
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.registry.models import (
    AccountService,
    BankAccount,
    Building,
    PersonalAccount,
    Premises,
    Provider,
    ProviderService,
    Service,
    Street,
    Town,
)

SEP, OCT, NOV = Period(202609), Period(202610), Period(202611)
AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)

# service, provider, IBAN, bank, commission percent: the payment screen of seed S1
SERVICES = [
    ("water", "Водопостачання", "vodokanal", "UA393052990000026006060365696", "АТ КБ «ПРИВАТБАНК»", "0"),
    ("wastewater", "Водовідведення", "vodokanal", "UA213223130000026007233566001", "АТ «Ощадбанк»", "2.9024"),
    ("waste", "Вивезення відходів", "vodokanal", "UA903052992990004149123456789", "АТ «Райффайзен Банк»", "0"),
    ("housing", "Обслуговування будинків", "zhek", "UA503004650000026001234567890", "АТ «Ощадбанк»", "0.1273"),
]


@dataclass(frozen=True)
class House:
    """A home with four services on accounts 00101 and 77; `services` maps codes to account services."""

    town_id: int
    premises_id: int
    home_id: int
    user: User
    services: dict[str, int]
    provider_services: dict[str, int]

    @property
    def ids(self) -> list[int]:
        return list(self.services.values())


def make_user(email: str = "olena@example.com") -> User:
    return User.objects.create_user(email=email)


def build(number: str = "6/1", *, user: User | None = None, account: str = "00101") -> House:
    """The town (made once), a building with one flat, its accounts, and the flat open in the person's cabinet."""
    town, _ = Town.objects.get_or_create(name="Калинів", genitive="Калинова", katottg="UA05020030010063857")
    street, _ = Street.objects.get_or_create(town=town, kind="вул.", name="Соборна")
    building = Building.objects.create(
        town=town, street=street, number=number, number_key=number, number_sort=number, postal_index="21000"
    )
    premises = Premises.objects.create(
        town=town, building=building, flat="1", flat_key="1", flat_sort="1", area_m2=Decimal("51.5")
    )
    user = user or make_user()
    home = Home.objects.create(user=user, premises=premises, state="open", added_at=AT, opened_at=AT)
    services, provider_services = {}, {}
    for position, (code, name, provider_code, iban, bank, percent) in enumerate(SERVICES):
        provider, _ = Provider.objects.get_or_create(
            town=town,
            code=provider_code,
            defaults={"name": f"КП «{provider_code}»", "short_name": provider_code, "edrpou": "12345678"},
        )
        service, _ = Service.objects.get_or_create(
            code=code, defaults={"name": name, "name_en": code.title(), "unit": "m3", "position": position}
        )
        provided, _ = ProviderService.objects.get_or_create(provider=provider, service=service, mode="imported")
        BankAccount.objects.get_or_create(
            provider=provider,
            service=service,
            defaults={"iban": iban, "bank_name": bank, "fee_percent": Decimal(percent)},
        )
        personal, _ = PersonalAccount.objects.get_or_create(
            town=town,
            provider=provider,
            premises=premises,
            number=account if provider_code == "vodokanal" else f"77-{account}",
            opened_on=dt.date(2020, 1, 1),
        )
        row = AccountService.objects.create(account=personal, provider_service=provided, opened_on=dt.date(2020, 1, 1))
        services[code], provider_services[code] = row.pk, provided.pk
    return House(town.pk, premises.pk, home.pk, user, services, provider_services)


def charge(house: House, code: str, kop: int, period: Period = OCT) -> None:
    """Charge a service of the house."""
    service = house.services[code]
    personal = ledger.open_personal_accounts(town_id=house.town_id, account_service_ids=[service])[service]
    control = ledger.system_account(
        town_id=house.town_id, kind=Account.Kind.CONTROL, owner_id=house.provider_services[code]
    )
    ledger.post(
        town_id=house.town_id,
        key=f"charge:{service}:{period}",
        cause="run",
        cause_id=1,
        period=period,
        at=AT,
        entries=[
            ledger.Entry(personal, ledger.EntryKind.CHARGE, kop, period),
            ledger.Entry(control, ledger.EntryKind.CHARGE, -kop, period),
        ],
    )


def balance(house: House, code: str) -> int:
    service = house.services[code]
    return ledger.balances(account_service_ids=[service])[service].kop


def system(house: House, kind: Account.Kind, *, service: str = "", code: str = "") -> int:
    """Balance of a system account of the town, kopiykas."""
    account = ledger.system_account(
        town_id=house.town_id, kind=kind, owner_id=house.provider_services[service] if service else None, code=code
    )
    return ledger.system_balance(account_id=account).kop
