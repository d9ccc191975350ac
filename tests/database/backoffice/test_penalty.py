"""The desk's pages of penalty: rules, months, accounts, suspensions of a home."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import penalty
from domivka.identity.models import Role, RoleGrant, User
from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.tariffs.models import HomePenaltySuspension, PenaltyRule
from tests.builders import AccountServiceOf, Town, person

pytestmark = pytest.mark.django_db

OCT = Period(202610)
NOON = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = NOON


@pytest.fixture
def water() -> AccountServiceOf:
    return Town().flat().service("water")


def staff(role: Role, scope: int | None) -> Client:
    user: User = person()
    RoleGrant.objects.create(user=user, role=role, scope_id=scope)
    client = Client()
    client.force_login(user)
    return client


def clerk(of: AccountServiceOf) -> Client:
    return staff(Role.PROVIDER, of.row.account.provider_id)


def path(of: AccountServiceOf, name: str = "penalty", *args: object) -> str:
    return reverse(f"backoffice:{name}", args=[of.row.account.provider_id, *args])


def begin(of: AccountServiceOf, day: str = "2026-12-01", **more: str) -> dict[str, str]:
    service = str(of.row.provider_service_id)
    return {"do": "set", "set-service": service, "set-valid_from": day, "set-source": "договір, п. 34", **more}


CONFIRMED = {"set-confirmed": "on"}


def test_rule_is_set_once_with_its_source_and_in_the_audit_trail(water: AccountServiceOf) -> None:
    client = clerk(water)

    codes = [client.post(path(water), begin(water, **CONFIRMED)).status_code for _ in range(2)]

    assert codes == [302, 302]
    rule = PenaltyRule.objects.get()
    assert (rule.valid_from, rule.valid_to, rule.source) == (dt.date(2026, 12, 1), None, "договір, п. 34")
    assert AuditEntry.objects.filter(action="penalty.rule_set", object_id=str(rule.pk)).count() == 1
    page = client.get(path(water)).content.decode()
    assert "01.12.2026" in page
    assert "договір, п. 34" in page
    assert "0,01 % боргу за кожен день" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Це поле"),  # not confirmed
        ({**CONFIRMED, "set-source": " "}, "Це поле"),
        ({**CONFIRMED, "set-valid_from": "2026-10-31"}, "Почати можна не раніше за 01.11.2026"),
        ({**CONFIRMED, "set-valid_from": "2026-11-20"}, "уже нараховується"),
    ],
)
def test_rule_that_cannot_be_is_refused_with_words(water: AccountServiceOf, given: dict[str, str], words: str) -> None:
    PenaltyRule.objects.create(
        provider_service_id=water.row.provider_service_id, valid_from=dt.date(2026, 11, 15), source="№ 1"
    )

    response = clerk(water).post(path(water), begin(water, **given))

    assert response.status_code == 400
    assert words in response.content.decode()
    assert PenaltyRule.objects.count() == 1


def test_rule_of_another_provider_can_be_neither_set_nor_ended(water: AccountServiceOf) -> None:
    gas = water.town.flat().service("gas")
    rule = PenaltyRule.objects.create(
        provider_service_id=gas.row.provider_service_id, valid_from=dt.date(2026, 11, 1), source="№ 1"
    )
    client = clerk(water)

    set_code = client.post(path(water), begin(gas, **CONFIRMED)).status_code
    ended = {"do": "end", "end-rule": str(rule.pk), "end-last_on": "2026-12-31", "end-confirmed": "on"}
    end_code = client.post(path(water), ended).status_code

    assert (set_code, end_code) == (400, 400)
    rule.refresh_from_db()
    assert (rule.valid_to, PenaltyRule.objects.count()) == (None, 1)


def test_imported_service_has_no_rules_here() -> None:
    gas = Town().flat().service("gas", mode="imported")

    response = clerk(gas).post(path(gas), begin(gas, **CONFIRMED))

    assert response.status_code == 400
    assert "ви передаєте у файлах" in response.content.decode()
    assert not PenaltyRule.objects.exists()


@pytest.mark.parametrize(("last_on", "shown"), [("2026-12-31", "31.12.2026"), ("2026-11-30", "скасовано")])
def test_rule_ends_on_a_day_or_is_taken_back(water: AccountServiceOf, last_on: str, shown: str) -> None:
    client = clerk(water)
    client.post(path(water), begin(water, **CONFIRMED))
    rule = PenaltyRule.objects.get()
    asked = {"do": "end", "end-rule": str(rule.pk), "end-last_on": last_on, "end-confirmed": "on"}

    code = client.post(path(water), asked).status_code

    assert code == 302
    assert shown in client.get(path(water)).content.decode()
    assert client.post(path(water), asked).status_code == 400  # not among the open ones any more
    assert AuditEntry.objects.filter(action="penalty.rule_ended").count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_months_and_accounts_cost_a_fixed_number_of_queries(
    water: AccountServiceOf, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    services = [water, *(water.town.flat().service("water") for _ in range(count - 1))]
    for n, service in enumerate(services, start=1):
        service.charge(OCT, 100_00)
        service.charge(OCT, n * 1_10, kind=ledger.EntryKind.PENALTY)
        service.charge(Period(202609), 50, kind=ledger.EntryKind.PENALTY)
    other = water.town.flat().service("gas")
    other.charge(OCT, 9_99, kind=ledger.EntryKind.PENALTY)
    provider = water.row.account.provider_id

    with django_assert_num_queries(1):
        months = penalty.months(provider_id=provider, last=Period(202611))
    with django_assert_num_queries(2):
        found = penalty.accounts_of_month(provider_id=provider, period=OCT)

    total = sum(n * 1_10 for n in range(1, count + 1))
    assert [(one.period, one.accounts, one.amount.kop) for one in months] == [
        (OCT, count, total), (Period(202609), count, count * 50),
    ]  # fmt: skip
    assert (found.total, found.amount.kop, len(found.rows)) == (count, total, count)
    assert (found.rows[0].penalty.kop, found.rows[0].balance.kop) == (count * 1_10, 100_00 + count * 1_10 + 50)


def test_accounts_of_a_month_are_shown_in_pages_and_audited(water: AccountServiceOf) -> None:
    for _ in range(penalty.PAGE_SIZE):
        water.town.flat().service("water").charge(OCT, 1_10, kind=ledger.EntryKind.PENALTY)
    water.charge(OCT, 1_00, kind=ledger.EntryKind.PENALTY)
    client = clerk(water)

    first = client.get(path(water, "penalty_month", int(OCT))).content.decode()
    second = client.get(path(water, "penalty_month", int(OCT)), {"page": "2"}).content.decode()

    assert water.row.account.number not in first
    assert water.row.account.number in second
    assert "Рахунків із пенею: 51. Разом: 56,00 грн." in second
    assert AuditEntry.objects.filter(action="penalty.listed", is_read=True).count() == 2
    assert client.get(path(water, "penalty_month", 202613)).status_code == 404


def suspend(**more: str) -> dict[str, str]:
    return {"do": "add", "first_on": "2026-10-05", "reason": "damaged", "document": "акт № 3 від 04.10.2026", **more}


def home(of: AccountServiceOf) -> str:
    return path(of, "home_penalty", of.row.account_id)


def test_clerk_suspends_a_home_for_the_own_services_only(water: AccountServiceOf) -> None:
    client = clerk(water)

    codes = [client.post(home(water), suspend()).status_code for _ in range(2)]

    assert codes == [302, 302]
    entry = HomePenaltySuspension.objects.get()
    assert (entry.provider_id, entry.last_on) == (water.row.account.provider_id, None)
    page = client.get(home(water)).content.decode()
    assert "05.10.2026 – досі" in page
    assert "акт № 3" in page
    trail = AuditEntry.objects.filter(action="penalty.home_suspended").get()
    assert trail.premises_ids == [water.row.account.premises_id]
    assert AuditEntry.objects.filter(action="penalty.home_read", is_read=True).count() == 1


def test_operator_suspends_for_all_and_a_clerk_cannot_end_that(water: AccountServiceOf) -> None:
    staff(Role.OPERATOR, None).post(home(water), suspend(last_on="2026-12-31"))
    entry = HomePenaltySuspension.objects.get()
    client = clerk(water)

    code = client.post(home(water), {"do": "withdraw", "entry": str(entry.pk)}).status_code

    assert (entry.provider_id, code) == (None, 404)
    assert "усі надавачі" in client.get(home(water)).content.decode()
    entry.refresh_from_db()
    assert entry.last_on == dt.date(2026, 12, 31)


def test_another_providers_entry_does_not_show(water: AccountServiceOf) -> None:
    HomePenaltySuspension.objects.create(
        premises_id=water.row.account.premises_id, provider=water.town.flat().service("gas").row.account.provider,
        first_on=dt.date(2026, 10, 1), reason="absent", document="довідка № 8",
    )  # fmt: skip

    assert "довідка № 8" not in clerk(water).get(home(water)).content.decode()
    assert "довідка № 8" in staff(Role.OPERATOR, None).get(home(water)).content.decode()


@pytest.mark.parametrize(
    ("given", "last_on", "shown"),
    [
        ({"do": "end", "last_on": "2026-10-31"}, dt.date(2026, 10, 31), "05.10.2026 – 31.10.2026"),
        ({"do": "withdraw"}, dt.date(2026, 10, 4), "скасовано"),
        ({"do": "end", "last_on": "2026-10-04"}, None, "не може бути раніше за перший"),
        ({"do": "end", "last_on": "завтра"}, None, "Вкажіть останній день"),
    ],
)
def test_entry_ends_or_is_taken_back(
    water: AccountServiceOf, given: dict[str, str], last_on: dt.date | None, shown: str
) -> None:
    client = clerk(water)
    client.post(home(water), suspend())
    entry = HomePenaltySuspension.objects.get()

    page = client.post(home(water), {**given, "entry": str(entry.pk)}, follow=True).content.decode()

    entry.refresh_from_db()
    assert entry.last_on == last_on
    assert shown in page


@pytest.mark.parametrize(
    "given",
    [{"first_on": ""}, {"document": " "}, {"reason": "war"}, {"last_on": "2026-10-01"}],
)
def test_suspension_that_cannot_be_is_refused(water: AccountServiceOf, given: dict[str, str]) -> None:
    response = clerk(water).post(home(water), suspend(**given))

    assert response.status_code == 400
    assert not HomePenaltySuspension.objects.exists()


@pytest.mark.parametrize("entry", ["", "x", "999999", "9" * 30])
def test_entry_that_is_not_there_is_not_found(water: AccountServiceOf, entry: str) -> None:
    assert clerk(water).post(home(water), {"do": "end", "entry": entry, "last_on": "2026-10-31"}).status_code == 404
