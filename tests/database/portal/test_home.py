"""The home page and the bill."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.homes.models import Home
from domivka.identity import api as identity
from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.payments.models import Intent
from domivka.registry.models import ProviderService
from tests.builders import Flat, Resident, Town, person, resident

pytestmark = pytest.mark.django_db

SEP, OCT, NOV = Period(202609), Period(202610), Period(202611)
CODES = ["water", "gas", "electricity", "heating", "waste"]


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


def signed_in(one: Resident) -> Client:
    client = Client()
    client.force_login(one.user)
    return client


def flat_of_seed() -> Flat:
    """The figures of seed S0, «Рахунок за березень», moved to October."""
    flat = Town().flat(living=3)
    distribution, gas, electricity = (flat.service(code) for code in ("building", "gas", "electricity"))
    distribution.pay(SEP, 56_05)
    distribution.charge(OCT, 56_05)
    gas.charge(SEP, 1751_68)
    gas.charge(OCT, 1306_47)
    electricity.charge(SEP, 274_42)
    return flat


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")


def test_home_says_how_much_and_until_when_first() -> None:
    one = resident(flat_of_seed())

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "До сплати" in page
    assert '<span class="value">3 332,57</span>' in page
    assert "20 листопада, пʼятниця" in page
    assert "Сплатити 3 332,57 грн" in page


def test_home_says_that_the_deadline_is_over(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
    one = resident(flat_of_seed())

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "Термін сплати минув</strong> 20 листопада, пʼятниця" in page


def test_home_parts_what_is_overdue_from_what_is_not(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
    flat = Town().flat()
    electricity, water = flat.service("electricity"), flat.service("water")
    ProviderService.objects.filter(pk=water.row.provider_service_id).update(due_day=31)
    electricity.charge(OCT, 274_42)
    water.charge(OCT, 100_00)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "до 30 листопада, понеділок" in page
    assert "З них 274,42 грн треба було сплатити до</strong> 20 листопада, пʼятниця" in page
    assert "Термін сплати минув" not in page


def test_home_does_not_scold_for_a_bill_that_is_paid(settings: Settings) -> None:
    """What was charged this month belongs to the next bill."""
    settings.FROZEN_NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
    flat = Town().flat()
    electricity, water = flat.service("electricity"), flat.service("water")
    ProviderService.objects.filter(pk=water.row.provider_service_id).update(due_day=31)
    electricity.charge(OCT, 274_42)
    electricity.pay(NOV, 274_42)
    electricity.charge(NOV, 50_00)
    water.charge(OCT, 100_00)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "до 30 листопада, понеділок" in page
    assert "треба було сплатити" not in page
    assert "Термін сплати минув" not in page


def test_home_says_overpayment_in_words() -> None:
    flat = Town().flat()
    water = flat.service("water")
    water.charge(OCT, 100_00)
    water.pay(NOV, 156_05)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "Переплата" in page
    assert "56,05" in page
    assert "Сплатити" not in page


def test_home_that_is_paid_says_so() -> None:
    flat = Town().flat()
    water = flat.service("water")
    water.charge(OCT, 100_00)
    water.pay(NOV, 100_00)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "Боргу немає" in page
    assert "Рахунок за жовтень 2026 сплачено повністю." in page


def test_home_without_services_says_what_will_be_here() -> None:
    one = resident(Town().flat())

    assert "Рахунків ще немає" in text_of(signed_in(one), f"/homes/{one.home.pk}/")


def test_overpayment_of_one_provider_does_not_pay_for_another() -> None:
    flat = Town().flat()
    flat.service("water").charge(OCT, 100_00)
    flat.service("gas").pay(OCT, 30_00)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/")

    assert "Сплатити 100,00 грн" in page
    assert "Переплату 30,00 грн за іншими послугами враховано окремо." in page


def test_bill_has_the_figures_of_the_seed() -> None:
    one = resident(flat_of_seed())

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/bill/")

    for words in (
        "Рахунок за жовтень 2026",
        "Загальна площа: 51,5 м², опалювальна: 48,2 м², проживаючих: 3",
        "Заборгованість / переплата, грн",
        "Нараховано за жовтень, грн",
        "Сплачено у листопаді, грн",
        "−56,05",
        "1 751,68",
        "1 306,47",
        "3 058,15",
        "274,42",
        "Сплатити 3 332,57 грн",
    ):
        assert words in page, words


def test_bill_recalculates_without_scripts() -> None:
    flat = flat_of_seed()
    one = resident(flat)
    gas, electricity = (flat.accounts_by_code[code].id for code in ("gas", "electricity"))

    response = signed_in(one).post(
        f"/homes/{one.home.pk}/bill/",
        {"do": "recalculate", "pick": [gas, electricity], f"sum_{gas}": "1 000,50", f"sum_{electricity}": "274.42"},
    )

    page = response.content.decode().replace("\u00a0", " ")
    assert response.status_code == 200
    assert "Сплатити 1 274,92 грн" in page
    assert Intent.objects.count() == 0


def test_bill_names_the_field_that_is_not_a_sum() -> None:
    flat = flat_of_seed()
    one = resident(flat)
    gas = flat.accounts_by_code["gas"].id

    response = signed_in(one).post(
        f"/homes/{one.home.pk}/bill/", {"do": "pay", "pick": [gas], f"sum_{gas}": "сто гривень"}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert f'<a href="#sum_{gas}">Газ: Це не сума.' in page
    assert f'aria-describedby="sum_{gas}_error"' in page
    assert "Це не сума. Введіть гривні й копійки, наприклад 274,42." in page
    assert Intent.objects.count() == 0


def test_bill_pays_ticked_services_only_once() -> None:
    flat = flat_of_seed()
    one = resident(flat)
    client = signed_in(one)
    gas, electricity = (flat.accounts_by_code[code].id for code in ("gas", "electricity"))
    form = {
        "do": "pay",
        "token": "a1b2",
        "pick": [gas],
        f"sum_{gas}": "3058,15",
        f"sum_{electricity}": "274,42",
    }

    first = client.post(f"/homes/{one.home.pk}/bill/", form)
    second = client.post(f"/homes/{one.home.pk}/bill/", form)

    intent = Intent.objects.get()
    assert (first.status_code, first["Location"]) == (302, f"/pay/{intent.pk}/")
    assert second["Location"] == first["Location"]
    assert [(line.account_service_id, line.amount_kop) for line in intent.lines.all()] == [(gas, 3058_15)]


def test_bill_with_nothing_ticked_asks_to_tick() -> None:
    one = resident(flat_of_seed())

    response = signed_in(one).post(f"/homes/{one.home.pk}/bill/", {"do": "pay"})

    assert response.status_code == 422
    assert "Нічого не обрано" in response.content.decode()


@pytest.mark.parametrize("services", [1, 3, 5])
@pytest.mark.parametrize(("path", "queries"), [("", 6), ("bill/", 6), ("history/", 5), ("statistics/", 13)])
def test_page_asks_the_same_number_of_questions_for_any_number_of_services(
    django_assert_num_queries: DjangoAssertNumQueries, path: str, queries: int, services: int
) -> None:
    flat = Town().flat()
    for code in CODES[:services]:
        one = flat.service(code)
        one.charge(OCT, 100_00)
        one.pay(NOV, 40_00)
    lives = resident(flat)
    client = signed_in(lives)

    with django_assert_num_queries(queries):
        client.get(f"/homes/{lives.home.pk}/{path}")


PAGES = ["", "bill/", "history/", "statistics/", "accounts/{service}/state/", "accounts/{service}/payments/"]


@pytest.mark.parametrize("page_path", PAGES)
def test_home_of_another_person_is_not_found(page_path: str) -> None:
    flat = Town().flat()
    service = flat.service("water")
    one, stranger = resident(flat), person()
    path = f"/homes/{one.home.pk}/{page_path.format(service=service.id)}"
    client = Client()

    assert client.get(path).status_code == 302
    client.force_login(stranger)
    assert client.get(path).status_code == 404
    client.force_login(one.user)
    assert client.get(path).status_code == 200


def test_account_of_another_home_is_not_found_under_ones_own() -> None:
    town = Town()
    mine, other = town.flat(), town.flat()
    one = resident(mine)
    theirs = other.service("water")

    assert signed_in(one).get(f"/homes/{one.home.pk}/accounts/{theirs.id}/state/").status_code == 404


@pytest.mark.parametrize(("state", "step"), [(Home.State.PENDING, "pin"), (Home.State.LOCKED, "key")])
def test_home_that_is_not_open_asks_for_its_code(state: str, step: str) -> None:
    one = resident(Town().flat())
    Home.objects.filter(pk=one.home.pk).update(state=state)

    response = signed_in(one).get(f"/homes/{one.home.pk}/")

    assert (response.status_code, response["Location"]) == (302, f"/homes/{one.home.pk}/{step}/")


def test_landing_leads_a_resident_home_and_others_to_their_list() -> None:
    one = resident(Town().flat())
    newcomer = Client()
    newcomer.force_login(person())

    assert signed_in(one).get("/")["Location"] == f"/homes/{one.home.pk}/"
    assert newcomer.get("/")["Location"] == "/homes/"


def test_landing_leads_staff_to_their_desk_and_shows_the_link() -> None:
    worker = person()
    identity.grant_role(user_id=worker.pk, role=identity.Role.OPERATOR, scope_id=None, at=clock.now(), actor_id=None)
    client = Client()
    client.force_login(worker)

    desk = reverse("backoffice:dashboard")
    assert client.get("/")["Location"] == desk
    assert f'href="{desk}"' in text_of(client, "/help/")


def test_resident_sees_no_desk() -> None:
    one = resident(Town().flat())
    client = signed_in(one)
    client.get("/")

    assert "Робоче місце" not in text_of(client, "/help/")


def test_account_state_has_the_columns_of_the_seed_and_the_closing_balance() -> None:
    flat = Town().flat()
    water = flat.service("water", number="000101")
    water.charge(SEP, 567_97)
    water.pay(SEP, 51_93)
    water.charge(OCT, 48_90)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/accounts/{water.id}/state/")

    assert "О/Р: 000101" in page
    for words in ("Період", "Тариф", "Нараховано", "Пеня", "Корекція", "Абон. плата", "Сплачено", "Сальдо на кінець"):
        assert words in page, words
    assert "<strong>516,04</strong>" in page
    assert "<strong>564,94</strong>" in page


def test_history_shows_one_month_of_one_company() -> None:
    flat = Town().flat()
    water, gas = flat.service("water"), flat.service("gas")
    for service in (water, gas):
        service.charge(SEP, 111_11)
        service.charge(OCT, 222_22)
    one = resident(flat)
    provider = water.row.provider_service.provider_id

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/history/?month=9&year=2026&provider={provider}")

    assert page.count("111,11") == 2  # the row and the total
    assert "222,22" not in page
    assert "Субсидія, пільга, грн / розмір об. платіж" in page


def test_history_shows_a_whole_year_month_by_month_with_subsidy() -> None:
    flat = Town().flat()
    water = flat.service("water")
    water.charge(SEP, 300_00)
    water.charge(SEP, -120_00, kind=ledger.EntryKind.SUBSIDY)
    water.charge(OCT, 222_22)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/history/?month=0&year=2026")

    assert page.index("жовтень 2026") < page.index("вересень 2026")
    assert "120,00 / 180,00" in page


def test_history_with_nonsense_in_the_address_shows_the_last_charged_month() -> None:
    flat = Town().flat()
    flat.service("water").charge(OCT, 222_22)
    one = resident(flat)

    page = text_of(signed_in(one), f"/homes/{one.home.pk}/history/?month=77&year=abc&provider=0'")

    assert "222,22" in page


def test_english_page_has_english_service_names() -> None:
    flat = Town().flat()
    flat.service("water").charge(OCT, 222_22)
    one = resident(flat)
    client = signed_in(one)
    client.post("/i18n/setlang/", {"language": "en"})

    assert "Cold water" in text_of(client, f"/homes/{one.home.pk}/bill/")
