"""What a helper sees and does on the pages of a home, and what its owner sees of it."""

from __future__ import annotations

import datetime as dt
import re

import pypdfium2
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.homes import api as homes
from domivka.homes.door import homes_on, homes_open_to
from domivka.homes.models import Home as HomeRow
from domivka.homes.models import HomeShare
from domivka.homes.operations import remove_home
from domivka.identity.models import User
from domivka.kernel.period import Period
from domivka.metering.models import Reading
from domivka.notifications.models import Message
from domivka.payments.models import Intent
from domivka.statements import api as statements
from domivka.statements.tasks import send_receipt
from tests.builders import Resident, Town, helper, person, resident
from tests.database.payments.bank import hear, mark_started

pytestmark = pytest.mark.django_db

OCT = Period(202610)
NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


class Home:
    """A flat with metered water, 322,36 грн charged for October."""

    def __init__(self) -> None:
        self.flat = Town().flat()
        self.water = self.flat.service("water", metered=True)
        self.meter_id = self.water.meter()
        self.water.charge(OCT, 322_36)
        self.owner: Resident = resident(self.flat)
        self.root = f"/homes/{self.owner.home.pk}/"
        self.reading = {f"reading_{self.meter_id}_single": "58"}

    def pay(self, client: Client, **more: str) -> int:
        basket = {"do": "pay", "token": "t1", "pick": str(self.water.id), f"sum_{self.water.id}": "322,36"}
        return client.post(f"{self.root}bill/", basket | more).status_code


@pytest.fixture
def home() -> Home:
    return Home()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def log_of(home: Home) -> list[str]:
    share = homes.shares_of(home_id=home.owner.home.pk, at=NOW, limit=1)[0]
    return [act.words.replace("\u00a0", " ") for act in homes.acts_of(share=share, limit=20)]


FORMS = {"home": 'name="pick"', "bill": "data-bill", "readings": "data-readings"}


@pytest.mark.parametrize(
    ("readings", "pays", "shown"),
    [
        (False, False, set()),
        (True, False, {"readings"}),
        (False, True, {"home", "bill"}),
        (True, True, {"home", "bill", "readings"}),
    ],
)
def test_forms_that_a_helper_may_not_send_are_absent(home: Home, readings: bool, pays: bool, shown: set[str]) -> None:
    client = client_of(helper(home.owner, readings=readings, pays=pays))

    pages = {name: text(client, home.root + ("" if name == "home" else f"{name}/")) for name in FORMS}

    assert {name for name, mark in FORMS.items() if mark in pages[name]} == shown
    for page in pages.values():
        assert "322,36" in page or "032264" in page
        assert "Додати лічильник" not in page
        assert "Поділитися доступом" not in page
        assert "(ви помічник)" in page
    assert ("reading_" in pages["bill"]) is (readings and pays)


def test_owners_pages_have_everything(home: Home) -> None:
    client = client_of(home.owner.user)

    pages = {name: text(client, home.root + ("" if name == "home" else f"{name}/")) for name in FORMS}

    assert all(mark in pages[name] for name, mark in FORMS.items())
    assert "Додати лічильник" in pages["readings"]
    assert "Поділитися доступом" in pages["home"]
    assert "помічник" not in pages["bill"]


def test_links_to_what_only_the_owner_may_are_absent(home: Home) -> None:
    statements.issue_bills(town_id=home.flat.town.row.pk, period=OCT, at=NOW, user_id=None)
    client = client_of(helper(home.owner, readings=True, pays=True))

    assert "/certificate/" not in text(client, f"{home.root}history/")
    assert "/certificate/" not in text(client, f"{home.root}payments/")
    assert "Порівняння осель" not in text(client, f"{home.root}statistics/")
    assert "паперов" not in text(client, f"{home.root}bills/")


def test_refused_page_says_whom_to_ask(home: Home) -> None:
    client = client_of(helper(home.owner))

    answer = client.post(f"{home.root}readings/", home.reading)

    assert answer.status_code == 403
    assert "Власник оселі не дав вам цього доступу" in answer.content.decode()
    assert not Reading.objects.filter(value=58).exists()


def test_readings_of_a_helper_are_taken_and_logged(home: Home) -> None:
    user = helper(home.owner, readings=True)

    assert client_of(user).post(f"{home.root}readings/", home.reading).status_code == 302

    assert Reading.objects.filter(value=58).count() == 1
    assert log_of(home) == ["Передано 1 показання", "Відкрито сторінки оселі"]


