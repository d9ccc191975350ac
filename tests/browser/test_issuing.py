"""The operator issues a month's bills, watches, stops before it begins and goes on."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.billing import api as billing
from domivka.identity.api import Role
from domivka.statements.models import Bill
from domivka.statements.tasks import issue
from tests.browser.helpers import assert_accessible_everywhere, save_screens
from tests.browser.test_staff import _sign_in, _staff
from tests.database.billing.town import AT, OCT, House

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


def test_operator_issues_bills_stops_and_goes_on(page: Page) -> None:
    house = House(flats=2)
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    _staff("operator@example.org", Role.OPERATOR, None)
    _sign_in(page, "operator@example.org")
    main = page.locator("main")

    page.goto("/staff/bills/")
    page.get_by_label("Місяць").fill("2026-10")
    page.get_by_role("button", name="Видати рахунки").click()
    expect(main).to_contain_text("Триває")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-bills-begun")
    page.get_by_role("button", name="Зупинити видачу").click()
    expect(main).to_contain_text("Зупиняється")
    issue(town_id=house.id, period=int(OCT), user_id=None)
    assert not Bill.objects.exists()

    page.get_by_label("Місяць").fill("2026-10")
    page.get_by_role("button", name="Видати рахунки").click()
    expect(main).to_contain_text("Триває")
    issue(town_id=house.id, period=int(OCT), user_id=None)

    expect(main).to_contain_text("Завершено")  # the page looks again by itself
    expect(main).to_contain_text("2 із 2")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-bills-done")
    assert Bill.objects.count() == 2
