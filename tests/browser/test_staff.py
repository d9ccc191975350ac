"""Staff at work: a payment reaches its provider's page, the operator charges a month and proves the ledger."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.backoffice.tasks import verify_ledger
from domivka.billing.models import ChargeLine, RunRange
from domivka.billing.tasks import rate
from domivka.demo.payments import pay_in_cabinet
from domivka.identity import api as identity
from domivka.identity.api import Role
from domivka.kernel.period import Period
from domivka.ledger.tasks import summarise
from tests.browser.helpers import assert_accessible_everywhere, save_screens
from tests.builders import Town, resident

pytestmark = pytest.mark.django_db(transaction=True)
AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
PASSWORD = "Калина-2026"


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = AT


def _sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/?next=/staff/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/staff/")


def _staff(email: str, role: Role, scope_id: int | None) -> None:
    user_id = identity.create_person(at=AT, email=email, password=PASSWORD, surname="Щур", name="Євген")
    identity.grant_role(user_id=user_id, role=role, scope_id=scope_id, at=AT, actor_id=None)


def test_provider_sees_the_money_of_a_payment_on_its_clearing_account(page: Page) -> None:
    town = Town()
    flat = town.flat()
    water, gas = flat.service("water"), flat.service("gas")
    water.charge(Period(202610), 322_36)
    gas.charge(Period(202610), 707_33)
    payer = resident(flat)
    pay_in_cabinet(
        user_id=payer.user.pk,
        premises_id=flat.row.pk,
        amounts={water.id: 322_36, gas.id: 707_33},
        at=AT,
        token="journey",
    )
    _staff("water@example.org", Role.PROVIDER, water.row.account.provider_id)

    _sign_in(page, "water@example.org")
    expect(page.locator("main")).to_contain_text("322,36")
    page.get_by_role("link", name="Переглянути за днями").click()

    expect(page.locator("table")).to_contain_text("10.11.2026")
    expect(page.locator("main")).not_to_contain_text("707,33")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-clearing")
    page.goto(f"/staff/providers/{water.row.account.provider_id}/accounts/")
    expect(page.locator("main")).to_contain_text("Знайдено рахунків: 1")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-accounts")
    page.get_by_role("link", name=water.row.account.number).click()
    expect(page.locator("main")).to_contain_text("Боргу немає")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-account")


def test_operator_charges_a_month_and_proves_the_ledger(page: Page) -> None:
    town = Town()
    management = town.flat(area_m2="62.40").service("building")
    management.tariff("7.85", structure="area")
    _staff("operator@example.org", Role.OPERATOR, None)

    _sign_in(page, "operator@example.org")
    page.get_by_role("link", name="Розпочати нарахування").click()
    page.get_by_label("Місяць").fill("2026-10")
    page.get_by_role("button", name="Розпочати нарахування").click()
    expect(page.locator("table")).to_contain_text("Триває")
    for part in RunRange.objects.all():  # what the jobs process does
        rate(range_id=part.pk, run_id=part.run_id)
    page.get_by_role("link", name="жовтень 2026").click()

    expect(page.locator("main")).to_contain_text("Завершено")
    expect(page.locator("main")).to_contain_text("489,84")
    assert ChargeLine.objects.get().amount_kop == 489_84
    assert_accessible_everywhere(page)
    save_screens(page, "staff-run")
    page.goto("/staff/ledger/")
    page.get_by_role("button", name="Перевірити журнал").click()
    verify_ledger()
    page.reload()
    expect(page.locator("main")).to_contain_text("Журнал сходиться")
    page.goto(f"/staff/towns/{town.row.pk}/settlements/?period=2026-10")
    expect(page.locator("main")).to_contain_text("Цей місяць ще не зведено")
    page.get_by_role("button", name="Оновити").click()
    expect(page.get_by_text("Зведення оновлюється")).to_be_visible()
    summarise(town_id=town.row.pk, period=202610)
    page.reload()
    expect(page.locator("main")).to_contain_text("Усі рухи враховано")
    expect(page.locator("main")).to_contain_text("489,84")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-settlements")


def test_resident_asks_to_correct_a_meter_and_the_provider_decides(page: Page, new_context: Any) -> None:
    water = Town().flat()
    service = water.service("water", metered=True)
    service.charge(Period(202610), 322_36)
    meter = service.meter("032264", initial="54", on=dt.date(2026, 9, 10))
    service.read(meter, "58", on=dt.date(2026, 10, 20))
    person = resident(water)
    _staff("water@example.org", Role.PROVIDER, service.row.account.provider_id)
    client = Client()
    client.force_login(person.user)
    cabinet = new_context().new_page()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    cabinet.goto("/")
    cabinet.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": cabinet.url}])

    cabinet.goto(f"/homes/{person.home.pk}/readings/")
    cabinet.get_by_role("link", name="Виправити номер чи попереднє показання").click()
    cabinet.get_by_label("Номер лічильника").fill("032265")
    cabinet.get_by_label("Попереднє показання").fill("57")
    assert_accessible_everywhere(cabinet)
    save_screens(cabinet, "correct-meter")
    cabinet.get_by_role("button", name="Надіслати на перевірку").click()

    expect(cabinet.get_by_text("на перевірці")).to_have_count(2)
    assert_accessible_everywhere(cabinet)
    save_screens(cabinet, "correct-meter-waits")
    _sign_in(page, "water@example.org")
    expect(page.locator("main")).to_contain_text("Чекають на перевірку: 2.")
    assert_accessible_everywhere(page)
    save_screens(page, "staff-dashboard")
    page.get_by_role("link", name="Виправлення мешканців").click()
    assert_accessible_everywhere(page)
    save_screens(page, "staff-corrections")
    page.get_by_role("button", name=re.compile("Прийняти.*032265")).click()
    expect(page.locator("main")).to_contain_text("Виправлення прийнято.")
    page.get_by_label("Чому не прийнято").fill("Контролер бачив 58.")
    page.get_by_role("button", name=re.compile("Відхилити.*57")).click()
    expect(page.locator("main")).to_contain_text("Виправлень немає")

    cabinet.reload()

    expect(cabinet.locator("main")).to_contain_text("Лічильник № 032265")
    expect(cabinet.locator("main")).to_contain_text("Контролер бачив 58.")
    assert_accessible_everywhere(cabinet)
    save_screens(cabinet, "correct-meter-decided")