def test_owners_own_readings_are_not_in_a_helpers_log(home: Home) -> None:
    helper(home.owner, readings=True)

    client_of(home.owner.user).post(f"{home.root}readings/", home.reading)

    assert Reading.objects.filter(value=58).count() == 1
    assert log_of(home) == []


def test_payer_without_readings_pays_and_their_reading_is_not_looked_at(home: Home) -> None:
    user = helper(home.owner, pays=True)

    assert home.pay(client_of(user), **home.reading) == 302

    assert not Reading.objects.filter(value=58).exists()
    assert Intent.objects.get().user_id == user.pk


def test_payment_of_a_helper_is_theirs_and_the_owner_sees_it(home: Home) -> None:
    user = helper(home.owner, pays=True)
    client = client_of(user)
    home.pay(client)
    intent = Intent.objects.get()
    assert client.get(f"/pay/{intent.pk}/").status_code == 200
    mark_started(intent.pk, NOW)
    assert hear(intent.pk, "success", at=NOW) == "applied"

    send_receipt(intent_id=str(intent.pk))
    send_receipt(intent_id=str(intent.pk))

    number = Intent.objects.get().receipt_number
    assert [one.recipient for one in Message.objects.filter(template="statements.receipt")] == [user.email]
    assert log_of(home)[0] == f"Сплачено 322,36 грн, квитанція № {number}"
    assert len(log_of(home)) == 2
    owners, helpers = (text(client_of(who), f"{home.root}payments/") for who in (home.owner.user, user))
    assert f"Квитанція № {number} – у того, хто платив" in owners
    assert f"/pay/{intent.pk}/" not in owners
    assert f"/pay/{intent.pk}/status/" in helpers
    assert client_of(home.owner.user).get(f"/receipts/{intent.pk}.pdf").status_code == 404


def test_access_that_ended_while_the_bank_was_deciding_still_tells_the_owner(home: Home, settings: Settings) -> None:
    home.pay(client_of(helper(home.owner, pays=True)))
    intent = Intent.objects.get()
    mark_started(intent.pk, NOW)
    settings.FROZEN_NOW = later = NOW + dt.timedelta(minutes=5)
    HomeShare.objects.update(state="revoked", ended_at=later)
    hear(intent.pk, "success", at=later)

    send_receipt(intent_id=str(intent.pk))

    assert log_of(home)[0].startswith("Сплачено 322,36 грн")


def test_helper_whose_own_home_waits_for_its_key_pays_for_the_shared_one(home: Home) -> None:
    user = helper(home.owner, pays=True)
    own = HomeRow.objects.create(user=user, premises=home.flat.row, state="locked", added_at=NOW)
    client = client_of(user)
    home.pay(client)

    page = text(client, f"/pay/{Intent.objects.get().pk}/")

    assert f'href="{home.root}' in page
    assert f"/homes/{own.pk}/" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"state": "revoked", "ended_at": NOW - dt.timedelta(days=3)},
        {"expires_at": NOW - dt.timedelta(days=3)},
        {"accepted_at": NOW + dt.timedelta(minutes=1)},
        {},
    ],
)
def test_own_payments_of_whoever_helped_are_not_told_to_the_owner(home: Home, change: dict[str, object]) -> None:
    user = helper(home.owner, pays=True)
    HomeShare.objects.update(**change)
    own = resident(home.flat, user=user)
    home.root = f"/homes/{own.home.pk}/"
    home.pay(client_of(user))
    if change:  # the home that was theirs when they paid is not any more: the time of access tells
        remove_home(user_id=user.pk, home_id=own.home.pk, at=NOW)
    intent = Intent.objects.get()
    mark_started(intent.pk, NOW)
    hear(intent.pk, "success", at=NOW)

    send_receipt(intent_id=str(intent.pk))

    assert Message.objects.filter(template="statements.receipt").count() == 1
    assert [words for words in log_of(home) if "Сплачено" in words] == []


