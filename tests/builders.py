"""A small town for tests: streets, homes, providers, services, accounts, meters, charges.

    town = Town()
    flat = town.flat(living=3)
    water = flat.service("water")
    water.charge(Period(202610), 322_36)
    person = resident(flat)

Registry rows are plain rows; money moves only through the ledger's operations.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from domivka.billing import api as billing
from domivka.homes.models import Home, HomeShare
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.metering import api as metering
from domivka.registry import models as registry
from domivka.tariffs import api as tariff_operations
from domivka.tariffs import models as tariffs

_numbers = itertools.count(1)

SERVICES: Mapping[str, tuple[str, str, str, str]] = {
    "water": ("Холодна вода", "Cold water", "m3", "water"),
    "sewage": ("Водовідведення", "Wastewater", "m3", "sewage"),
    "hot_water": ("Гаряча вода", "Hot water", "m3", "hot-water"),
    "heating": ("Опалення", "Heating", "gcal", "heating"),
    "gas": ("Газ", "Gas", "m3", "gas"),
    "electricity": ("Електроенергія", "Electricity", "kwh", "electricity"),
    "building": ("Утримання будинку", "Building management", "m2", "building"),
    "waste": ("Вивезення відходів", "Waste collection", "person", "waste"),
}


@dataclass
class AccountServiceOf:
    """One service on a personal account."""

    town: Town
    row: registry.AccountService

    @property
    def id(self) -> int:
        return self.row.pk

    def charge(self, period: Period, kop: int, *, kind: ledger.EntryKind = ledger.EntryKind.CHARGE) -> None:
        """A month's charge, posted as the monthly run posts it."""
        self._post(f"{kind}:{self.id}:{period}:{next(_numbers)}", period, kind, kop, Account.Kind.CONTROL)

    def pay(self, period: Period, kop: int) -> None:
        """A payment that the provider reported itself."""
        kind = ledger.EntryKind.PAYMENT
        self._post(f"pay:{self.id}:{period}:{next(_numbers)}", period, kind, -kop, Account.Kind.CONTROL)

    def meter(
        self,
        number: str = "032264",
        *,
        initial: str = "54",
        zones: Sequence[str] = ("single",),
        on: dt.date = dt.date(2026, 1, 10),
        verification_due_on: dt.date | None = dt.date(2030, 1, 1),
        digits: int = 5,
    ) -> int:
        """A meter with the same initial value on every register; returns its id."""
        return metering.add_meter(
            town_id=self.town.row.pk,
            account_service_id=self.id,
            number=number,
            model="НІК 2102",
            zones=zones,
            initial=[Decimal(initial)] * len(zones),
            on=on,
            user_id=None,
            at=dt.datetime.combine(on, dt.time(9), dt.UTC),
            digits=digits,
            verification_due_on=verification_due_on,
        )

    def read(self, meter_id: int, value: str, *, on: dt.date, zone: str = "single") -> None:
        """A reading taken on a day."""
        metering.submit_readings(
            town_id=self.town.row.pk,
            account_service_ids=[self.id],
            readings=[metering.TypedReading(meter_id, zone, Decimal(value), confirmed=True)],
            channel=metering.Channel.WEB,
            user_id=None,
            at=dt.datetime.combine(on, dt.time(9), dt.UTC),
        )

    def tariff(
        self,
        price: str,
        *,
        code: str = "",
        structure: str = "single",
        valid_from: dt.date = dt.date(2024, 1, 1),
        valid_to: dt.date | None = None,
        shares: Sequence[tuple[str, str]] = (),
    ) -> tariffs.TariffVersion:
        """A version of the provider's plan at one price, with its decision."""
        plan, _ = tariffs.TariffPlan.objects.get_or_create(
            provider_service=self.row.provider_service,
            code=code,
            defaults={"name": "Населення", "structure": structure},
        )
        version = tariffs.TariffVersion.objects.create(
            plan=plan,
            valid_from=valid_from,
            valid_to=valid_to,
            authority="НКРЕКП",
            decision_number="1457",
            decision_on=valid_from - dt.timedelta(days=30),
        )
        tariffs.TariffRate.objects.create(version=version, price=Decimal(price))
        for position, (name, percent) in enumerate(shares):
            tariffs.TariffShare.objects.create(
                version=version, position=position, name=name, name_en=name, percent=Decimal(percent)
            )
        return version

    def _post(self, key: str, period: Period, kind: ledger.EntryKind, kop: int, against: Account.Kind) -> None:
        town_id = self.town.row.pk
        personal = ledger.open_personal_accounts(town_id=town_id, account_service_ids=[self.id])[self.id]
        control = ledger.system_account(town_id=town_id, kind=against, owner_id=self.row.provider_service_id)
        ledger.post(
            town_id=town_id,
            key=key,
            cause="test",
            cause_id=key,
            period=period,
            at=dt.datetime.combine(period.next.first_day, dt.time(9), dt.UTC),
            entries=[ledger.Entry(personal, kind, kop, period), ledger.Entry(control, kind, -kop, period)],
        )


