"""Penalty from the desk to the resident: a rule, a month with it, a home that is spared, and why the sum is what it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.identity import api as identity
from domivka.identity.api import Role
from domivka.kernel.period import Period
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in
from tests.builders import Town, person, resident, run

pytestmark = pytest.mark.django_db(transaction=True)
NOV = Period(202611)


def test_penalty_is_set_charged_suspended_and_explained(
    page: Page, without_javascript: Page, new_context: Any, live_server: Any, settings: Settings
) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    town = Town()
    flat = town.flat()
    waste = flat.service("waste")
    waste.charge(Period(202609), 1000_00)
    who = resident(flat)
    clerk = person()
    provider = waste.row.account.provider_id
    identity.grant_role(user_id=clerk.pk, role=Role.PROVIDER, scope_id=provider, at=settings.FROZEN_NOW, actor_id=None)
    desk = without_javascript
    sign_in(desk.context, clerk, live_server.url)

    desk.goto(f"/staff/providers/{provider}/penalty/")
    expect(desk.locator("main")).to_contain_text("Пеня не нараховується за жодною послугою")
    desk.get_by_label("Починаючи з").fill("2026-11-01")
    desk.get_by_label("Підстава").fill("публічний договір, п. 34")
    desk.get_by_label("Підтверджую").check()
    desk.get_by_role("button", name="Почати нарахування").click()
    expect(desk.locator("main")).to_contain_text("публічний договір, п. 34")

    settings.FROZEN_NOW = dt.datetime(2026, 12, 2, 10, 0, tzinfo=dt.UTC)
    run(town, NOV)
    sign_in(page.context, clerk, live_server.url)
    page.goto(f"/staff/providers/{provider}/penalty/")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-penalty")
    page.get_by_role("link", name="листопад 2026").click()
    expect(page.locator("main")).to_contain_text("Рахунків із пенею: 1. Разом: 3,00 грн.")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-penalty-month")

    page.get_by_role("link", name=waste.row.account.number).click()
    page.get_by_role("link", name="Призупинення пені за цією адресою").click()
    page.get_by_label("Перший день").fill("2026-11-16")
    page.get_by_label("Документ").fill("акт № 3 від 16.11.2026")
    page.get_by_role("button", name="Призупинити").click()
    expect(page.locator("main")).to_contain_text("16.11.2026 – досі")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-home-penalty")

    run(town, NOV)
    home = new_context().new_page()
    sign_in(home.context, who.user, live_server.url)
    home.goto(f"/homes/{who.home.pk}/bill/")
    expect(home.locator("table.bill tfoot")).to_contain_text("і пеня 1,50")
    assert_accessible_everywhere(home)
    save_screens(home, "bill-with-penalty")
    home.goto(f"/homes/{who.home.pk}/why/{waste.id}/2026-11/")
    expect(home.locator("main")).to_contain_text("30 000 грн·днів × 0,01 % = 3,00 грн")
    expect(home.locator("main")).to_contain_text("Перерахунок пені")
    expect(home.locator("main")).to_contain_text("публічний договір, п. 34")
    expect(home.locator("main")).to_contain_text("Пеню не нараховують: 16.11–30.11.2026")
    assert_accessible_everywhere(home)
    save_screens(home, "why-penalty")
    home.goto(f"/homes/{who.home.pk}/history/?month=11&year=2026")
    expect(home.locator("main")).to_contain_text("і пеня 1,50")
    assert_accessible_everywhere(home)
    save_screens(home, "history-with-penalty")