@pytest.mark.parametrize("change", [{"state": "revoked", "ended_at": NOW}, {"pays": False}, {"expires_at": NOW}])
def test_payment_that_was_begun_cannot_go_on_without_the_right(home: Home, change: dict[str, object]) -> None:
    client = client_of(helper(home.owner, pays=True))
    home.pay(client)
    intent = Intent.objects.get()
    HomeShare.objects.update(**change)

    statuses = [
        client.get(f"/pay/{intent.pk}/").status_code,
        client.post(f"/pay/{intent.pk}/method/", {"method": "card"}).status_code,
        client.post(f"/pay/{intent.pk}/start/").status_code,
        client.post(f"/pay/{intent.pk}/again/").status_code,
    ]

    assert statuses == [404, 404, 404, 404]
    assert Intent.objects.get().state == "created"


@pytest.mark.parametrize(("pays", "offered"), [(True, True), (False, False)])
def test_paying_again_is_offered_to_whoever_still_may(home: Home, pays: bool, offered: bool) -> None:
    client = client_of(helper(home.owner, pays=True))
    home.pay(client)
    intent = Intent.objects.get()
    Intent.objects.update(state="failed", gateway="sandbox")
    HomeShare.objects.update(pays=pays)

    assert (f"/pay/{intent.pk}/again/" in text(client, f"/pay/{intent.pk}/status/")) is offered


def test_what_a_helper_paid_stays_theirs_after_access_is_over(home: Home) -> None:
    user = helper(home.owner, pays=True)
    client = client_of(user)
    home.pay(client)
    intent = Intent.objects.get()
    mark_started(intent.pk, NOW)
    hear(intent.pk, "success", at=NOW)
    HomeShare.objects.update(state="revoked", ended_at=NOW)

    assert client.get(f"/pay/{intent.pk}/status/").status_code == 200
    assert client.get(f"/receipts/{intent.pk}.pdf").status_code == 200
    assert client.get(home.root).status_code == 404


def _letters(pdf: bytes) -> str:
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def test_bill_of_a_helper_has_no_authorisation_key(home: Home) -> None:
    statements.issue_bills(town_id=home.flat.town.row.pk, period=OCT, at=NOW, user_id=None)
    key = homes.current_keys(premises_ids=[home.flat.row.pk])[home.flat.row.pk]
    user = helper(home.owner)

    owners = _letters(client_of(home.owner.user).get(f"{home.root}bill.pdf").content)
    helpers = _letters(client_of(user).get(f"{home.root}bill.pdf").content)

    assert key in owners
    assert key not in helpers
    assert re.search(r"\d{4}-\d{4}-\d{2}\b", helpers) is None
    assert "322,36" in helpers
    assert log_of(home) == ["Завантажено рахунок, PDF", "Відкрито сторінки оселі"]


def test_landing_leads_a_helper_without_a_home_to_the_shared_one(home: Home) -> None:
    client = client_of(helper(home.owner))

    assert client.get("/").headers["Location"] == home.root
    assert "Оселі, з якими ви допомагаєте" in text(client, "/homes/")


def test_application_does_not_begin_with_the_address_of_a_shared_home(home: Home) -> None:
    user = helper(home.owner, pays=True)
    request = client_of(user).get(home.root).wsgi_request

    assert [one.id for one in homes_open_to(request)] == [home.owner.home.pk]
    assert homes_on(request) == []


def test_helper_with_a_home_sees_their_own_first(home: Home) -> None:
    user = person()
    own = resident(home.flat.town.flat(), user=user)
    helper(home.owner, user=user)

    assert [one.id for one in homes.homes_seen(user_id=user.pk, at=NOW)] == [own.home.pk, home.owner.home.pk]


@pytest.mark.parametrize("helpers", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("", 7), ("bill/", 8)])
def test_page_asks_a_helper_and_an_owner_the_same_number_of_questions(
    home: Home, helpers: int, path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    users = [helper(home.owner, readings=True, pays=True) for _ in range(helpers)]
    owner, helps = client_of(home.owner.user), client_of(users[0])
    helps.get(home.root)  # the visit is noted

    with django_assert_num_queries(queries):
        owner.get(home.root + path)
    with django_assert_num_queries(queries):
        helps.get(home.root + path)


@pytest.mark.parametrize("helpers", [1, 3])
def test_list_of_helpers_asks_the_same_for_one_and_for_three(
    home: Home, helpers: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(helpers):
        helper(home.owner)
    client = client_of(home.owner.user)

    with django_assert_num_queries(5):  # session, person, homes, how many helpers, helpers
        page = text(client, f"{home.root}helpers/")

    assert page.count("Донька Оля") == helpers
