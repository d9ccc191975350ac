"""The operator prints a month: files with their totals, a range again, a run stopped and gone on with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.billing import api as billing
from domivka.identity.api import Role
from domivka.statements import api as statements
from domivka.statements.models import PrintPart
from domivka.statements.tasks import print_part
from tests.browser.helpers import assert_accessible_everywhere, save_screens
from tests.browser.test_staff import _sign_in, _staff
from tests.database.billing.town import AT, OCT, House

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(settings: Settings, tmp_path: Path) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    settings.DOMIVKA_HOME = tmp_path


def work() -> None:
    """What the jobs process does."""
    for part in PrintPart.objects.filter(done_at=None):
        print_part(part_id=part.pk)


def pages_of(page: Page, link: str) -> int:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return len(pypdfium2.PdfDocument(download.value.path()))


def test_operator_prints_a_month_reprints_a_range_and_stops_a_run(page: Page) -> None:
    house = House(flats=3)
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    _staff("operator@example.org", Role.OPERATOR, None)
    _sign_in(page, "operator@example.org")
    main = page.locator("main")

    page.goto("/staff/prints/")
    assert_accessible_everywhere(page)
    page.get_by_label("Місяць").fill("2026-10")
    page.get_by_role("button", name="Підготувати файли").click()
    expect(main).to_contain_text("Триває")
    expect(main).to_contain_text("ще готується")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-print-begun")
    work()

    expect(main).to_contain_text("Завершено")  # the page looks again by itself
    expect(main).to_contain_text("Збігається з нарахованим у головній книзі")
    assert pages_of(page, "1.pdf") == 6  # three bills with their address sides
    page.reload()
    assert_accessible_everywhere(page)
    save_screens(page, "staff-print")

    page.get_by_label("Від рахунка №").fill("2")
    page.get_by_label("До рахунка №").fill("2")
    page.get_by_role("button", name="Передрукувати").click()
    expect(main).to_contain_text("Передрук частини друку")
    page.get_by_role("button", name="Зупинити друк").click()
    expect(main).to_contain_text("Готові файли залишаться")
    work()
    page.reload()
    expect(main).to_contain_text("ще готується")
    page.get_by_role("button", name="Продовжити друк").click()
    expect(main).to_contain_text("Друк триває")
    work()

    expect(page.get_by_role("link", name="1.pdf")).to_be_visible()
    assert pages_of(page, "1.pdf") == 2


def test_operator_chooses_the_order_of_columns_by_their_names(page: Page) -> None:
    house = House(flats=1)
    _staff("operator@example.org", Role.OPERATOR, None)
    _sign_in(page, "operator@example.org")

    page.goto(f"/staff/towns/{house.id}/bill-design/")
    page.get_by_label("Колонка 7", exact=True).select_option(label="Борг або переплата")
    page.get_by_label("Колонка 8", exact=True).select_option(label="Нараховано")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-bill-design")
    page.get_by_role("button", name="Зберегти").click()

    expect(page.locator("main")).to_contain_text("Вигляд рахунка збережено.")
    assert statements.look_of(town_id=house.id).columns[6:8] == ("debt", "charged")
