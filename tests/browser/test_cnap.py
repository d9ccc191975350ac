"""The CNAP in a real browser: the resident's pages and the administrator's desk."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.cnap import catalogue, files, offices, phrases
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in
from tests.builders import Resident, Town, person, resident
from tests.database.cnap.samples import PNG

pytestmark = pytest.mark.django_db(transaction=True)
AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def noon(settings: Settings, tmp_path: Path) -> None:
    settings.FROZEN_NOW = AT
    settings.DOMIVKA_HOME = tmp_path


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def one(town: Town) -> Resident:
    return resident(town.flat(living=3), label="Дім")


def test_document_is_added_looked_at_and_deleted(page: Page, one: Resident, live_server: Any, tmp_path: Path) -> None:
    sign_in(page.context, one.user, live_server.url)
    paper = tmp_path / "20200601.png"
    paper.write_bytes(PNG)

    page.goto("/services/")
    assert_accessible_everywhere(page)
    page.get_by_role("link", name="Документи").click()
    assert page.get_by_label("Або сфотографуйте документ").get_attribute("capture") == "environment"
    expect(page.locator("main")).to_contain_text("Документів ще немає")
    page.locator("#files").set_input_files(paper)
    page.get_by_role("button", name="Додати файл").click()

    expect(page.locator("main")).to_contain_text("Додано документів: 1.")
    expect(page.locator("table")).to_contain_text("10.11.2026, 12:00")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-documents")
    page.get_by_role("link", name="20200601.png", exact=True).click()
    picture = page.get_by_role("img", name="Зображення документа 20200601.png")
    page.wait_for_function("image => image.complete && image.naturalWidth === 1", arg=picture.element_handle())
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-document")
    page.locator("summary", has_text="Вилучити").click()
    page.get_by_role("button", name="Так, вилучити").click()

    expect(page.locator("main")).to_contain_text("Документ вилучено.")
    expect(page.locator("main")).to_contain_text("Документів ще немає")


def test_document_is_added_without_scripts(
    without_javascript: Page, one: Resident, live_server: Any, tmp_path: Path
) -> None:
    page = without_javascript
    sign_in(page.context, one.user, live_server.url)
    paper = tmp_path / "page.html"
    paper.write_text("<script>alert(1)</script>")

    page.goto("/services/documents/")
    page.locator("#files").set_input_files(paper)
    page.get_by_role("button", name="Додати файл").click()
    expect(page.locator("main")).to_contain_text("Такий файл прийняти не можна")
    paper.write_bytes(PNG)
    page.locator("#files").set_input_files(paper)
    page.get_by_role("button", name="Додати файл").click()

    expect(page.locator("table")).to_contain_text("page.png")


def administrator(town: Town) -> User:
    made: User = person()
    identity.grant_role(user_id=made.pk, role=Role.CNAP, scope_id=town.row.pk, at=AT, actor_id=None)
    return made


def test_consultation_goes_from_draft_to_answer(
    page: Page, desktop: Page, one: Resident, town: Town, live_server: Any
) -> None:
    offices.save_office(town_id=town.row.pk, name="ЦНАП міста", address="вул. Соборна, 1")
    sign_in(page.context, one.user, live_server.url)
    sign_in(desktop.context, administrator(town), live_server.url)

    page.goto("/services/consultations/")
    page.get_by_role("link", name="Додати звернення").click()
    page.get_by_label("Тема консультації").fill("Довідка про склад зареєстрованих")
    page.get_by_label("Питання").fill("Які документи взяти?")
    page.locator("#files").set_input_files({"name": "hoda1.png", "mimeType": "image/png", "buffer": PNG})
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-consultation-form")
    page.get_by_role("button", name="Зберегти звернення").click()
    expect(page.locator("table")).to_contain_text("Не відправлено")
    page.get_by_role("link", name="Довідка про склад зареєстрованих").click()
    expect(page.locator("main")).to_contain_text("hoda1.png")
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()
    expect(page.locator("main")).to_contain_text("В очікуванні")

    desktop.goto("/staff/")
    expect(desktop.locator("main")).to_contain_text("Ніхто не взяв")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-home")
    desktop.goto("/staff/cnap/consultations/")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-consultations")
    desktop.keyboard.press("Alt+j")
    desktop.keyboard.press("Alt+x")
    expect(desktop.get_by_role("checkbox")).to_be_checked()
    desktop.keyboard.press("Alt+t")
    expect(desktop.locator("main")).to_contain_text("Взято в роботу: 1.")
    desktop.keyboard.press("Alt+j")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("main")).to_contain_text("Це у вашій роботі.")
    desktop.get_by_label("Відповідь", exact=True).fill("Візьміть паспорт.")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-consultation")
    desktop.get_by_role("button", name="Переглянути й надіслати").click()
    expect(desktop.locator("main")).to_contain_text("Надано відповідь на консультацію")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-confirm")
    desktop.get_by_role("button", name="Так, надіслати відповідь").click()
    expect(desktop.locator("main")).to_contain_text("Відповідь надіслано мешканцеві.")

    page.goto("/services/consultations/")
    expect(page.locator("table")).to_contain_text("Надано роз'яснення")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-consultations")
    page.goto("/services/")
    page.get_by_role("link", name="Повідомлення", exact=True).click()
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-messages")
    page.get_by_role("link", name="Надано відповідь на консультацію").click()
    page.get_by_role("link", name="Переглянути").click()
    expect(page.locator("main")).to_contain_text("Візьміть паспорт.")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-consultation")


def test_application_is_checked_sent_and_decided(
    page: Page, desktop: Page, one: Resident, town: Town, live_server: Any
) -> None:
    office = offices.save_office(town_id=town.row.pk, name="ЦНАП міста", address="вул. Соборна, 1")
    about: dict[str, Any] = {"town_id": town.row.pk, "user_id": None, "at": AT}
    about["service_id"] = catalogue.save_service(
        **about, service_id=None, name="Довідка про склад зареєстрованих осіб", card="Хто може звернутися: власник.",
        result="Довідка", fee_kop=0, is_active=True, days=10,
    )  # fmt: skip
    catalogue.save_offer(**about, office_id=office, subject="Відділ реєстрації", is_active=True)
    phrases.save_reason(town_id=town.row.pk, reason_id=None, name="Немає документа", user_id=None, at=AT)
    catalogue.save_slot(**about, name="Документ на житло", needed_when="", who_may_skip="", is_active=True)
    catalogue.save_slot(
        **about, name="Довіреність", needed_when="якщо подає представник", who_may_skip="власник, який подає особисто",
        is_active=True,
    )  # fmt: skip
    files.add_documents(user_id=one.user.pk, uploads=[files.Upload("20200601.png", PNG)], at=AT)
    sign_in(page.context, one.user, live_server.url)
    sign_in(desktop.context, administrator(town), live_server.url)

    page.goto("/services/applications/")
    page.get_by_role("link", name="Додати заяву").click()
    assert_accessible_everywhere(page)
    page.get_by_role("link", name="Довідка про склад зареєстрованих осіб").click()
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-service")
    page.get_by_label("Об'єкт", exact=True).fill("Квартира")
    page.get_by_role("button", name="Далі: документи").click()
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()
    expect(page.get_by_role("alert")).to_contain_text("Документ на житло – потрібен усім")
    expect(page.get_by_role("alert")).to_contain_text("Довіреність – можуть не додавати: власник, який подає особисто")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-application-form")
    page.get_by_label("Або з ваших документів").first.select_option(label="20200601.png")
    page.get_by_label("Мене це не стосується").check()
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()
    expect(page.locator("main")).to_contain_text("В очікуванні")

    desktop.goto("/staff/cnap/applications/")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-applications")
    desktop.get_by_role("link", name="Довідка про склад зареєстрованих осіб").click()
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-application")
    desktop.get_by_label("Якого документа бракує").fill("Копія паспорта")
    desktop.get_by_role("button", name="Попросити").click()
    expect(desktop.locator("main")).to_contain_text("Чекаємо на документ: Копія паспорта")

    page.reload()
    expect(page.locator("main")).to_contain_text("Копія паспорта")
    assert_accessible_everywhere(page)
    page.locator("#file").set_input_files({"name": "passport.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_role("button", name="Надіслати документ").click()
    expect(page.locator("main")).to_contain_text("Документ надіслано.")

    desktop.reload()
    desktop.get_by_label("Причина відмови").select_option("Немає документа")
    desktop.get_by_label("Пояснення мешканцеві").fill("Відсутні необхідні документи")
    desktop.get_by_role("button", name="Відмовити у розгляді").click()
    desktop.get_by_role("button", name="Так, відмовити").click()
    expect(desktop.locator("main")).to_contain_text("Рішення надіслано мешканцеві.")
    desktop.goto("/staff/cnap/reports/")
    expect(desktop.locator("main")).to_contain_text("Немає документа")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-reports")
    desktop.goto("/staff/cnap/services/")
    desktop.get_by_role("link", name="Довідка про склад зареєстрованих осіб").click()
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-service")

    page.goto("/services/applications/")
    expect(page.locator("table")).to_contain_text("Відмовлено у розгляді")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-applications")
    page.get_by_role("link", name="Довідка про склад зареєстрованих осіб").click()
    expect(page.locator("main")).to_contain_text("Відсутні необхідні документи")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-application")


def test_case_is_kept_at_the_desk_and_followed_by_the_resident(
    page: Page, desktop: Page, one: Resident, town: Town, live_server: Any
) -> None:
    offices.save_office(town_id=town.row.pk, name="ЦНАП міста", address="вул. Соборна, 1")
    sign_in(page.context, one.user, live_server.url)
    sign_in(desktop.context, administrator(town), live_server.url)

    desktop.goto("/staff/cnap/cases/")
    desktop.get_by_label("Повний номер справи").fill("26-000005-77")
    assert_accessible_everywhere(desktop)
    desktop.get_by_role("button", name="Відкрити справу").click()
    desktop.get_by_label("Етап розгляду").fill("Взяття на облік безхазяйного нерухомого майна")
    desktop.get_by_label("Назва СНАП").fill("Державний реєстратор прав на нерухоме майно")
    desktop.get_by_label("Результат розгляду").fill("Призупинено розгляд")
    desktop.get_by_role("button", name="Зберегти етап").click()
    expect(desktop.locator("table")).to_contain_text("Призупинено розгляд")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "cnap-desk-case")
    desktop.goto("/staff/cnap/templates/")
    assert_accessible_everywhere(desktop)

    page.goto("/services/cases/")
    assert_accessible_everywhere(page)
    page.get_by_label("Пошук за номером справи").fill("26-000005-77")
    page.get_by_role("button", name="Знайти").click()
    expect(page.locator("table")).to_contain_text("10.11.2026")
    expect(page.locator("table")).to_contain_text("Призупинено розгляд")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-cases")


def test_administrator_keeps_offices_terms_reasons_and_services(desktop: Page, town: Town, live_server: Any) -> None:
    page = desktop
    sign_in(page.context, administrator(town), live_server.url)

    page.goto("/staff/cnap/subjects/")
    page.get_by_label("Назва").fill("Відділ реєстрації")
    page.get_by_role("button", name="Додати СНАП").click()
    page.goto("/staff/cnap/offices/")
    page.get_by_label("Назва").fill("ЦНАП міста")
    page.get_by_label("Адреса").fill("вул. Соборна, 1")
    page.get_by_label("Відділ реєстрації").check()
    page.get_by_role("button", name="Додати ЦНАП").click()
    expect(page.locator("table")).to_contain_text("Відділ реєстрації")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-desk-offices")
    page.get_by_role("link", name="ЦНАП міста").click()
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-desk-office")
    page.get_by_label("Не працює з").fill("2026-12-31")
    page.get_by_role("button", name="Закрити").click()
    expect(page.locator("main")).to_contain_text("закриється 31.12.2026")
    page.get_by_role("button", name="Працює далі").click()

    page.goto("/staff/cnap/terms/")
    page.get_by_label("Календарних днів").fill("15")
    page.get_by_label("Діє з").fill("2026-12-01")
    page.get_by_role("button", name="Встановити строк").click()
    expect(page.locator("table")).to_contain_text("заплановано")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-desk-terms")
    page.get_by_role("link", name="Причини відмов").click()
    page.get_by_label("Причина відмови").fill("Немає документа")
    page.get_by_role("button", name="Додати причину").click()
    page.get_by_role("button", name="Не пропонувати").click()
    expect(page.locator("main")).to_contain_text("не пропонуємо")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-desk-reasons")

    page.goto("/staff/cnap/services/new/")
    page.get_by_label("Назва послуги").fill("Довідка")
    page.get_by_label("Хто може звернутися").fill("Власник житла.")
    page.get_by_role("button", name="Зберегти послугу").click()
    expect(page.locator("main")).to_contain_text("чернетка")
    page.get_by_label("ЦНАП і СНАП").select_option(label="ЦНАП міста – Відділ реєстрації")
    page.get_by_role("button", name="Додати місце").click()
    for name in ("Паспорт", "Довіреність"):
        page.get_by_label("Назва документа").last.fill(name)
        page.get_by_role("button", name="Додати документ").click()
    page.get_by_text("2. Довіреність").click()
    page.get_by_role("button", name="Вище Довіреність").click()
    expect(page.locator("main")).to_contain_text("1. Довіреність")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-desk-service-new")
    page.get_by_role("button", name="Скопіювати послугу").click()
    expect(page.get_by_label("Назва послуги")).to_have_value("Довідка (копія)")
    page.goto("/staff/cnap/services/")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-desk-services")
