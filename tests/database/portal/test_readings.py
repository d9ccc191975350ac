"""Readings: the page, the bill, the offline queue, adding a meter, reminders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.homes import api as homes
from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.metering.models import Meter, Reading
from domivka.payments.models import Intent
from tests.builders import AccountServiceOf, Resident, Town, helper, person, resident

pytestmark = pytest.mark.django_db

OCT = Period(202610)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


class Home:
    """A flat with a water meter at 54 and 58 read in October."""

    def __init__(self) -> None:
        self.flat = Town().flat()
        self.water: AccountServiceOf = self.flat.service("water", metered=True)
        self.meter = self.water.meter("032264", initial="54", on=dt.date(2026, 9, 10))
        self.water.read(self.meter, "58", on=dt.date(2026, 10, 10))
        self.one: Resident = resident(self.flat)
        self.client = Client()
        self.client.force_login(self.one.user)
        self.path = f"/homes/{self.one.home.pk}/readings/"
        self.field = f"reading_{self.meter}_single"

    def page(self, path: str = "") -> str:
        return self.client.get(path or self.path).content.decode().replace("\u00a0", " ")


@pytest.fixture
def home() -> Home:
    return Home()


def values() -> list[Decimal]:
    return [row.value for row in Reading.objects.filter(superseded_at=None, period=202611)]


def test_readings_page_shows_previous_value_and_window(home: Home) -> None:
    page = home.page()

    assert "Лічильник № 032264" in page
    assert "Попередні, 10.10.2026" in page
    assert "<strong>58</strong>" in page
    assert "до 30 листопада, понеділок" in page


def test_reading_is_taken_and_shown_after_a_redirect(home: Home) -> None:
    response = home.client.post(home.path, {home.field: "62,5", "client_key": "k1"})

    assert (response.status_code, response["Location"]) == (302, home.path)
    assert values() == [Decimal("62.500")]
    page = home.page()
    assert "Передано 1 показання." in page
    assert 'value="62,5"' in page


def test_reading_below_previous_asks_and_is_taken_when_confirmed(home: Home) -> None:
    asked = home.client.post(home.path, {home.field: "52"})

    assert asked.status_code == 422
    assert f'<a href="#{home.field}">Лічильник № 032264: Показання менше за попереднє (58).' in asked.content.decode()
    assert (
        "Показання менше за попереднє (58). Перевірте лічильник або повідомте про його заміну."
        in asked.content.decode()
    )
    assert values() == []

    home.client.post(home.path, {home.field: "52", f"confirm_{home.meter}_single": "1"})

    assert values() == [Decimal(52)]


def test_reading_that_is_not_a_number_is_named(home: Home) -> None:
    response = home.client.post(home.path, {home.field: "сорок"})

    assert response.status_code == 422
    assert "Це не показання." in response.content.decode()
    assert f'aria-describedby="{home.field}_error"' in response.content.decode()
    assert values() == []


def test_reading_of_a_foreign_meter_is_ignored(home: Home) -> None:
    other = Town("Інше").flat().service("gas", metered=True)
    foreign = other.meter("777", initial="10")

    home.client.post(home.path, {f"reading_{foreign}_single": "999"})

    assert values() == []


def test_nothing_typed_says_what_to_do(home: Home) -> None:
    response = home.client.post(home.path, {home.field: ""}, follow=True)

    assert "Нових показань не введено." in response.content.decode()


def test_queue_gets_an_answer_field_by_field(home: Home) -> None:
    response = home.client.post(
        home.path, {home.field: "62", "client_key": "abc", "channel": "app"}, headers={"Accept": "application/json"}
    )

    assert response.json() == {"taken": 1, "message": "Передано 1 показання.", "refused": []}
    assert Reading.objects.get(period=202611).channel == "app"


def test_queue_is_told_what_was_refused(home: Home) -> None:
    response = home.client.post(home.path, {home.field: "52"}, headers={"Accept": "application/json"})

    (refused,) = response.json()["refused"]
    assert (refused["name"], refused["confirm"]) == (home.field, f"confirm_{home.meter}_single")
    assert response.json()["taken"] == 0


def test_queue_sent_twice_keeps_one_reading(home: Home) -> None:
    for _ in range(2):
        home.client.post(home.path, {home.field: "62", "client_key": "abc"}, headers={"Accept": "application/json"})

    assert Reading.objects.filter(period=202611).count() == 1


def test_home_reminds_of_the_window_until_the_reading_is_given(home: Home) -> None:
    root = f"/homes/{home.one.home.pk}/"
    assert "Приймаємо показання до 30 листопада, понеділок." in home.page(root)

    home.client.post(home.path, {home.field: "62"})

    assert "Приймаємо показання" not in home.page(root)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (dt.date(2026, 11, 1), "скінчилася 01.11.2026: до нової повірки нараховують за нормою"),
        (dt.date(2026, 12, 20), "дійсна до 20.12.2026"),
    ],
)
def test_home_reminds_of_verification(home: Home, due: dt.date, words: str) -> None:
    Meter.objects.update(verification_due_on=due)

    assert words in home.page(f"/homes/{home.one.home.pk}/")
    assert words in home.page()


def test_home_is_silent_about_a_far_verification(home: Home) -> None:
    Meter.objects.update(verification_due_on=dt.date(2028, 1, 1))

    assert "Повірка" not in home.page(f"/homes/{home.one.home.pk}/")


def test_bill_takes_a_reading_before_it_freezes_the_payment(home: Home) -> None:
    home.water.charge(OCT, 322_36)
    form = {"do": "pay", "token": "t1", "pick": [home.water.id], f"sum_{home.water.id}": "322,36", home.field: "62"}

    response = home.client.post(f"/homes/{home.one.home.pk}/bill/", form)

    assert response["Location"] == f"/pay/{Intent.objects.get().pk}/"
    assert values() == [Decimal(62)]


def test_bill_with_a_doubtful_reading_asks_before_paying(home: Home) -> None:
    home.water.charge(OCT, 322_36)
    form = {"do": "pay", "token": "t1", "pick": [home.water.id], f"sum_{home.water.id}": "322,36", home.field: "52"}

    response = home.client.post(f"/homes/{home.one.home.pk}/bill/", form)

    assert response.status_code == 422
    assert "Показання менше за попереднє (58)" in response.content.decode()
    assert Intent.objects.count() == 0


def test_resident_adds_a_meter_that_waits_for_the_provider(home: Home) -> None:
    path = f"/homes/{home.one.home.pk}/meters/add/{home.water.id}/"

    response = home.client.post(path, {"number": "64046", "model": "НІК 2104", "initial_1": "0001,5"})

    assert response["Location"] == home.path
    meter = Meter.objects.get(number="64046")
    assert (meter.added_by_resident, meter.zones, meter.digits) == (True, ["single"], 5)
    assert "Лічильник № 64046" in home.page()


def test_meter_with_a_known_number_is_refused(home: Home) -> None:
    path = f"/homes/{home.one.home.pk}/meters/add/{home.water.id}/"

    response = home.client.post(path, {"number": "032264", "initial_1": "1"})

    assert response.status_code == 422
    assert "Лічильник з таким номером уже є на цьому рахунку." in response.content.decode()


def test_electricity_meter_asks_a_reading_for_each_zone(home: Home) -> None:
    power = home.flat.service("electricity", metered=True)
    path = f"/homes/{home.one.home.pk}/meters/add/{power.id}/"

    short = home.client.post(path, {"number": "9", "zones": "2", "initial_1": "100"})
    home.client.post(path, {"number": "9", "zones": "2", "initial_1": "100", "initial_2": "200"})

    assert "Введіть показання цієї зони." in short.content.decode()
    assert Meter.objects.get(number="9").zones == ["day", "night"]


@pytest.mark.parametrize("tail", ["readings/", "meters/add/{service}/"])
def test_readings_of_another_persons_home_are_not_found(home: Home, tail: str) -> None:
    stranger = Client()
    stranger.force_login(person())
    path = f"/homes/{home.one.home.pk}/{tail.format(service=home.water.id)}"

    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {home.field: "62"}).status_code == 404
    assert values() == []


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("", 7), ("bill/", 8), ("readings/", 6)])
def test_meters_cost_the_same_number_of_questions(
    django_assert_num_queries: DjangoAssertNumQueries, path: str, queries: int, count: int
) -> None:
    flat = Town().flat()
    for code in ["water", "hot_water", "gas"][:count]:
        service = flat.service(code, metered=True)
        service.charge(OCT, 100_00)
        service.meter(f"{code}-1")
        service.meter(f"{code}-2")
    lives = resident(flat)
    client = Client()
    client.force_login(lives.user)

    with django_assert_num_queries(queries):
        client.get(f"/homes/{lives.home.pk}/{path}")


def test_service_worker_keeps_files_that_exist(client: Client) -> None:
    response = client.get("/service-worker.js")

    text = response.content.decode()
    assert response["Content-Type"] == "text/javascript"
    assert '"/static/domivka/js/readings.js"' in text
    assert 'const OFFLINE = "/offline/"' in text


def test_tariffs_name_price_decision_and_shares(client: Client, home: Home) -> None:
    version = home.water.tariff("28.128", shares=[("Електроенергія", "34.5"), ("Зарплата", "65.5")])

    listing = client.get("/tariffs/").content.decode()
    page = client.get(f"/tariffs/{version.plan_id}/").content.decode()

    assert "28,128" in listing
    assert "НКРЕКП" in listing
    for words in ("№ 1457", "Електроенергія –\u00a034,5\u00a0%", "З чого складається ціна", "28,128"):
        assert words in page, words


def test_tariff_history_shows_each_version(client: Client, home: Home) -> None:
    home.water.tariff("20", valid_from=dt.date(2024, 1, 1), valid_to=dt.date(2026, 1, 1))
    version = home.water.tariff("28.128", valid_from=dt.date(2026, 1, 1))

    page = client.get(f"/tariffs/{version.plan_id}/").content.decode()

    assert "Як змінювалася ціна" in page
    assert page.count("01.01.2024") == 2
    assert "Ціна була 20,00, тепер 28,128 грн за м³." in page


def test_tariff_of_no_plan_is_not_found(client: Client) -> None:
    assert client.get("/tariffs/999999/").status_code == 404


def test_consumption_tab_has_the_columns_of_the_seed(home: Home) -> None:
    page = home.page(f"/homes/{home.one.home.pk}/accounts/{home.water.id}/consumption/")

    for words in (
        "Назва послуги", "Модель лічильника", "№ лічильника", "Одиниці виміру", "Дата показань", "Показання",
        "Спожито за період", "НІК 2102", "032264", "10.10.2026",
    ):  # fmt: skip
        assert words in page, words
    assert '<td class="num" data-label="Показання">58</td>' in page
    assert '<td class="num" data-label="Спожито за період">4</td>' in page


def test_statistics_chart_consumption_with_its_numbers_in_a_table(home: Home) -> None:
    page = home.page(f"/homes/{home.one.home.pk}/statistics/")

    assert "Холодна вода: спожито за рік" in page
    assert "<title>жов, Цей рік: 4</title>" in page
    assert '<td data-label="Цей рік, м³" class="num">4</td>' in page


def neighbours(home: Home, count: int) -> None:
    for number in range(count):
        home.flat.town.flat(area_m2="50").service("water").charge(OCT, 100_00 + number * 10_00)
    home.flat.town.flat(area_m2="120").service("water").charge(OCT, 999_00)


def test_statistics_compare_with_the_median_of_similar_homes(home: Home) -> None:
    home.water.charge(OCT, 322_36)
    neighbours(home, 5)

    page = home.page(f"/homes/{home.one.home.pk}/statistics/")

    assert "Поруч зі схожими оселями" in page
    assert '<td class="num" data-label="У вас, грн">322,36</td>' in page
    assert '<td class="num" data-label="Зазвичай, грн">120,00</td>' in page


def test_statistics_tell_nothing_about_fewer_than_five_homes(home: Home) -> None:
    home.water.charge(OCT, 322_36)
    neighbours(home, 4)

    assert "Поруч зі схожими оселями" not in home.page(f"/homes/{home.one.home.pk}/statistics/")


def test_comparison_is_not_a_helpers(home: Home) -> None:
    home.water.charge(OCT, 322_36)
    neighbours(home, 5)
    client = Client()
    client.force_login(helper(home.one))

    page = client.get(f"/homes/{home.one.home.pk}/statistics/").content.decode()

    assert "<h1>Статистика</h1>" in page
    assert "схожими оселями" not in page


def test_home_that_left_the_comparison_is_neither_shown_nor_counted(home: Home) -> None:
    home.water.charge(OCT, 322_36)
    neighbours(home, 4)
    fifth = home.flat.town.flat(area_m2="50")
    fifth.service("water").charge(OCT, 100_00)
    neighbour = resident(fifth)
    page, address = f"/homes/{home.one.home.pk}/statistics/", f"/homes/{neighbour.home.pk}/statistics/comparison/"
    client = Client()
    client.force_login(neighbour.user)
    assert "Поруч зі схожими оселями" in home.page(page)

    left = client.post(address, {"wanted": "no"}, follow=True).content.decode()

    assert "Ви вийшли з порівняння" in left
    assert "Поруч зі схожими оселями" not in left
    assert "Поруч зі схожими оселями" not in home.page(page)  # four are left

    client.post(address, {"wanted": "yes"})

    assert "Поруч зі схожими оселями" in home.page(page)


def test_comparison_is_left_by_its_own_person_only(home: Home) -> None:
    stranger = resident(home.flat.town.flat())
    client = Client()
    client.force_login(stranger.user)

    refused = client.post(f"/homes/{home.one.home.pk}/statistics/comparison/", {"wanted": "no"})

    assert refused.status_code == 404
    assert homes.not_compared(premises_ids=[home.flat.row.pk]) == frozenset()


def test_statistics_say_the_change_against_last_year(home: Home) -> None:
    home.water.charge(OCT.shift(-12), 300_00)
    home.water.charge(OCT, 322_36)

    page = home.page(f"/homes/{home.one.home.pk}/statistics/")

    assert "жовтень 2025" in page
    assert "Більше на" in page
    assert "22,36" in page


def test_correction_is_asked_and_shown_as_being_checked(home: Home) -> None:
    address = f"/homes/{home.one.home.pk}/meters/{home.meter}/correct/"
    assert 'value="032264"' in home.page(address)

    response = home.client.post(address, {"number": "032265", "value_single": "57,5"})

    assert (response.status_code, response["Location"]) == (302, home.path)
    for path in (home.path, f"/homes/{home.one.home.pk}/bill/"):
        page = home.page(path)
        assert "на перевірці" in page
        assert "Номер: 032264 → 032265" in page
        assert "Попереднє показання: 58 → 57,5" in page
    assert Meter.objects.get().number == "032264"


def test_correction_of_nothing_says_so(home: Home) -> None:
    address = f"/homes/{home.one.home.pk}/meters/{home.meter}/correct/"

    response = home.client.post(address, {"number": "032264", "value_single": "58"})

    assert response.status_code == 422
    assert "зараз вони такі самі" in response.content.decode()


def test_correction_of_another_homes_meter_is_not_found(home: Home) -> None:
    other = home.flat.town.flat().service("water", metered=True).meter("77")

    response = home.client.post(f"/homes/{home.one.home.pk}/meters/{other}/correct/", {"number": "78"})

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("uk", "За цей місяць передано 10.11.2026: у касі чи терміналі"),
        ("en", "Given for this month on 10.11.2026: at a cash desk or terminal"),
    ],
)
def test_readings_page_says_how_the_reading_came(home: Home, language: str, words: str) -> None:
    metering.submit_readings(
        town_id=home.water.town.row.pk,
        account_service_ids=[home.water.id],
        readings=[metering.TypedReading(home.meter, "single", Decimal(61))],
        channel=metering.Channel.CASH_DESK,
        user_id=None,
        at=dt.datetime(2026, 11, 10, 9, 0, tzinfo=dt.UTC),
    )
    home.client.cookies["django_language"] = language

    assert words in home.page()
