"""A clerk takes an outage off the charges of a building, and a resident reads why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from domivka.identity.models import Role, RoleGrant
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in
from tests.builders import person, resident
from tests.database.billing.acts import run
from tests.database.billing.town import House

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


def look(page: Page, name: str) -> None:
    assert_accessible_everywhere(page)
    save_screens(page, name)


def test_clerk_recalculates_an_outage_and_the_resident_reads_why(
    page: Page, new_context: Any, live_server: LiveServer
) -> None:
    house = House()
    run(house)
    water = house.water[0]
    provider_id = water.row.account.provider_id
    clerk = person()
    RoleGrant.objects.create(user=clerk, role=Role.PROVIDER, scope_id=provider_id)
    sign_in(page.context, clerk, live_server.url)

    page.goto(f"/staff/providers/{provider_id}/recalculations/")
    expect(page.locator("main")).to_contain_text("Перерахунків ще не було")
    look(page, "recalculations-empty")
    page.get_by_role("link", name="Новий перерахунок").click()
    page.get_by_label("Послуга").select_option("Холодна вода")
    page.get_by_label("Для кого").select_option("Вибрані будинки")
    look(page, "recalculation-what")
    page.get_by_role("button", name="Далі").click()
    page.get_by_label("Перший день").fill("2026-10-05")
    page.get_by_label("Останній день").fill("2026-10-08")
    page.get_by_label("Відсоток місячної плати за добу").fill("3,3")
    page.get_by_label("Документ", exact=True).fill("Акт-претензія № 12")
    page.get_by_label("Дата документа").fill("2026-11-02")
    page.get_by_label("Пояснення для мешканця").fill("Аварія на магістралі.")
    page.get_by_role("button", name="Перевірити").click()
    expect(page.get_by_role("alert")).to_contain_text("Виберіть хоча б один будинок.")
    look(page, "recalculation-new")
    page.get_by_label("вул. Соборна, 4/2").check()
    page.get_by_role("button", name="Перевірити").click()

    expect(page.locator("main")).to_contain_text("Буде знято")
    expect(page.locator("main")).to_contain_text("60,19")
    look(page, "recalculation-draft")
    page.get_by_text("Застосувати", exact=True).click()
    look(page, "recalculation-apply")
    page.get_by_role("button", name="Так, застосувати").click()
    expect(page.locator("main")).to_contain_text("Знято")
    look(page, "recalculation-applied")
    page.get_by_role("link", name="Друкувати акт").click()
    expect(page.locator("main")).to_contain_text("Разом рахунків: 3")
    look(page, "recalculation-print")

    owner = resident(house.flats[0])
    home = new_context().new_page()
    sign_in(home.context, owner.user, live_server.url)
    home.goto(f"{live_server.url}/homes/{owner.home.pk}/why/{water.id}/2026-10/")
    expect(home.locator("main")).to_contain_text("Аварія на магістралі.")
    expect(home.locator("main")).to_contain_text("Акт-претензія № 12")
    look(home, "recalculation-why")

    page.goto(f"/staff/providers/{provider_id}/recalculations/")
    look(page, "recalculations")
    page.get_by_role("link", name="Акт-претензія № 12").click()
    page.get_by_text("Скасувати перерахунок", exact=True).click()
    page.get_by_role("button", name="Так, скасувати").click()
    expect(page.locator("main")).to_contain_text("Було знято, потім повернено")
    assert ledger.balances(account_service_ids=[water.id])[water.id].kop == 121_60


def test_clerk_without_javascript_applies_an_absence(without_javascript: Page, live_server: LiveServer) -> None:
    house = House()
    september = Period(202609)
    run(house, september)
    run(house)
    waste = house.waste[1]
    provider_id = waste.row.account.provider_id
    clerk = person()
    RoleGrant.objects.create(user=clerk, role=Role.PROVIDER, scope_id=provider_id)
    page = without_javascript
    sign_in(page.context, clerk, live_server.url)

    page.goto(f"/staff/providers/{provider_id}/recalculations/new/")
    page.get_by_label("Причина").select_option("Мешканці були відсутні")
    page.get_by_role("button", name="Далі").click()
    page.get_by_label("Особовий рахунок").fill(waste.row.account.number)
    page.get_by_label("Перший день").fill(f"{september.first_day}")
    page.get_by_label("Останній день").fill("2026-10-31")
    page.get_by_label("Скільки зареєстрованих людей").fill("1")
    page.get_by_label("Документ", exact=True).fill("Довідка № 3")
    page.get_by_label("Дата документа").fill("2026-11-03")
    page.get_by_role("button", name="Перевірити").click()
    expect(page.locator("main")).to_contain_text("85,00")
    page.get_by_text("Застосувати", exact=True).click()
    page.get_by_role("button", name="Так, застосувати").click()

    expect(page.locator("main")).to_contain_text("Знято")
    assert ledger.balances(account_service_ids=[waste.id])[waste.id].kop == 85_00
