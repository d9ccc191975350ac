"""Staff pages: who may open which, what they show, and that another provider's things do not exist."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import accounts, corrections, settlements
from domivka.backoffice.tasks import verify_ledger
from domivka.backoffice.urls import urlpatterns
from domivka.billing.models import Recalculation, Run
from domivka.identity.models import Role, RoleGrant, User
from domivka.kernel.models import AuditEntry, JobProgress
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.ledger.tasks import summarise
from domivka.metering import api as metering
from domivka.metering.models import Meter, MeterCorrection, Reading
from domivka.statements.models import BillDesign, DeliveryRoute, PrintPart, PrintRun
from tests.builders import AccountServiceOf, Flat, Town, given_benefit, person, run
from tests.database.billing.acts import bare_act

pytestmark = pytest.mark.django_db

OCT = Period(202610)
NOON = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = NOON


class Office:
    """Two providers with an account each, and someone of every role."""

    def __init__(self) -> None:
        self.town = Town()
        self.flat: Flat = self.town.flat()
        self.water: AccountServiceOf = self.flat.service("water", metered=True)
        self.gas: AccountServiceOf = self.flat.service("gas")
        self.water.charge(OCT, 322_36)
        self.gas.charge(OCT, 100_00)
        self.gas.pay(OCT, 40_00)
        self.water_provider = self.water.row.account.provider_id
        self.gas_provider = self.gas.row.account.provider_id
        self.benefit = given_benefit(self.water)
        self.run = Run.objects.create(
            town=self.town.row, period=OCT, revision=1, state=Run.State.RUNNING, started_at="2026-11-01T09:00:00Z"
        )
        self.act = bare_act(self.water)
        self.print_run = PrintRun.objects.create(
            town=self.town.row, period=OCT, started_at="2026-11-04T09:00:00Z", resumed_at="2026-11-04T09:00:00Z"
        )
        PrintPart.objects.create(
            run=self.print_run, number=1, first=1, last=1, bill_ids=[1], to_pay_kop=322_36, charged_kop=322_36
        )
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "resident": person(),
            "water": self._staff(Role.PROVIDER, self.water_provider),
            "gas": self._staff(Role.PROVIDER, self.gas_provider),
            "authority": self._staff(Role.AUTHORITY, self.town.row.pk),
            "operator": self._staff(Role.OPERATOR, None),
        }

    def _staff(self, role: Role, scope: int | None) -> User:
        user = person()
        RoleGrant.objects.create(user=user, role=role, scope_id=scope)
        return user

    def client(self, who: str) -> Client:
        client = Client()
        user = self.people[who]
        if user is not None:
            client.force_login(user)
        return client

    def page(self, who: str, name: str, *args: int, **query: str) -> str:
        response = self.client(who).get(reverse(f"backoffice:{name}", args=args), query)
        assert response.status_code == 200
        return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def office() -> Office:
    return Office()


# anonymous, resident, water's staff, gas's staff, authority, operator
OF_A_PROVIDER = (
    "accounts account tariffs clearing corrections recalculations benefits benefit_terms add_benefit end_benefit "
    "penalty penalty_month home_penalty"
)
MATRIX = {
    "dashboard": (302, 403, 200, 200, 200, 200),
    **dict.fromkeys(OF_A_PROVIDER.split(), (302, 403, 200, 404, 403, 200)),
    "decide_correction": (302, 403, 405, 405, 403, 405),
    "new_recalculation": (302, 403, 200, 404, 403, 200),
    "recalculation": (302, 403, 200, 404, 403, 200),
    "recalculation_print": (302, 403, 200, 404, 403, 200),
    "recalculation_csv": (302, 403, 200, 404, 403, 200),
    "recalculation_act": (302, 403, 405, 405, 403, 405),
    "settlements": (302, 403, 403, 403, 200, 200),
    "buildings": (302, 403, 403, 403, 200, 200),
    "refresh_summary": (302, 403, 403, 403, 405, 405),
    "runs": (302, 403, 403, 403, 403, 200),
    "run": (302, 403, 403, 403, 403, 200),
    "cancel_run": (302, 403, 403, 403, 403, 405),
    "bills": (302, 403, 403, 403, 403, 200),
    "cancel_bills": (302, 403, 403, 403, 403, 405),
    "prints": (302, 403, 403, 403, 403, 200),
    "print": (302, 403, 403, 403, 403, 200),
    "cancel_print": (302, 403, 403, 403, 403, 405),
    "resume_print": (302, 403, 403, 403, 403, 405),
    "print_file": (302, 403, 403, 403, 403, 404),  # not made yet
    "bill_design": (302, 403, 403, 403, 403, 200),
    "bill_preview": (302, 403, 403, 403, 403, 200),
    "routes": (302, 403, 403, 403, 403, 200),
    "ledger": (302, 403, 403, 403, 403, 200),
    "audit": (302, 403, 403, 403, 403, 200),
}


def _arguments(office: Office, name: str) -> list[int | str]:
    provider, account = office.water_provider, office.water.row.account_id
    found: dict[str, list[int | str]] = {
        **{f"{page}s": [provider] for page in ("account", "tariff", "correction", "recalculation")},
        **{page: [provider] for page in ("penalty", "clearing", "new_recalculation", "benefits", "benefit_terms")},
        "account": [provider, account],
        "penalty_month": [provider, int(OCT)],
        **{page: [provider, account] for page in ("home_penalty", "add_benefit")},
        "end_benefit": [provider, account, office.benefit],
        "decide_correction": [provider, 1],
        **{f"recalculation{tail}": [provider, office.act.pk] for tail in ("", "_print", "_csv")},
        "recalculation_act": [provider, office.act.pk, "apply"],
        "settlements": [office.town.row.pk],
        "buildings": [office.town.row.pk],
        "refresh_summary": [office.town.row.pk],
        "run": [office.run.pk],
        "cancel_bills": [office.town.row.pk, int(OCT)],
        "cancel_run": [office.run.pk],
        "print": [office.print_run.pk],
        "cancel_print": [office.print_run.pk],
        "resume_print": [office.print_run.pk],
        "print_file": [office.print_run.pk, 1],
        "bill_design": [office.town.row.pk],
        "bill_preview": [office.town.row.pk],
        "routes": [office.town.row.pk],
    }
    return found.get(name, [])


def test_permission_matrix_names_every_page() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(MATRIX)  # type: ignore[union-attr]  # patterns, no includes


def test_every_page_opens_for_its_roles_only(office: Office) -> None:
    found = {
        name: tuple(
            office.client(who).get(reverse(f"backoffice:{name}", args=_arguments(office, name))).status_code
            for who in office.people
        )
        for name in MATRIX
    }

    assert found == MATRIX


@pytest.mark.parametrize(
    "name",
    [
        "account", "runs", "cancel_run", "ledger", "new_recalculation", "recalculation_act",
        "prints", "print", "cancel_print", "resume_print", "bill_design", "routes", "penalty", "home_penalty", "add_benefit", "end_benefit",
    ],
)  # fmt: skip
def test_posting_is_refused_to_those_who_may_not_look(office: Office, name: str) -> None:
    path = reverse(f"backoffice:{name}", args=_arguments(office, name))

    codes = [office.client(who).post(path).status_code for who in ("resident", "gas")]

    assert codes in ([403, 404], [403, 403])
    assert JobProgress.objects.count() == 0
    assert Run.objects.get().state == Run.State.RUNNING
    assert PrintRun.objects.get().state == PrintRun.State.RUNNING
    assert Recalculation.objects.get().state == "draft"
    assert BillDesign.objects.count() == DeliveryRoute.objects.count() == 0


def test_another_providers_account_under_ones_own_provider_is_not_found(office: Office) -> None:
    path = reverse("backoffice:account", args=[office.gas_provider, office.water.row.account_id])

    assert office.client("gas").get(path).status_code == 404
    assert office.client("operator").get(path).status_code == 404


def test_another_towns_authority_sees_nothing(office: Office) -> None:
    other = person()
    RoleGrant.objects.create(user=other, role=Role.AUTHORITY, scope_id=Town("Інше").row.pk)
    client = Client()
    client.force_login(other)

    assert client.get(reverse("backoffice:settlements", args=[office.town.row.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_account_list_costs_a_fixed_number_of_queries(
    office: Office, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count - 1):
        office.town.flat().service("water")

    with django_assert_num_queries(2):
        found = accounts.account_list(provider_id=office.water_provider)

    assert found.total == len(found.rows) == count


def test_account_list_finds_by_number_street_and_holder_and_sorts_by_debt(office: Office) -> None:
    second = office.town.flat().service("water")
    second.charge(OCT, 999_99)
    provider = office.water_provider

    by_debt = [row.balance.kop for row in accounts.account_list(provider_id=provider, sort="debt").rows]
    by_words = accounts.account_list(provider_id=provider, text="собор 4/2 кожем").total
    by_number = accounts.account_list(provider_id=provider, text=second.row.account.number)
    by_nonsense = accounts.account_list(provider_id=provider, text="100%_'; --").total

    assert by_debt == [999_99, 322_36]
    assert by_words == 2
    assert [row.number for row in by_number.rows] == [second.row.account.number]
    assert by_nonsense == 0


def test_account_list_filters_debtors_and_those_who_overpaid(office: Office) -> None:
    second = office.town.flat().service("water")
    second.pay(OCT, 56_05)
    provider = office.water_provider

    found = {s: accounts.account_list(provider_id=provider, state=s).balance.kop for s in accounts.STATES}

    assert found == {"all": 266_31, "debt": 322_36, "credit": -56_05, "settled": 0, "closed": 0}


def test_account_page_shows_states_and_every_read_is_audited(office: Office) -> None:
    account = office.water.row.account

    page = office.page("water", "account", office.water_provider, account.pk)

    assert "Борг" in page
    assert "322,36" in page
    user = office.people["water"]
    assert user is not None
    assert AuditEntry.objects.filter(
        action="account.read", object_id=str(account.pk), actor_id=user.pk, is_read=True
    ).count() == 1  # fmt: skip


def test_reading_said_by_phone_keeps_its_channel_and_who_wrote_it(office: Office) -> None:
    meter = office.water.meter("032264", initial="54", on=dt.date(2026, 9, 10))
    path = reverse("backoffice:account", args=[office.water_provider, office.water.row.account_id])

    response = office.client("water").post(path, {"channel": "phone", f"meter_{meter}_single": "58,5"})

    assert response.status_code == 302
    row = Reading.objects.get(channel="phone")
    user = office.people["water"]
    assert user is not None
    assert (row.meter_id, str(row.value), row.submitted_by_id) == (meter, "58.500", user.pk)


def test_reading_with_a_letter_in_it_is_explained_and_not_written(office: Office) -> None:
    meter = office.water.meter("032264", initial="54", on=dt.date(2026, 9, 10))
    path = reverse("backoffice:account", args=[office.water_provider, office.water.row.account_id])

    response = office.client("water").post(path, {"channel": "phone", f"meter_{meter}_single": "5О"})

    assert response.status_code == 400
    assert "Показання не записано" in response.content.decode()
    assert Reading.objects.exclude(channel="initial").count() == 0


def test_clearing_page_shows_what_was_collected_by_day(office: Office) -> None:
    town_id = office.town.row.pk
    own = office.water.row.provider_service_id
    clearing = ledger.system_account(town_id=town_id, kind=Account.Kind.CLEARING, owner_id=own)
    gateway = ledger.system_account(town_id=town_id, kind=Account.Kind.GATEWAY, code="sandbox")
    kind = ledger.EntryKind.PAYMENT
    ledger.post(
        town_id=town_id, key="p1", cause="payment", cause_id=1, period=Period(202611),
        at=dt.datetime(2026, 11, 9, 22, 30, tzinfo=dt.UTC),
        entries=[
            ledger.Entry(gateway, kind, 126470, Period(202611)),
            ledger.Entry(clearing, kind, -126470, Period(202611)),
        ],
    )  # fmt: skip

    found = settlements.clearing(provider_id=office.water_provider, at=dt.datetime(2026, 11, 10, 10, tzinfo=dt.UTC))
    page = office.page("water", "clearing", office.water_provider)

    assert found.waiting.kop == 126470
    assert [(row.day, row.payments, row.collected.kop) for row in found.days] == [(dt.date(2026, 11, 10), 1, 126470)]
    assert "1 264,70" in page
    assert settlements.clearing(
        provider_id=office.gas_provider, at=dt.datetime(2026, 11, 10, 10, tzinfo=dt.UTC)
    ).days == []  # fmt: skip


def test_settlements_show_charged_paid_debt_and_rate(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ledger.summarise(town_id=office.town.row.pk, period=OCT, at=NOON)

    with django_assert_num_queries(1):
        rows = settlements.settlements(town_id=office.town.row.pk, period=OCT)
    total = settlements.settlements_total(rows, "")

    by_charged = sorted((row.charged.kop, row.paid.kop, row.debt.kop, row.debtors) for row in rows)
    assert by_charged == [(100_00, 40_00, 60_00, 1), (322_36, 0, 322_36, 1)]
    assert (total.charged.kop, total.paid.kop, str(total.collected_percent)) == (422_36, 40_00, "9.5")
    assert "9,5 %" in office.page("authority", "settlements", office.town.row.pk)


def test_buildings_add_up_to_the_settlements(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ledger.summarise(town_id=office.town.row.pk, period=OCT, at=NOON)

    with django_assert_num_queries(1):
        rows = settlements.buildings(town_id=office.town.row.pk, period=OCT)

    assert [(row.address, row.homes, row.people, row.charged.kop, row.paid.kop, row.debt.kop) for row in rows] == [
        ("вул. Соборна, 4/2", 1, 2, 422_36, 40_00, 382_36)
    ]


@pytest.mark.parametrize("homes", [1, 3])
def test_page_of_buildings_asks_as_often_for_one_as_for_three(
    office: Office, homes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(homes - 1):
        office.town.flat().service("water").charge(OCT, 10_00)
    ledger.summarise(town_id=office.town.row.pk, period=OCT, at=NOON)
    client = office.client("authority")

    with django_assert_num_queries(9):
        response = client.get(reverse("backoffice:buildings", args=[office.town.row.pk]), {"period": "2026-10"})

    assert response.status_code == 200


def test_statistics_say_of_which_moment_they_are_and_are_renewed(office: Office) -> None:
    town = office.town.row.pk
    before = office.page("authority", "settlements", town) + office.page("authority", "buildings", town)
    ledger.summarise(town_id=town, period=OCT, at=NOON)
    office.gas.pay(OCT, 10_00)
    stale = office.page("authority", "buildings", town)
    asked = office.client("authority").post(
        reverse("backoffice:refresh_summary", args=[town]) + "?period=2026-10&back=buildings"
    )
    job = ProcrastinateJob.objects.get(task_name="ledger.summarise")
    summarise(**job.args)
    renewed = office.page("authority", "buildings", town)

    assert "Цей місяць ще не зведено" in before
    assert "<table" not in before  # no zeros for what nobody has added up
    assert "станом на 10.11.2026 12:00" in stale
    assert "Є новіші рухи" in stale
    assert "382,36" in stale
    assert asked.headers["Location"].endswith(f"/staff/towns/{town}/buildings/?period=2026-10")
    assert "Усі рухи враховано" in renewed
    assert "372,36" in renewed


def test_proof_of_the_ledger_says_that_it_holds(office: Office) -> None:
    office.client("operator").post(reverse("backoffice:ledger"))
    verify_ledger()

    assert "Журнал сходиться" in office.page("operator", "ledger")


def test_proof_of_the_ledger_names_a_forged_balance(office: Office) -> None:
    with connection.cursor() as cursor:  # the database refuses the edit unless its guards are off
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE ledger_balance DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger_balance SET charged_kop = 1 WHERE account_id ="
            " (SELECT id FROM ledger_account WHERE kind = 'personal' AND owner_id = %s)",
            [office.water.id],
        )
        cursor.execute("ALTER TABLE ledger_balance ENABLE TRIGGER USER")

    office.client("operator").post(reverse("backoffice:ledger"))
    verify_ledger()

    page = office.page("operator", "ledger")
    assert "Журнал не сходиться" in page
    assert "balance_differs" in page


def test_audit_trail_is_filtered_by_person_and_action(office: Office) -> None:
    office.page("water", "account", office.water_provider, office.water.row.account_id)
    office.page("gas", "account", office.gas_provider, office.gas.row.account_id)
    user = office.people["gas"]
    assert user is not None

    page = office.page("operator", "audit", person=str(user.pk), action="account.read")

    assert page.count('title="account.read"') == 1
    assert "Перегляд особового рахунку" in page
    assert "Записів немає" in office.page("operator", "audit", person="nobody@example.org")


def _ask(service: AccountServiceOf, *, number: str, value: str = "58") -> None:
    meter = service.meter("032264", initial="54", on=dt.date(2026, 9, 10))
    service.read(meter, "58", on=dt.date(2026, 10, 20))
    metering.ask_correction(
        town_id=service.town.row.pk,
        account_service_ids=[service.id],
        meter_id=meter,
        number=number,
        values={"single": Decimal(value)},
        user_id=1,
        at=dt.datetime(2026, 11, 9, 9, 0, tzinfo=dt.UTC),
    )


def test_correction_is_accepted_at_the_desk_of_its_provider_only(office: Office) -> None:
    _ask(office.water, number="032265")
    asked = MeterCorrection.objects.get()
    assert "032265" in office.page("water", "corrections", office.water_provider)
    assert "Чекають на перевірку: 1." in office.page("water", "dashboard")
    other = reverse("backoffice:decide_correction", args=[office.gas_provider, asked.pk])
    own = reverse("backoffice:decide_correction", args=[office.water_provider, asked.pk])

    assert office.client("gas").post(other, {"do": "accept"}).status_code == 404
    assert office.client("gas").post(own, {"do": "accept"}).status_code == 404
    assert office.client("resident").post(own, {"do": "accept"}).status_code == 403
    assert Meter.objects.get().number == "032264"

    assert office.client("water").post(own, {"do": "accept"}).status_code == 302

    assert Meter.objects.get().number == "032265"
    assert "Виправлень немає" in office.page("water", "corrections", office.water_provider)


def test_correction_is_refused_with_a_reason_only(office: Office) -> None:
    _ask(office.water, number="032265")
    asked = MeterCorrection.objects.get()
    own = reverse("backoffice:decide_correction", args=[office.water_provider, asked.pk])

    answer = office.client("water").post(own, {"do": "reject"}, follow=True).content.decode()

    assert "Напишіть мешканцеві, чому виправлення не прийнято." in answer
    asked.refresh_from_db()
    assert asked.accepted is None

    office.client("water").post(own, {"do": "reject", "reason": "На пломбі 032264."})

    assert list(MeterCorrection.objects.values_list("accepted", "reason")) == [(False, "На пломбі 032264.")]


def test_desk_says_when_a_value_was_charged_already() -> None:
    town = Town()
    water = town.flat().service("water", metered=True)
    water.tariff("30.128")
    _ask(water, number="032264", value="57")
    provider_id = water.row.account.provider_id
    assert [row.charged for row in corrections.waiting(provider_id=provider_id, page=1)] == [None]

    run(town, OCT)

    assert [row.charged for row in corrections.waiting(provider_id=provider_id, page=1)] == [OCT]
    clerk = Client()
    user = person()
    RoleGrant.objects.create(user=user, role=Role.PROVIDER, scope_id=provider_id)
    clerk.force_login(user)
    page = clerk.get(reverse("backoffice:corrections", args=[provider_id])).content.decode()
    assert "За цим показанням уже нараховано: жовтень 2026." in page
    assert "−1 м³" in page.replace("\u00a0", " ")


@pytest.mark.parametrize("count", [1, 3])
def test_corrections_take_the_same_queries_for_any_number(
    office: Office, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        _ask(office.town.flat().service("water", metered=True), number="032265", value="57")

    with django_assert_num_queries(4):
        rows = corrections.waiting(provider_id=office.water_provider, page=1)

    assert len(rows) == 2 * count
