"""Visits in a real browser: booking on a phone, the desk, the screen in the hall."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from domivka.appointments import displaced
from domivka.appointments.models import Visit
from domivka.cnap.models import Office
from domivka.identity.models import Role
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in
from tests.builders import holder, person
from tests.database.appointments.office import NOW, hall
from tests.database.appointments.test_booking import booked, user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def friday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


def test_resident_books_moves_and_cancels_a_visit(page: Page, live_server: Any) -> None:
    hall()
    sign_in(page.context, person("olena@example.com"), live_server.url)

    page.goto("/services/")
    page.get_by_role("link", name="Попередній запис").click()
    expect(page.locator("main")).to_contain_text("Візитів ще немає")
    page.get_by_role("link", name="Записатися").click()
    assert_accessible_everywhere(page)
    page.get_by_role("link", name="Закордонний паспорт").click()
    page.get_by_role("link", name="13 липня").click()
    assert_accessible_everywhere(page)
    save_screens(page, "visits-times")
    page.get_by_role("link", name="Дата").click()  # a step that is done leads back
    assert_accessible_everywhere(page)
    save_screens(page, "visits-days")
    page.get_by_role("link", name="13 липня").click()
    page.get_by_role("button", name="13:00 – 13:35").click()
    expect(page.get_by_role("timer")).to_contain_text("Залишилось")
    assert page.get_by_label("Прізвище").input_value() == "Кожемяка"
    assert_accessible_everywhere(page)
    save_screens(page, "visits-details")
    page.get_by_label("Телефон").fill("067 333 22 21")
    page.get_by_role("button", name="Зберегти запис").click()

    expect(page.locator(".ticket-number strong")).to_have_text("1")
    assert_accessible_everywhere(page)
    save_screens(page, "visits-visit")
    page.get_by_role("link", name="Перенести").click()
    page.get_by_role("link", name="14 липня").click()
    page.get_by_role("button", name="09:40 – 10:15").click()
    expect(page.locator("main")).to_contain_text("Візит перенесено.")
    page.locator("summary", has_text="Скасувати візит").click()
    page.get_by_role("button", name="Так, скасувати").click()
    expect(page.locator("main")).to_contain_text("Візит скасовано.")
    expect(page.locator("table")).to_contain_text("Скасовано")


def test_visit_is_booked_without_scripts(without_javascript: Page, live_server: Any) -> None:
    page, of = without_javascript, hall()
    sign_in(page.context, person("olena@example.com"), live_server.url)

    page.goto(f"/services/visits/new/?question={of.question_id}&office={of.office_id}&day=2020-07-10")
    page.get_by_role("button", name="09:40 – 10:15").click()
    page.get_by_label("Телефон").fill("067 333 22 21")
    page.get_by_role("button", name="Зберегти запис").click()

    expect(page.locator(".ticket-number strong")).to_have_text("1")


def test_time_lost_while_typing_is_replaced_in_the_same_form(page: Page, live_server: Any, settings: Settings) -> None:
    of = hall()
    sign_in(page.context, person("olena@example.com"), live_server.url)
    page.goto(f"/services/visits/new/?question={of.question_id}&office={of.office_id}&day=2020-07-10")
    page.get_by_role("button", name="09:40 – 10:15").click()
    page.get_by_label("Телефон").fill("067 333 22 21")
    settings.FROZEN_NOW = later = NOW + dt.timedelta(minutes=11)
    booked(of, user(), "2020-07-10 09:40", later)

    page.get_by_role("button", name="Зберегти запис").click()
    expect(page.get_by_label("Телефон")).to_have_value("067 333 22 21")
    assert_accessible_everywhere(page)
    save_screens(page, "visits-lost")
    page.get_by_label("10:15 – 10:50").check()
    page.get_by_role("button", name="Зберегти запис").click()

    expect(page.locator("main")).to_contain_text("10:15 – 10:50")
    expect(page.locator(".ticket-number strong")).to_have_text("2")


def test_closed_day_is_confirmed_and_the_person_moves_the_visit(desktop: Page, page: Page, live_server: Any) -> None:
    of, olena = hall(), person("olena@example.com")
    visit_id = booked(of, olena.pk, "2020-07-13 09:05")
    sign_in(desktop.context, holder(Role.CNAP, of.town_id), live_server.url)
    sign_in(page.context, olena, live_server.url)

    desktop.goto(f"/staff/visits/{of.office_id}/calendar/")
    special = desktop.locator("section", has=desktop.get_by_role("heading", name="Особливі дні"))
    special.get_by_label("День", exact=True).fill("2020-07-13")
    special.get_by_label("Чому").fill("Санітарний день")
    desktop.get_by_role("button", name="Зберегти день").click()
    expect(desktop.locator("main")).to_contain_text("На цей час уже записано людей: 1.")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-confirm")
    desktop.get_by_role("button", name="Зберегти й повідомити всіх").click()
    desktop.goto(f"/staff/visits/{of.office_id}/moving/")
    expect(desktop.locator("table")).to_contain_text("Левицька Олена")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-displaced")

    page.goto(f"/services/visits/{visit_id}/")
    assert_accessible_everywhere(page)
    save_screens(page, "visits-must-move")
    page.get_by_role("link", name="Обрати інший час").click()
    assert_accessible_everywhere(page)
    save_screens(page, "visits-move")
    page.get_by_role("button", name="09:40 – 10:15").click()

    expect(page.locator("main")).to_contain_text("Візит перенесено.")


def test_desk_calls_and_the_screen_shows_it(desktop: Page, live_server: Any) -> None:
    of = hall(windows=2)
    booked(of, user(), "2020-07-10 09:05")
    sign_in(desktop.context, holder(Role.CNAP, of.town_id), live_server.url)
    screen = desktop.context.new_page()
    screen.goto(f"{live_server.url}/hall/{of.office_id}/")
    expect(screen.locator("main")).to_contain_text("Черги немає.")

    desktop.goto("/staff/visits/")
    desktop.get_by_role("button", name="Прийшов").click()
    expect(desktop.locator("main")).to_contain_text("Відвідувача відмічено.")
    expect(desktop.locator("[data-keys]")).to_be_visible()  # the keys work
    desktop.keyboard.press("t")
    expect(desktop.get_by_label("Питання")).to_be_focused()
    desktop.get_by_role("button", name="Видати талон").click()
    expect(desktop.locator(".slip-number")).to_contain_text("2")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-slip")
    desktop.get_by_role("link", name="До візитів дня").click()
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-board")
    expect(screen.locator(".waiting")).to_contain_text("1", timeout=8000)
    screen.context.set_offline(True)
    expect(screen.locator("[data-offline]")).to_be_visible(timeout=8000)
    screen.context.set_offline(False)
    expect(screen.locator("[data-offline]")).to_be_hidden(timeout=8000)
    desktop.keyboard.press("2")
    expect(desktop.locator(".windows")).to_contain_text("Приймає № 2")  # came at nine, before the time of the booking

    expect(screen.locator(".called")).to_contain_text("вікно 2", timeout=8000)
    assert_accessible_everywhere(screen)
    save_screens(screen, "visits-screen")
    for theme in ("dark", "light"):
        screen.goto(f"{live_server.url}/hall/{of.office_id}/?theme={theme}")
        assert_accessible_everywhere(screen)
        screen.set_viewport_size({"width": 1920, "height": 1080})
        if "SCREENS" in os.environ:
            screen.screenshot(path=f"{os.environ['SCREENS']}/visits-screen-1920-{theme}.png")


def test_key_that_is_held_and_a_double_click_do_their_work_once(desktop: Page, live_server: Any) -> None:
    of = hall()
    for time in ("09:05", "09:40"):
        Visit.objects.filter(pk=booked(of, user(), f"2020-07-10 {time}")).update(state="arrived", arrived_at=NOW)
    sign_in(desktop.context, holder(Role.CNAP, of.town_id), live_server.url)
    desktop.goto("/staff/visits/")

    desktop.keyboard.down("1")
    expect(desktop.locator(".windows")).to_contain_text("Приймає № 1")
    desktop.keyboard.down("1")  # the key was not let go
    desktop.keyboard.up("1")
    desktop.get_by_role("button", name="Видати талон").dblclick()

    expect(desktop.locator(".slip-number")).to_contain_text("3")
    assert list(Visit.objects.order_by("number").values_list("state", flat=True)) == ["called", "arrived", "arrived"]


def test_desk_of_a_closed_office_moves_who_is_booked(desktop: Page, live_server: Any) -> None:
    of = hall()
    booked(of, user(), "2020-07-10 09:05")
    booked(of, user(), "2020-07-13 09:05")
    sign_in(desktop.context, holder(Role.CNAP, of.town_id), live_server.url)

    desktop.goto("/staff/visits/")
    save_screens(desktop, "visits-board-booked")
    desktop.get_by_role("link", name="Перенести").click()
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-desk-move")
    desktop.get_by_role("link", name="10 липня, пʼятниця", exact=True).click()
    Office.objects.update(closed_from=NOW.date())
    displaced.check(at=NOW)
    desktop.goto("/staff/visits/")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-board-closed")
    desktop.get_by_role("link", name="Кому зателефонувати").click()

    expect(desktop.locator("tbody tr")).to_have_count(2)


def test_calendar_is_changed_at_the_desk(desktop: Page, live_server: Any) -> None:
    of = hall()
    sign_in(desktop.context, holder(Role.CNAP, of.town_id), live_server.url)

    desktop.goto(f"/staff/visits/{of.office_id}/calendar/")
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-calendar")
    desktop.get_by_role("link", name="Змінити").first.click()
    desktop.get_by_label("Питання англійською").fill("Passport for travel abroad")
    desktop.evaluate("scrollTo(0, 0)")  # the link led into the page, and its head stands over what is scrolled away
    assert_accessible_everywhere(desktop)
    save_screens(desktop, "visits-calendar-question")
    desktop.get_by_role("button", name="Зберегти питання").click()
    expect(desktop.locator("main")).to_contain_text("Passport for travel abroad")
    special = desktop.locator("section", has=desktop.get_by_role("heading", name="Особливі дні"))
    special.get_by_label("День", exact=True).fill("2020-07-13")
    special.get_by_label("Чому").fill("Санітарний день")
    desktop.get_by_role("button", name="Зберегти день").click()

    expect(desktop.locator("main")).to_contain_text("13.07.2020: не працюємо · Санітарний день")
