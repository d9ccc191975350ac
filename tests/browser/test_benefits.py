"""A clerk enters a benefit, the month is charged, the resident sees what it covers; then it is ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.kernel.period import Period
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in
from tests.builders import ROLES, Town, holder, resident, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


def test_benefit_from_the_document_to_the_bill(page: Page, new_context: Any, live_server: Any) -> None:
    town = Town()
    flat = town.flat(living=3)
    water = flat.service("water", metered=True, number="000101")
    water.tariff("80.59")
    water.read(water.meter(initial="54", on=dt.date(2026, 9, 30)), "58", on=dt.date(2026, 10, 25))
    provider = water.row.account.provider_id
    sign_in(page.context, holder(ROLES["provider"], provider), live_server.url)

    page.goto(f"/staff/providers/{provider}/accounts/{water.row.account_id}/")
    page.get_by_role("link", name="Внести пільгу").click()
    assert_accessible_everywhere(page)
    page.get_by_label("Категорія пільги").select_option("20")
    page.get_by_label("Пільговик").fill("Кожемяка Олена Іванівна")
    page.get_by_label("На скількох людей").fill("7")
    page.get_by_label("Діє з").fill("2026-10-01")
    page.get_by_label("Номер документа").fill("004512")
    page.get_by_label("Дата видачі документа").fill("2019-05-14")
    page.get_by_role("button", name="Перевірити").click()
    expect(page.get_by_role("status")).to_contain_text("Учасник бойових дій (20), Кожемяка Олена Іванівна")
    page.get_by_role("button", name="Внести пільгу").click()
    expect(page.get_by_role("alert").filter(has_text="В оселі зареєстровано людей: 3.")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "benefit-refused")
    page.get_by_label("На скількох людей").fill("1")
    page.get_by_role("button", name="Перевірити").click()
    assert_accessible_everywhere(page)
    save_screens(page, "benefit-checked")
    page.get_by_role("button", name="Внести пільгу").click()
    expect(page.locator("main")).to_contain_text("Кожемяка Олена Іванівна")
    run(town, Period(202610))
    page.reload()
    expect(page.locator("main")).to_contain_text("217,59")
    assert_accessible_everywhere(page)
    save_screens(page, "benefit-account")

    page.goto(f"/staff/providers/{provider}/benefits/")
    expect(page.locator("main")).to_contain_text("Знайдено пільг: 1.")
    expect(page.locator("main")).to_contain_text("217,59")
    assert_accessible_everywhere(page)
    save_screens(page, "benefits")
    page.get_by_role("link", name="Відсотки й норми").click()
    expect(page.locator("main")).to_contain_text("3,6 м³ на людину")
    assert_accessible_everywhere(page)
    save_screens(page, "benefit-terms")

    _seen_by_the_resident(new_context, live_server, flat, water.id)

    page.goto(f"/staff/providers/{provider}/accounts/{water.row.account_id}/")
    page.get_by_role("link", name="Завершити").click()
    assert_accessible_everywhere(page)
    save_screens(page, "benefit-end")
    page.get_by_label("Останній день дії").fill("2026-10-31")
    page.get_by_role("button", name="Завершити пільгу").click()
    expect(page.locator("main")).to_contain_text("01.10.2026 – 31.10.2026")
    expect(page.get_by_role("link", name="Завершити")).to_have_count(0)


def _seen_by_the_resident(new_context: Any, live_server: Any, flat: Any, service: int) -> None:
    one = resident(flat)
    context = new_context()
    sign_in(context, one.user, live_server.url)
    cabinet: Page = context.new_page()
    for tail, name, words in (
        ("bill/", "benefit-bill", "пільга, субсидія"),
        (f"why/{service}/2026-10/", "benefit-why", "−3,6 м³ × 80,59 грн × 75 %"),
        (f"accounts/{service}/services/", "benefit-services", "Учасник бойових дій (код 20), 75 %"),
        (f"accounts/{service}/state/", "benefit-state", "217,59"),
        ("history/", "benefit-history", "217,59"),
    ):
        cabinet.goto(f"{live_server.url}/homes/{one.home.pk}/{tail}")
        shown = (cabinet.locator("main").text_content() or "").replace("\u00a0", " ")
        assert words in shown, name
        assert_accessible_everywhere(cabinet)
        save_screens(cabinet, name)
    context.close()
