"""The provider's desk of benefits: the list, sums, the table, entering and ending."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import benefits
from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.tariffs.models import Benefit
from tests.builders import ROLES, AccountServiceOf, Town, given_benefit, holder, run

pytestmark = pytest.mark.django_db
OCT = Period(202610)
TODAY = dt.date(2026, 11, 10)
GIVEN = {
    "category": "20", "holder": "Кожемяка  Олена", "people": "1", "valid_from": "2026-10-01", "last_day": "",
    "document_series": "УБД", "document_number": "004512", "document_on": "2019-05-14",
}  # fmt: skip


class Desk:
    """Water charged here in two flats, one of them with a benefit, and the provider's clerk."""

    def __init__(self) -> None:
        self.town = Town()
        self.water: list[AccountServiceOf] = []
        for used in ("104", "109"):
            water = self.town.flat().service("water", provider="vodokanal", metered=True)
            meter = water.meter(initial="100", on=dt.date(2026, 9, 30))
            water.read(meter, used, on=dt.date(2026, 10, 25))
            self.water.append(water)
        self.water[0].tariff("30.40")
        self.provider = self.water[0].row.account.provider_id
        self.client = Client()
        self.client.force_login(holder(ROLES["provider"], self.provider))

    def get(self, name: str, *args: int, **query: str) -> str:
        response = self.client.get(reverse(f"backoffice:{name}", args=[self.provider, *args]), query)
        assert response.status_code == 200
        return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def desk(settings: Settings) -> Desk:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    return Desk()


def test_list_shows_holders_and_what_was_covered_by_category(desk: Desk) -> None:
    for n, water in enumerate(desk.water):
        given_benefit(water, holder=f"Пільговик {n}")
    given_benefit(desk.water[0], category="40", people=1)
    run(desk.town, OCT)

    page = desk.get("benefits")

    assert "Знайдено пільг: 3." in page
    assert "Пільговик 1" in page
    sums = benefits.category_sums(provider_id=desk.provider, period=OCT)
    # 3.6 m³ of each flat × 30.40 × 75 %; of the first one's 4 m³ 0.4 are left for the second category at 50 %
    assert [(one.code, one.accounts, one.covered.kop) for one in sums] == [("20", 2, 164_16), ("40", 1, 6_08)]
    assert "170,24" in page


def test_list_is_searched_by_account_and_name_and_filtered(desk: Desk) -> None:
    given_benefit(desk.water[0], holder="Шевченко Тарас")
    given_benefit(desk.water[1], holder="Українка Леся", until=dt.date(2026, 10, 31))

    def found(text: str = "", state: str = "all") -> list[str]:
        rows, _total = benefits.benefit_list(provider_id=desk.provider, text=text, state=state, today=TODAY, page=1)
        return [row.benefit.holder for row in rows]

    assert found("шевчен") == ["Шевченко Тарас"]
    assert found(desk.water[1].row.account.number) == ["Українка Леся"]
    assert found(state="current") == ["Шевченко Тарас"]
    assert found(state="ended") == ["Українка Леся"]
    assert found("100%_") == []


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_a_fixed_number_of_queries(
    desk: Desk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(count):
        given_benefit(desk.water[0], holder=f"Пільговик {n}")

    with django_assert_num_queries(3):
        rows, total = benefits.benefit_list(provider_id=desk.provider, text="", state="all", today=TODAY, page=1)

    assert len(rows) == total == count


def test_table_has_every_row_with_its_sum_and_runs_no_formula(desk: Desk) -> None:
    given_benefit(desk.water[0], holder="=cmd()")
    run(desk.town, OCT)

    response = desk.client.get(reverse("backoffice:benefits", args=[desk.provider]), {"as": "csv", "month": "2026-10"})

    head, line = response.content.decode("utf-8-sig").split("\r\n")[:2]
    assert head.endswith("Покрито за 2026-10, грн")
    assert ";'=cmd();20;" in line
    assert line.endswith(";82,08")
    assert AuditEntry.objects.get(action="tariffs.benefits_saved").premises_ids == [
        desk.water[0].row.account.premises_id
    ]


def test_benefit_is_looked_at_once_more_and_then_entered(desk: Desk) -> None:
    account = desk.water[0].row.account
    path = reverse("backoffice:add_benefit", args=[desk.provider, account.pk])

    looked = desk.client.post(path, {**GIVEN, "do": "check"}).content.decode()
    before = Benefit.objects.count()
    saved = desk.client.post(path, {**GIVEN, "do": "save"})

    assert "Перевірте і внесіть" in looked
    assert before == 0
    assert saved.status_code == 302
    benefit = Benefit.objects.get()
    assert (benefit.holder, benefit.document_series, benefit.valid_to) == ("Кожемяка Олена", "УБД", None)
    assert "Кожемяка Олена" in desk.get("account", account.pk)


def test_what_is_wrong_is_said_in_words_and_nothing_is_entered(desk: Desk) -> None:
    path = reverse("backoffice:add_benefit", args=[desk.provider, desk.water[0].row.account_id])

    many = desk.client.post(path, {**GIVEN, "people": "5", "do": "save"})
    later = desk.client.post(path, {**GIVEN, "document_on": "2026-12-01", "do": "save"})

    assert (many.status_code, later.status_code) == (400, 400)
    assert "В оселі зареєстровано людей: 2." in many.content.decode()
    assert "Ця дата ще не настала." in later.content.decode()
    assert Benefit.objects.count() == 0


def test_double_press_enters_one(desk: Desk) -> None:
    path = reverse("backoffice:add_benefit", args=[desk.provider, desk.water[0].row.account_id])

    codes = [desk.client.post(path, {**GIVEN, "do": "save"}).status_code for _ in range(2)]

    assert codes == [302, 400]
    assert Benefit.objects.count() == 1


def test_benefit_is_ended_by_a_day_or_as_a_mistake(desk: Desk) -> None:
    account = desk.water[0].row.account
    first, second = given_benefit(desk.water[0]), given_benefit(desk.water[0], category="40")

    def end(benefit_id: int, **data: str) -> int:
        path = reverse("backoffice:end_benefit", args=[desk.provider, account.pk, benefit_id])
        return desk.client.post(path, data).status_code

    codes = [
        end(first),
        end(first, last_day="2026-10-31"),
        end(first, last_day="2026-10-31"),
        end(second, mistake="on"),
    ]

    assert codes == [400, 302, 400, 302]
    page = desk.get("account", account.pk)
    assert "01.02.2024 – 31.10.2026" in page
    assert "внесено помилково, не діяла" in page


def test_terms_say_per_cents_norms_and_their_sources(desk: Desk) -> None:
    page = desk.get("benefit_terms")

    assert "Учасник бойових дій (20)" in page
    assert "75 %" in page
    assert "3,6 м³ на людину" in page
    assert "ПКМУ № 409 від 06.08.2014" in page


def test_another_providers_benefit_is_not_found(desk: Desk) -> None:
    gas = desk.town.flat().service("gas")
    found = given_benefit(gas)
    account = desk.water[0].row.account_id

    for args in ([desk.provider, account, found], [desk.provider, gas.row.account_id, found]):
        path = reverse("backoffice:end_benefit", args=args)
        assert desk.client.post(path, {"mistake": "on"}).status_code == 404
    assert Benefit.objects.get().valid_to is None
