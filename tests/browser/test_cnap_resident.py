"""The resident's way through an application and a question on a phone: steps, files, previews, what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Dialog, FilePayload, Page, expect
from pytest_django import Settings

from domivka.cnap import catalogue, offices
from domivka.cnap.models import Application, ApplicationFile, Consultation, ConsultationFile, Document
from domivka.identity.models import User
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in
from tests.builders import Resident, Town, resident
from tests.database.cnap.hostile import REFUSED, picture
from tests.database.cnap.papers import paper
from tests.pictures import encoded

pytestmark = pytest.mark.django_db(transaction=True)
AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
SERVICE = "Довідка про склад зареєстрованих осіб"


@pytest.fixture(autouse=True)
def noon(settings: Settings, tmp_path: Path) -> None:
    settings.FROZEN_NOW = AT
    settings.DOMIVKA_HOME = tmp_path


@pytest.fixture
def town() -> Town:
    """Two centres with different bodies; a document for everybody and one for representatives."""
    made = Town()
    about: dict[str, Any] = {"town_id": made.row.pk, "user_id": None, "at": AT}
    centre = offices.save_office(town_id=made.row.pk, name="ЦНАП міста", address="вул. Соборна, 1")
    village = offices.save_office(town_id=made.row.pk, name="Віддалене місце", address="вул. Садова, 2")
    about["service_id"] = catalogue.save_service(
        **about, service_id=None, name=SERVICE, card="Хто може звернутися: власник.", result="Довідка", fee_kop=0,
        is_active=True, days=10,
    )  # fmt: skip
    catalogue.save_offer(**about, office_id=centre, subject="Відділ реєстрації", is_active=True)
    catalogue.save_offer(**about, office_id=village, subject="Староста", is_active=True)
    catalogue.save_slot(**about, name="Документ на житло", needed_when="", who_may_skip="", is_active=True)
    catalogue.save_slot(
        **about, name="Довіреність", needed_when="якщо подає представник", who_may_skip="власник", is_active=True
    )
    return made


@pytest.fixture
def person(town: Town) -> User:
    """Somebody with two homes."""
    one: Resident = resident(town.flat(living=3), label="Дім")
    return resident(town.flat(living=1), user=one.user, label="Дача").user


def file(name: str, content: bytes, kind: str = "application/pdf") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def large_photo() -> bytes:
    """Above five megabytes, as a phone makes them."""
    noise = np.random.default_rng(7).integers(0, 255, (2400, 3000, 3), np.uint8)
    photo = encoded(Image.fromarray(noise), "JPEG")
    assert len(photo) > 5 * 1024 * 1024
    return photo


def begin(page: Page) -> None:
    page.goto("/services/catalogue/")
    page.get_by_role("link", name=SERVICE).click()


def test_application_in_steps_with_files_of_every_kind(page: Page, person: User, live_server: Any) -> None:
    sign_in(page.context, person, live_server.url)
    begin(page)
    expect(page.locator("#id_offer option")).to_have_text(["Староста"])
    page.get_by_label("ЦНАП", exact=True).select_option(label="ЦНАП міста")
    expect(page.locator("#id_offer option")).to_have_text(["Відділ реєстрації"])  # narrowed at once
    page.get_by_label("Об'єкт", exact=True).fill("Квартира")
    page.get_by_role("button", name="Дача").click()
    expect(page.get_by_label("Фактична адреса об'єкта")).to_have_value("м. Калинівськ, вул. Соборна, буд. 4/2, кв. 2")
    expect(page.get_by_label("Об'єкт", exact=True)).to_have_value("Квартира")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-apply")
    page.get_by_label("Об'єкт", exact=True).press("Enter")  # saves, and does not press the button of a home

    expect(page.locator("main")).to_contain_text("Тепер додайте документи.")
    ownership = page.get_by_role("group", name="Документ на житло")
    device, photo = ownership.get_by_label("З вашого пристрою"), ownership.get_by_label("Або сфотографуйте документ")
    device.set_input_files(file("великий.pdf", paper() + bytes(6 * 1024 * 1024) + b"%%EOF"))
    expect(ownership.get_by_role("alert")).to_have_text(
        "«великий.pdf» – 6,0 Мб, а файл може бути до 5 Мб. Зменште його або поділіть."
    )
    device.set_input_files(file("звіт.pdf", b"MZ" * 90))
    expect(ownership.get_by_role("alert")).to_contain_text("«звіт.pdf»: такий файл прийняти не можна.")
    assert device.evaluate("input => input.files.length") == 0
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-draft-refused")
    photo.set_input_files(file("фото.jpg", large_photo(), "image/jpeg"))
    expect(ownership.get_by_role("alert").last).to_contain_text("Фото було завелике, тому ми зменшили його")
    page.get_by_role("button", name="Зберегти заяву").click()
    expect(ownership).to_contain_text("Додано")
    assert 0 < ApplicationFile.objects.get().file.size <= 5 * 1024 * 1024  # type: ignore[union-attr]  # it has one

    proxy = page.get_by_role("group", name="Довіреність")
    proxy.get_by_label("З вашого пристрою").set_input_files(file("довіреність.pdf", paper((595, 842), (595, 842))))
    page.get_by_role("button", name="Зберегти заяву").click()
    expect(proxy).to_contain_text("Додано")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-draft")
    page.get_by_role("link", name="довіреність.pdf").click()
    image = page.get_by_role("img", name="Сторінка 1 документа довіреність.pdf")
    page.wait_for_function("image => image.complete && image.naturalWidth === 1200", arg=image.element_handle())
    page.get_by_role("link", name="Наступна").click()
    expect(page.get_by_role("img", name="Сторінка 2 документа довіреність.pdf")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-preview")
    page.get_by_role("link", name="Назад").click()
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()

    expect(page.locator("main")).to_contain_text("Заяву відправлено адміністратору ЦНАП.")
    expect(page.locator(".timeline")).to_contain_text("Строк відповіді: до 20.11.2026")
    expect(page.get_by_role("button", name="Надрукувати")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".print-only").first).to_contain_text("Заявник: Кожемяка Себастьян Боромирович")
    expect(page.get_by_role("button", name="Надрукувати")).to_be_hidden()
    assert Application.objects.get().object == "Квартира"


def test_application_without_scripts(without_javascript: Page, person: User, live_server: Any) -> None:
    page = without_javascript
    sign_in(page.context, person, live_server.url)
    begin(page)
    page.get_by_label("ЦНАП", exact=True).select_option(label="ЦНАП міста")
    page.get_by_role("button", name="Показати СНАП цього ЦНАП").click()
    expect(page.locator("#id_offer option")).to_have_text(["Відділ реєстрації"])
    page.get_by_label("Об'єкт", exact=True).fill("Квартира")
    page.get_by_role("button", name="Дім").click()
    expect(page.get_by_label("ЦНАП", exact=True)).to_have_value(
        page.locator("#id_office option", has_text="ЦНАП міста").get_attribute("value") or ""
    )
    page.get_by_role("button", name="Далі: документи").click()
    page.get_by_role("group", name="Документ на житло").get_by_label("З вашого пристрою").set_input_files(
        file("a.docx", REFUSED["docx-with-macros"])
    )
    page.get_by_role("group", name="Довіреність").get_by_label("З вашого пристрою").set_input_files(
        file("b.png", picture("PNG"), "image/png")
    )
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()

    expect(page.get_by_role("alert")).to_contain_text(
        "Документ на житло: Файл «a.docx» не додано. Такий файл прийняти не можна."
    )
    expect(page.get_by_role("group", name="Довіреність")).to_contain_text("b.png")  # the good one is not lost
    assert Application.objects.get().state == "draft"


def test_refused_file_of_a_question_loses_nothing(page: Page, person: User, live_server: Any) -> None:
    sign_in(page.context, person, live_server.url)
    page.goto("/services/consultations/new/")
    page.get_by_label("Тема консультації").fill("Паспорт")
    page.get_by_label("Питання").fill("Скільки чекати?")
    half = paper() + bytes(2 * 1024 * 1024) + b"%%EOF"
    page.locator("#files").set_input_files([file("a.pdf", half), file("b.pdf", half + b"\n%%EOF")])
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()
    expect(page.get_by_role("status")).to_have_text(
        "Разом файли не можуть перевищувати 4 Мб. Вилучіть зайві або зменште їх."
    )
    expect(page.get_by_label("Питання")).to_have_value("Скільки чекати?")
    assert not Consultation.objects.exists()
    page.locator("#files").set_input_files([file("a.pdf", half), file("макроси.docx", REFUSED["docx-with-macros"])])
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()

    expect(page.get_by_role("alert")).to_contain_text("Файл «макроси.docx» не додано.")  # the server looked inside
    expect(page.get_by_label("Питання")).to_have_value("Скільки чекати?")
    assert ConsultationFile.objects.get().name == "a.pdf"
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-consultation-refused")
    page.get_by_role("button", name="Відправити адміністратору ЦНАП").click()
    expect(page.locator("main")).to_contain_text("В очікуванні")
    assert Consultation.objects.get().state == "waiting"


def test_broken_connection_keeps_what_was_typed_and_chosen(page: Page, person: User, live_server: Any) -> None:
    sign_in(page.context, person, live_server.url)
    page.goto("/services/documents/")
    page.locator("#files").set_input_files(file("a.pdf", paper()))
    page.route(
        "**/services/documents/", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
    )
    page.get_by_role("button", name="Додати файл").click()
    expect(page.locator("[data-upload-words]")).to_contain_text("Звʼязок перервався. Спробуйте ще раз")
    assert page.locator("#files").evaluate("input => input.files.length") == 1
    page.unroute("**/services/documents/")
    page.get_by_role("button", name="Додати файл").click()

    expect(page.locator("main")).to_contain_text("Додано документів: 1.")
    assert Document.objects.get().name == "a.pdf"


def test_unsaved_words_are_asked_about_before_the_page_is_left(page: Page, person: User, live_server: Any) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    sign_in(page.context, person, live_server.url)
    page.on("dialog", answer)
    page.goto("/services/consultations/new/")
    page.goto("/services/consultations/new/")
    untouched = list(asked)
    page.get_by_label("Тема консультації").fill("Паспорт")
    page.goto("/services/consultations/")

    assert (untouched, asked) == ([], ["beforeunload"])


def test_list_is_searched_on_a_phone(page: Page, person: User, live_server: Any) -> None:
    office = offices.offices()[0].id
    for number in range(24):
        Consultation.objects.create(
            user=person, office_id=office, topic=f"Питання {number}", question="?", created_at=AT
        )
    sign_in(page.context, person, live_server.url)
    page.goto("/services/consultations/")
    assert_accessible_everywhere(page)
    save_screens(page, "cnap-search")
    page.get_by_role("link", name="Давніші").click()
    expect(page.locator("table")).to_contain_text("Питання 0")
    page.get_by_label("Пошук").fill("питання 1")
    page.get_by_label("Упорядкувати").select_option(label="Спочатку давні")
    page.get_by_role("button", name="Знайти").click()

    expect(page.get_by_role("status")).to_contain_text("Знайдено: 11.")
    expect(page.locator("tbody tr").first).to_contain_text("Питання 1")
    page.get_by_label("Статус").select_option(label="Надано роз'яснення")
    page.get_by_role("button", name="Знайти").click()
    expect(page.get_by_role("status")).to_contain_text("Знайдено: 0.")
    page.get_by_role("link", name="Показати всі").click()
    expect(page.locator("tbody tr")).to_have_count(20)
