"""«Мої дані» in a real browser: who looked, an archive, oblivion asked for and taken back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.kernel import audit
from domivka.privacy import exports
from domivka.privacy.models import Erasure, Export
from domivka.registry.models import Provider
from tests.browser.helpers import assert_accessible, assert_accessible_everywhere, save_screens, sign_in
from tests.builders import person
from tests.database.privacy.everything import AT, Everything, everything

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(settings: Settings, tmp_path: Path) -> None:
    settings.FROZEN_NOW = AT
    settings.DOMIVKA_HOME = tmp_path


@pytest.fixture
def one() -> Everything:
    found = everything("olena@example.org")
    client = Client()
    client.force_login(found.admin)  # the administrator really opens what was sent
    client.get(f"/staff/cnap/applications/{found.application}/")
    client.get("/staff/cnap/consultations/?state=")
    provider = Provider.objects.first()
    assert provider is not None
    for number in range(20):
        audit.record(
            at=AT, actor_id=None, action="api.account_read", object_kind="account", object_id=number, is_read=True,
            detail={"provider": provider.pk}, premises_ids=[found.flat.row.pk],
        )  # fmt: skip
    return found


def test_person_sees_who_looked(page: Page, one: Everything, live_server: Any) -> None:
    sign_in(page.context, one.user, live_server.url)

    page.goto("/profile/")
    page.locator("main").get_by_role("link", name="Мої дані").click()
    assert_accessible(page)
    save_screens(page, "my-data")
    page.get_by_role("link", name="Показати перегляди").click()
    expect(page.locator("table")).to_contain_text("Програма надавача")
    assert_accessible_everywhere(page)
    save_screens(page, "my-data-trail")
    page.get_by_role("link", name="Давніші").click()
    expect(page.locator("table")).to_contain_text("Адміністратор ЦНАП, Калинівськ")
    page.get_by_role("link", name=f"Ваша заява № {one.application} з документами").click()
    expect(page.locator("h1")).to_contain_text(f"Заява № {one.application}")
    page.goto("/profile/data/views/")
    page.get_by_role("link", name="Усе, що відбувалося").click()
    page.get_by_role("link", name="Давніші").click()
    expect(page.locator("table")).to_contain_text("Заяву відправлено")
    assert_accessible(page)


def test_person_takes_out_everything(page: Page, one: Everything, live_server: Any) -> None:
    sign_in(page.context, one.user, live_server.url)

    page.goto("/profile/data/")
    page.get_by_role("link", name="До вивантаження").click()
    assert_accessible(page)
    save_screens(page, "my-data-export-none")
    page.get_by_role("button", name="Створити архів").click()
    expect(page.locator("main")).to_contain_text("0 із 13")
    assert_accessible(page)
    save_screens(page, "my-data-export-progress")
    exports.make_export(export_id=Export.objects.get().pk, at=AT)  # as the worker does

    expect(page.get_by_role("link", name="Завантажити архів")).to_be_visible()  # the page has noticed by itself
    assert_accessible_everywhere(page)
    save_screens(page, "my-data-export-ready")
    with page.expect_download() as got:
        page.get_by_role("link", name="Завантажити архів").click()
    assert got.value.suggested_filename == "domivka-2026-11-10.zip"
    archive = zipfile.ZipFile(io.BytesIO(Path(got.value.path()).read_bytes()))
    assert "Борг" in archive.read("profile.json").decode()
    assert len([name for name in archive.namelist() if name.startswith("files/")]) == 6


def test_oblivion_is_asked_for_and_taken_back(page: Page, one: Everything, live_server: Any) -> None:
    sign_in(page.context, one.user, live_server.url)

    page.goto("/profile/data/erasure/")
    assert_accessible_everywhere(page)
    save_screens(page, "my-data-erasure")
    page.get_by_role("button", name="Видалити мої дані").click()
    expect(page.locator("main")).to_contain_text("Позначте, що ви це розумієте.")
    assert_accessible(page)
    page.get_by_label("Ваш теперішній пароль").fill("Kalyna-2026")
    page.get_by_label("Я розумію").check()
    page.get_by_role("button", name="Видалити мої дані").click()
    expect(page.locator("main")).to_contain_text("Ваші дані буде видалено 24.11.2026")
    assert_accessible(page)
    save_screens(page, "my-data-erasure-waits")
    page.goto("/profile/data/")
    page.get_by_role("link", name="Скасувати видалення").click()
    page.get_by_role("button", name="Скасувати видалення").click()

    expect(page.locator("main")).to_contain_text("Видалення скасовано.")
    assert Erasure.objects.get().cancelled_at == AT


def test_oblivion_and_archive_are_ordered_without_scripts(
    without_javascript: Page, one: Everything, live_server: Any
) -> None:
    page = without_javascript
    sign_in(page.context, one.user, live_server.url)

    page.goto("/profile/data/export/")
    page.get_by_role("button", name="Створити архів").click()
    expect(page.locator("main")).to_contain_text("0 із 13")
    exports.make_export(export_id=Export.objects.get().pk, at=AT)
    page.get_by_role("link", name="Оновити").click()
    expect(page.get_by_role("link", name="Завантажити архів")).to_be_visible()
    page.goto("/profile/data/erasure/")
    page.get_by_label("Ваш теперішній пароль").fill("Kalyna-2026")
    page.get_by_label("Я розумію").check()
    page.get_by_role("button", name="Видалити мої дані").click()
    page.get_by_role("button", name="Скасувати видалення").click()

    expect(page.locator("main")).to_contain_text("Видалення скасовано.")


def test_pages_speak_english(page: Page, one: Everything, live_server: Any) -> None:
    sign_in(page.context, one.user, live_server.url, language="en")

    for path, words in (
        ("", "My data"),
        ("views/", "Provider's program"),
        ("views/?all=1&page=2", "CNAP administrator, Калинівськ"),
        ("export/", "What will be in the archive"),
        ("erasure/", "What the law makes us keep"),
    ):
        page.goto(f"/profile/data/{path}")
        expect(page.locator("main")).to_contain_text(words)
        assert_accessible(page)


def test_person_nobody_looked_at_is_told_so(page: Page, live_server: Any) -> None:
    sign_in(page.context, person(), live_server.url)

    page.goto("/profile/data/views/")

    expect(page.locator("main")).to_contain_text("Ваші дані ніхто не переглядав")
    assert_accessible(page)
    save_screens(page, "my-data-trail-empty")
