"""A provider's file in a real browser: sent, its bad rows seen, applied, the resident's balance changed, undone."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.exchange import tasks
from domivka.exchange.models import ImportBatch
from domivka.homes.models import Home
from domivka.identity.models import Role, RoleGrant, User
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.registry.models import AccountService, Premises, Provider
from tests.browser.helpers import assert_accessible_everywhere, save_screens
from tests.builders import Town, holder
from tests.database.exchange.terminal import standing, water
from tests.database.exchange.town import AT, GOOD, SECOND, add_addresses, gaz_csv, make_town
from tests.unit.exchange.files import pay, register

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = re.compile(r"/staff/imports/\d+/$")
BAD = "1,23E+09;Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96"


@pytest.fixture
def employee(live_server: Any) -> User:
    town = make_town()
    add_addresses(town, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    user = User.objects.create_user(email="gaz@example.org", password="Kalyna-2026", surname="Гудзь", name="Іван")
    RoleGrant.objects.create(user=user, role=Role.PROVIDER, scope_id=Provider.objects.get(code="gaz").pk)
    return user


def sign_in(page: Page, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.goto("/healthz")
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": page.url}])


def balance() -> int:
    owner = AccountService.objects.get(account__number="003200001").pk
    return ledger.balances(account_service_ids=[owner])[owner].kop


def send(page: Page, tmp_path: Path) -> int:
    file = tmp_path / "gaz-2026-10.csv"
    file.write_bytes(gaz_csv(GOOD, SECOND, BAD))
    page.goto("/staff/imports/new/")
    assert_accessible_everywhere(page)
    save_screens(page, "import-new")
    page.get_by_label("Місяць").select_option("2026-10")
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="Перевірити файл").click()
    page.wait_for_url(BATCH)
    return ImportBatch.objects.latest("pk").pk


def test_file_is_sent_checked_applied_and_undone(page: Page, employee: User, tmp_path: Path) -> None:
    sign_in(page, employee)
    batch = send(page, tmp_path)
    expect(page.get_by_text("Файл у черзі на перевірку")).to_be_visible()

    tasks.check_batch(batch)  # the worker; the page notices by itself
    expect(page.get_by_text("Номер рахунку зіпсував Excel: «1,23E+09»")).to_be_visible()
    expect(page.get_by_text("Правильних рядків: 2, із зауваженнями: 1")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "import-checked")

    page.get_by_role("button", name="Застосувати").click()
    expect(page.get_by_text("Файл у черзі на застосування")).to_be_visible()
    tasks.apply_batch(batch, employee.pk)
    expect(page.get_by_text("Скасувати імпорт").first).to_be_visible()
    assert balance() == 180000
    resident = User.objects.create_user(email="resident@example.org", password="Kalyna-2026", surname="В'юн")
    home = Home.objects.create(
        user=resident, premises=Premises.objects.get(flat="1"), state="open", added_at=AT, opened_at=AT
    )
    sign_in(page, resident)
    page.goto(f"/homes/{home.pk}/")
    expect(page.get_by_text("1 800,00").first).to_be_visible()

    sign_in(page, employee)
    page.goto(f"/staff/imports/{batch}/")
    page.get_by_text("Скасувати імпорт").first.click()
    page.get_by_role("button", name="Так, скасувати").click()
    expect(page.get_by_text("Скасування в черзі")).to_be_visible()
    tasks.undo_batch(batch, employee.pk)
    page.goto("/staff/imports/")
    expect(page.get_by_role("row").get_by_text("Скасовано")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "imports")
    assert balance() == 0
    assert Period(202610) == ImportBatch.objects.get(pk=batch).period


def test_file_goes_through_without_javascript(without_javascript: Page, employee: User, tmp_path: Path) -> None:
    page = without_javascript
    sign_in(page, employee)
    file = tmp_path / "gaz.csv"
    file.write_bytes(gaz_csv(GOOD))
    page.goto("/staff/imports/new/")
    page.get_by_label("Місяць").select_option("2026-10")
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="Перевірити файл").click()
    page.wait_for_url(BATCH)
    batch = ImportBatch.objects.latest("pk").pk

    tasks.check_batch(batch)
    page.get_by_role("link", name="Оновити").click()
    page.get_by_role("button", name="Застосувати").click()
    expect(page.get_by_text("Файл у черзі на застосування")).to_be_visible()
    tasks.apply_batch(batch, employee.pk)
    page.reload()

    expect(page.get_by_text("Застосовано").first).to_be_visible()
    assert balance() == 180000


def test_register_with_readings_is_taken_and_the_resident_sees_how_they_came(
    page: Page, live_server: Any, tmp_path: Path, settings: Settings
) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
    town = Town()
    service, meter = water(town)
    water(town, "003200002")
    operator = holder(Role.OPERATOR, town.row.pk)
    file = tmp_path / "terminal-2026-11.csv"
    file.write_bytes(register(pay(1, "003200001", ("032264", "", "104,5")), pay(2, "003200002", ("032264", "", "90"))))
    sign_in(page, operator)
    page.goto("/staff/imports/new/")
    page.get_by_label("Шаблон файлу").select_option("terminal")
    page.get_by_label("Місяць").select_option("2026-11")
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="Перевірити файл").click()
    page.wait_for_url(BATCH)
    batch = ImportBatch.objects.latest("pk").pk
    tasks.check_batch(batch)
    expect(page.get_by_text("Показань лічильників")).to_be_visible()

    page.get_by_role("link", name="Показання", exact=True).click()
    expect(page.get_by_text("Показання 90 менше за попереднє (100).")).to_be_visible()
    expect(page.get_by_text("Буде прийнято", exact=True)).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "import-readings")
    page.get_by_role("button", name="Застосувати").click()
    tasks.apply_batch(batch, operator.pk)
    page.goto(f"/staff/imports/{batch}/?rows=readings")
    expect(page.get_by_text("Прийнято", exact=True)).to_be_visible()
    expect(page.get_by_text("Не прийнято", exact=True)).to_be_visible()

    flat = Premises.objects.get(accounts__number="003200001")
    person = User.objects.create_user(email="resident@example.org", password="Kalyna-2026", surname="Їжак")
    home = Home.objects.create(user=person, premises=flat, state="open", added_at=AT, opened_at=AT)
    sign_in(page, person)
    page.goto(f"/homes/{home.pk}/readings/")
    expect(page.get_by_text("За цей місяць передано 12.11.2026: у касі чи терміналі")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "readings-channel")
    assert standing(meter) == [("single", "104.5", "cash_desk")]
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == -100_00