@dataclass
class Flat:
    """A premises with personal accounts, one a provider."""

    town: Town
    row: registry.Premises
    accounts: dict[int, registry.PersonalAccount] = field(default_factory=dict)  # by provider
    accounts_by_code: dict[str, AccountServiceOf] = field(default_factory=dict)  # by service

    def service(
        self, code: str, *, provider: str = "", number: str = "", mode: str = "calculated", metered: bool = False
    ) -> AccountServiceOf:
        """An account's service at `provider` (one is made for each service unless named)."""
        supplied = self.town.supplies(code, provider or code, mode=mode, metered=metered)
        account = self.accounts.get(supplied.provider_id)
        if account is None:
            account = registry.PersonalAccount.objects.create(
                town=self.town.row,
                provider_id=supplied.provider_id,
                premises=self.row,
                number=number or f"{next(_numbers):06d}",
                holder="Кожемяка Себастьян Боромирович",
                opened_on=dt.date(2024, 1, 1),
            )
            self.accounts[supplied.provider_id] = account
        row = registry.AccountService.objects.create(
            account=account, provider_service=supplied, opened_on=dt.date(2024, 1, 1)
        )
        self.accounts_by_code[code] = AccountServiceOf(self.town, row)
        return self.accounts_by_code[code]


class Town:
    """A town with one street; flats are numbered from 1."""

    def __init__(self, name: str = "Калинівськ") -> None:
        number = next(_numbers)
        self.row = registry.Town.objects.create(
            name=name, genitive="Калинівська", katottg=f"UA{number:017d}", dispatcher_phone="0 800 300 112"
        )
        self.street = registry.Street.objects.create(town=self.row, kind="вул.", name="Соборна")
        registry.StreetName.objects.create(street=self.street, kind="вул.", name="Соборна", key="соборна")
        self.building = registry.Building.objects.create(
            town=self.row, street=self.street, number="4/2", number_key="4/2", number_sort="000004/000002"
        )
        self.flats = itertools.count(1)

    def flat(self, *, living: int = 2, area_m2: str = "51.50", heated_area_m2: str = "48.20") -> Flat:
        number = next(self.flats)
        row = registry.Premises.objects.create(
            town=self.row,
            building=self.building,
            flat=str(number),
            flat_key=str(number),
            flat_sort=f"{number:06d}",
            area_m2=Decimal(area_m2),
            heated_area_m2=Decimal(heated_area_m2),
            rooms=2,
        )
        registry.Occupancy.objects.create(
            premises=row, valid_from=dt.date(2024, 1, 1), registered=living, living=living
        )
        return Flat(self, row)

    def supplies(
        self, code: str, provider: str, *, mode: str = "calculated", metered: bool = False
    ) -> registry.ProviderService:
        """The provider's service, made when it is not there yet, with a bank account to pay to."""
        name, name_en, unit, icon = SERVICES[code]
        service, _ = registry.Service.objects.get_or_create(
            code=code.replace("_", "-"),
            defaults={
                "name": name,
                "name_en": name_en,
                "unit": unit,
                "icon": icon,
                "position": list(SERVICES).index(code),
            },
        )
        found, made = registry.Provider.objects.get_or_create(
            town=self.row,
            code=provider.replace("_", "-"),
            defaults={"name": f"КП «{name}»", "short_name": f"КП «{name}»", "edrpou": "03327090"},
        )
        if made:
            registry.BankAccount.objects.create(
                provider=found, service=None, iban="UA213223130000026007233566001", bank_name="АТ «Ощадбанк»"
            )
        supplied, _ = registry.ProviderService.objects.get_or_create(
            provider=found,
            service=service,
            defaults={
                "mode": mode,
                "reading_from_day": 1 if metered else None,
                "reading_to_day": 31 if metered else None,
            },
        )
        return supplied


