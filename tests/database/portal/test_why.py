"""«Чому така сума», the services tab, the charge for readings typed now: on charges of a real run."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.kernel.period import Period
from domivka.metering.models import Reading
from tests.builders import Town, given_benefit, person, resident, run

pytestmark = pytest.mark.django_db

SEP, OCT = Period(202609), Period(202610)


class Charged:
    """Cold water at 80,59 a cubic metre: 3 m³ in September, 4 m³ in October, charged by the run."""

    def __init__(self) -> None:
        town = Town()
        self.flat = town.flat(living=3)
        self.water = self.flat.service("water", metered=True, number="000101")
        self.water.tariff("80.59")
        self.meter = self.water.meter(initial="51", on=dt.date(2026, 8, 31))
        self.water.read(self.meter, "54", on=dt.date(2026, 9, 25))
        run(town, SEP)
        self.water.read(self.meter, "58", on=dt.date(2026, 10, 25))
        run(town, OCT)
        self.one = resident(self.flat)
        self.root = f"/homes/{self.one.home.pk}/"
        self.client = Client()
        self.client.force_login(self.one.user)

    def page(self, tail: str, **headers: str) -> str:
        response = self.client.get(self.root + tail, headers=headers)
        assert response.status_code == 200
        return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def charged(settings: Settings) -> Charged:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    cache.clear()
    return Charged()


def test_bill_of_a_run_has_its_amount(charged: Charged) -> None:
    assert "Сплатити 564,13 грн" in charged.page("")  # 3 × 80,59 + 4 × 80,59


def test_why_shows_readings_formula_decision_and_the_change(charged: Charged) -> None:
    page = charged.page(f"why/{charged.water.id}/2026-10/")

    for words in (
        "Показання 58 − 54 = 4 м³.",
        "4 м³ × 80,59 грн =",
        "<strong>322,36 грн</strong>",
        "НКРЕКП, рішення № 1457 від 02.12.2023.",
        "На 80,59 грн більше, ніж за вересень",
        "через обсяг споживання",
        "+80,59 грн",
        "площа 51,5 м², опалювальна 48,2 м², зареєстровано 3, проживає 3",
    ):
        assert words in page, words


def test_why_inside_the_bill_is_only_the_explanation(charged: Charged) -> None:
    page = charged.page(f"why/{charged.water.id}/2026-10/", **{"HX-Request": "true"})

    assert "<html" not in page
    assert "4 м³ × 80,59 грн" in page


def test_why_of_a_month_without_charges_says_so(charged: Charged) -> None:
    assert "За січень 2026 нічого не нараховано." in charged.page(f"why/{charged.water.id}/2026-01/")


def test_services_tab_has_the_columns_of_the_seed_and_the_data_to_check(charged: Charged) -> None:
    page = charged.page(f"accounts/{charged.water.id}/services/")

    for words in (
        "Назва", "Період", "Тариф, грн", "Нараховано, грн", "Кількість мешканців", "Холодна вода за лічильником",
        "80,59", "322,36", "Перевірте дані, за якими нараховують", "51,5 м²",
    ):  # fmt: skip
        assert words in page, words
    assert '<td class="num" data-label="Кількість мешканців">3</td>' in page


def test_state_tab_names_the_price(charged: Charged) -> None:
    assert '<td class="num" data-label="Тариф">80,59</td>' in charged.page(f"accounts/{charged.water.id}/state/")


def test_what_if_prices_the_typed_reading_and_writes_nothing(charged: Charged) -> None:
    field = f"reading_{charged.meter}_single"
    before = Reading.objects.count()

    response = charged.client.post(f"{charged.root}what-if/", {"name": field, field: "61"})

    text = response.content.decode().replace("\u00a0", " ")
    assert "за листопад буде нараховано 241,77 грн" in text
    assert Reading.objects.count() == before


@pytest.mark.parametrize("typed", ["", "abc"])
def test_what_if_is_silent_about_what_is_no_reading(charged: Charged, typed: str) -> None:
    field = f"reading_{charged.meter}_single"

    assert charged.client.post(f"{charged.root}what-if/", {"name": field, field: typed}).content == b""


def test_what_if_stops_after_sixty_a_minute(charged: Charged) -> None:
    answers = [charged.client.post(f"{charged.root}what-if/", {"name": "x"}).status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]


@pytest.mark.parametrize("tail", ["why/{service}/2026-10/", "accounts/{service}/services/"])
def test_explanations_of_another_home_are_not_found(charged: Charged, tail: str) -> None:
    stranger = Client()
    stranger.force_login(person())

    assert stranger.get(charged.root + tail.format(service=charged.water.id)).status_code == 404


def test_what_if_of_another_home_is_not_found(charged: Charged) -> None:
    stranger = Client()
    stranger.force_login(person())

    assert stranger.post(f"{charged.root}what-if/", {"name": "x"}).status_code == 404


def test_explanation_of_another_premises_service_is_not_found_under_ones_own_home(charged: Charged) -> None:
    other = charged.flat.town.flat().service("water")

    assert charged.client.get(f"{charged.root}why/{other.id}/2026-10/").status_code == 404


@pytest.mark.parametrize("month", ["2026-13", "26-10", "2026-1", "0000-01"])
def test_explanation_of_no_month_is_not_found(charged: Charged, month: str) -> None:
    assert charged.client.get(f"{charged.root}why/{charged.water.id}/{month}/").status_code == 404


def test_explanation_asks_a_fixed_number_of_questions(
    charged: Charged, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(10):
        charged.page(f"why/{charged.water.id}/2026-10/")


def test_statistics_chart_charged_volumes(charged: Charged) -> None:
    page = charged.page("statistics/")

    assert "Холодна вода: спожито за рік" in page
    assert "<title>вер, Цей рік: 3</title>" in page
    assert "<title>жов, Цей рік: 4</title>" in page


def test_benefit_is_among_the_data_that_charging_uses(charged: Charged) -> None:
    given_benefit(charged.water, until=dt.date(2027, 3, 31))

    page = charged.page(f"accounts/{charged.water.id}/services/")

    assert "Учасник бойових дій (код 20), 75 %, людей: 1, до 31.03.2027" in page


def test_why_the_bill_and_the_state_show_what_a_benefit_covers(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    town = Town()
    flat = town.flat(living=3)
    water = flat.service("water", metered=True)
    water.tariff("80.59")
    water.read(water.meter(initial="54", on=dt.date(2026, 9, 30)), "58", on=dt.date(2026, 10, 25))
    given_benefit(water)
    run(town, OCT)
    client, one = Client(), resident(flat)
    client.force_login(one.user)

    def page(tail: str) -> str:
        response = client.get(f"/homes/{one.home.pk}/{tail}")
        assert response.status_code == 200
        return response.content.decode().replace("\u00a0", " ")

    why = page(f"why/{water.id}/2026-10/")
    assert "Нараховано за жовтень 2026 з урахуванням пільги" in why
    assert "−3,6 м³ × 80,59 грн × 75 %" in why
    assert "<strong>−217,59 грн</strong>" in why  # 217.593
    assert "Разом: 104,77 грн" in why
    state = page(f"accounts/{water.id}/state/")
    assert "Субсидія, пільга" in state
    assert "217,59" in state
    bill = page("bill/")
    assert "пільга, субсидія 217,59" in bill
    assert "104,77" in bill
    assert "Переплата" not in bill
    assert "322,36" in page(f"accounts/{water.id}/services/")
    assert "217,59 / 104,77" in page("history/")