@dataclass
class Resident:
    user: User
    home: Home


def person(email: str = "") -> User:
    """Someone who can sign in."""
    return User.objects.create_user(
        email=email or f"person{next(_numbers)}@example.org",
        password="Kalyna-2026",
        surname="Кожемяка",
        name="Себастьян",
        patronymic="Боромирович",
        birth_on=dt.date(1980, 5, 1),
    )


ROLES: dict[str, Role | None] = {
    "resident": None,
    "provider": Role.PROVIDER,
    "authority": Role.AUTHORITY,
    "operator": Role.OPERATOR,
    "cnap": Role.CNAP,
}


def holder(role: Role | None, town_id: int) -> User:
    """Someone with a role in the town; the operator's is of no town. None: a resident."""
    one = person()
    if role is not None:
        scope = None if role == Role.OPERATOR else town_id
        at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        identity.grant_role(user_id=one.pk, role=role, scope_id=scope, at=at, actor_id=None)
    return one


def resident(flat: Flat, *, user: User | None = None, label: str = "") -> Resident:
    """A person whose home `flat` is open."""
    owner = user or person()
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    home = Home.objects.create(
        user=owner, premises=flat.row, label=label, state=Home.State.OPEN, added_at=at, opened_at=at
    )
    return Resident(owner, home)


def given_benefit(
    service: AccountServiceOf,
    *,
    category: str = "20",
    people: int = 1,
    since: dt.date = dt.date(2024, 2, 1),
    until: dt.date | None = None,
    holder: str = "Кожемяка Себастьян Боромирович",
) -> int:
    """A benefit on the account of a service; its id."""
    account = service.row.account
    return tariff_operations.add_benefit(
        provider_id=account.provider_id,
        account_id=account.pk,
        category=category,
        holder=holder,
        people=people,
        valid_from=since,
        last_day=until,
        document_series="AB",
        document_number="123456",
        document_on=since,
        user_id=None,
        at=dt.datetime.combine(since, dt.time(9), dt.UTC),
    )


def run(town: Town, period: Period) -> None:
    """The monthly charge run of the town, on the first day after the month."""
    at = dt.datetime.combine(period.next.first_day, dt.time(9), dt.UTC)
    billing.run_month(town_id=town.row.pk, period=period, at=at)


def helper(
    one: Resident,
    *,
    readings: bool = False,
    pays: bool = False,
    until: dt.datetime | None = None,
    user: User | None = None,
) -> User:
    """Someone who accepted the resident's invitation to help with the home."""
    number, since = next(_numbers), dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    helps = user or person()
    HomeShare.objects.create(
        home=one.home,
        helper=helps,
        name="Донька Оля",
        contact=helps.email or f"helper{number}@example.org",
        sends_readings=readings,
        pays=pays,
        state=HomeShare.State.ACCEPTED,
        token_hash=f"{number:064d}",
        invited_at=since,
        invitation_expires_at=since + dt.timedelta(days=7),
        expires_at=until or dt.datetime(2027, 5, 1, tzinfo=dt.UTC),
        accepted_at=since,
    )
    return helps
