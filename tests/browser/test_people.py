"""Journeys: from signing up to an open home, signing in by code, what goes wrong on the way."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from domivka.homes import api as homes
from domivka.identity import api as identity
from domivka.kernel import clock
from domivka.registry.models import Premises
from tests.browser.helpers import assert_accessible, assert_accessible_everywhere, save_screens, tab_to
from tests.database.homes.town import make_town
from tests.database.identity.pages import PASSWORD, other

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+380661234567"


@pytest.fixture(autouse=True)
def _fresh_limits(transactional_db: None) -> None:
    cache.clear()


@pytest.fixture
def flats() -> list[Premises]:
    return make_town()


def looks_right(page: Page, name: str) -> None:
    assert_accessible_everywhere(page)
    save_screens(page, name)


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def mailbox_text(page: Page, recipient: str) -> str:
    """The newest message of somebody, read on the mailbox page in another tab."""
    tab = page.context.new_page()
    tab.goto(f"/mailbox/?recipient={recipient.replace('+', '%2B')}")
    text = tab.locator("article").first.inner_text()
    tab.close()
    return text


def code_in(text: str, digits: int) -> str:
    [code] = re.findall(rf"\b\d{{{digits}}}\b", text.replace(recipient_digits(text), ""))[:1]
    return str(code)


def recipient_digits(text: str) -> str:
    """The line of sender and time, which holds digits too."""
    return text.splitlines()[0]


def sign_in(page: Page) -> int:
    user_id = identity.create_person(
        at=clock.now(), email="olena@example.com", phone=PHONE, password=PASSWORD, surname="Коваль", name="Олена"
    )
    page.goto("/accounts/login/")
    page.get_by_label("Телефон або пошта").fill("(066) 123 45 67")
    page.get_by_label("Пароль").fill(PASSWORD)
    press(page, "Увійти")
    page.wait_for_url("**/homes/")
    return user_id


def newest_key(flat: Premises) -> str:
    period = clock.current_period().previous
    return homes.issue_keys(premises_ids=[flat.pk], period=period, at=clock.now())[flat.pk]


def test_sign_up_by_email_confirm_profile_add_home_pin_key(page: Page, flats: list[Premises]) -> None:
    key = newest_key(flats[0])
    page.goto("/accounts/signup/")
    looks_right(page, "sign-up")
    page.get_by_label("Телефон або пошта").fill("olena@example.com")
    page.get_by_label("Пароль").press_sequentially("вишневий")
    expect(page.locator("li.done")).to_have_count(1)
    page.get_by_label("Пароль").fill(PASSWORD)
    expect(page.locator("li.done")).to_have_count(3)
    press(page, "Створити")
    expect(page.get_by_role("heading", name="Перевірте електронну пошту")).to_be_visible()
    looks_right(page, "sign-up-sent")

    page.goto("/mailbox/")
    looks_right(page, "mailbox")
    page.get_by_role("link", name=re.compile("confirm-email")).first.click()
    looks_right(page, "confirm-email")
    press(page, "Підтвердити пошту")
    page.wait_for_url("**/profile/edit/")
    looks_right(page, "profile-edit")
    page.get_by_label("Прізвище").fill("Коваль")
    page.get_by_label("Імʼя").fill("Олена")
    page.get_by_label("Дата народження").fill("1958-03-05")
    press(page, "Зберегти")
    page.wait_for_url("**/profile/")
    looks_right(page, "profile")

    page.goto("/homes/")
    looks_right(page, "homes-none")
    page.get_by_role("link", name="Додати об'єкт").click()
    looks_right(page, "add-street")
    page.get_by_role("combobox").press_sequentially("сад")
    page.get_by_role("option", name="вул. Садова").click()
    looks_right(page, "add-building")
    page.get_by_label("Номер будинку").select_option(label="6/1")
    press(page, "Далі")
    looks_right(page, "add-flat")
    page.get_by_label("Номер квартири").select_option(label="1")
    press(page, "Додати об'єкт")
    page.wait_for_url("**/pin/")
    looks_right(page, "pin")
    page.get_by_label("Перевірочний код").fill(code_in(mailbox_text(page, "olena@example.com"), 4))
    press(page, "Додати об'єкт")
    page.wait_for_url("**/key/")
    looks_right(page, "key")
    page.get_by_label("Ключ авторизації").fill(key.replace("-", " "))
    press(page, "Відкрити об'єкт")

    page.wait_for_url(re.compile(r"/homes/\d+/$"))
    expect(page.get_by_text("Об'єкт додано.")).to_be_visible()
    page.goto("/homes/")
    expect(page.get_by_role("heading", name="Садова, 6/1, кв. 1")).to_be_visible()
    looks_right(page, "homes")


def test_sign_in_by_phone_code_with_wrong_tries_and_resend(page: Page) -> None:
    identity.create_person(at=clock.now(), phone=PHONE, surname="Коваль", name="Олена")
    page.goto("/accounts/login/")
    looks_right(page, "sign-in")
    page.get_by_role("link", name="Увійти за кодом").click()
    looks_right(page, "sign-in-code")
    page.get_by_label("Телефон або пошта").fill("066 123 45 67")
    press(page, "Надіслати код")
    page.wait_for_url("**/login/code/confirm/")
    looks_right(page, "sign-in-confirm")
    wrong = other(code_in(mailbox_text(page, PHONE), 6))
    page.get_by_label("Код").fill(wrong)
    press(page, "Увійти")
    expect(page.get_by_text("У вас є 2 спроби ввести коректний код.")).to_be_visible()
    looks_right(page, "sign-in-wrong")
    press(page, "Повторити запит")
    expect(page.get_by_text("Новий можна замовити за хвилину")).to_be_visible()
    for _ in range(2):
        page.get_by_label("Код").fill(wrong)
        press(page, "Увійти")
    page.wait_for_url("**/login/code/")
    expect(page.get_by_text("Спроби ввести код вичерпано")).to_be_visible()

    cache.clear()  # a minute passes
    page.get_by_label("Телефон або пошта").fill("066 123 45 67")
    press(page, "Надіслати код")
    first = code_in(mailbox_text(page, PHONE), 6)
    cache.clear()  # and another
    press(page, "Повторити запит")
    expect(page.get_by_text("Надіслано новий код")).to_be_visible()
    second = code_in(mailbox_text(page, PHONE), 6)
    page.get_by_label("Код").fill(second)
    press(page, "Увійти")
    page.wait_for_url("**/homes/")

    assert first != second


def test_stale_key_says_where_the_new_one_is_and_exhausted_tries_block(page: Page, flats: list[Premises]) -> None:
    user_id = sign_in(page)
    home = homes.add_home(user_id=user_id, premises_id=flats[0].pk, at=clock.now())
    pin = code_in(mailbox_text(page, "olena@example.com"), 4)
    homes.confirm_pin(user_id=user_id, home_id=home.id, pin=pin, at=clock.now())
    before_last = clock.current_period().shift(-2)
    stale = homes.issue_keys(premises_ids=[flats[0].pk], period=before_last, at=clock.now())[flats[0].pk]
    newest_key(flats[0])

    page.goto(f"/homes/{home.id}/key/")
    page.get_by_label("Ключ авторизації").fill(stale)
    press(page, "Відкрити об'єкт")
    expect(page.get_by_text("Ключ авторизації не є дійсний.")).to_be_visible()
    looks_right(page, "key-stale")
    for _ in range(5):
        page.get_by_label("Ключ авторизації").fill(newest_key(flats[1]))
        press(page, "Відкрити об'єкт")
    expect(page.get_by_text("Спроби ввести ключ вичерпано")).to_be_visible()
    looks_right(page, "key-blocked")


def test_home_is_renamed_removed_and_brought_back(page: Page, flats: list[Premises]) -> None:
    user_id = sign_in(page)
    homes.add_home(user_id=user_id, premises_id=flats[0].pk, at=clock.now())

    page.goto("/homes/")
    page.get_by_role("link", name="Редагувати об'єкт").click()
    looks_right(page, "home-edit")
    page.get_by_label("Нова назва об'єкту").fill("Мамина квартира")
    press(page, "Зберегти")
    expect(page.get_by_role("heading", name="Мамина квартира")).to_be_visible()
    page.get_by_role("link", name="Редагувати об'єкт").click()
    page.get_by_label("Видалити об'єкт з профілю").check()
    press(page, "Зберегти")
    expect(page.get_by_text("видалено з профілю")).to_be_visible()
    looks_right(page, "home-removed")
    press(page, "Скасувати")
    expect(page.get_by_role("heading", name="Мамина квартира")).to_be_visible()


def test_login_is_edited_in_the_words_of_the_service(page: Page) -> None:
    sign_in(page)

    page.goto("/profile/")
    page.get_by_role("link", name="Редагувати логін").click()
    expect(page.get_by_role("heading", name="Вітаємо на сервісі авторизації!")).to_be_visible()
    looks_right(page, "logins")
    page.get_by_role("link", name="Змінити логін-електронну пошту").click()
    looks_right(page, "change-email")
    page.get_by_role("link", name="Не зараз").click()
    page.get_by_role("link", name="Змінити логін-телефон").click()
    page.get_by_label("Телефон").fill("050 123 45 67")
    page.get_by_label("Ваш теперішній пароль").fill(PASSWORD)
    press(page, "Надіслати код")
    expect(page.get_by_text("На ваш телефон +380 50 123 45 67 відправлено SMS")).to_be_visible()
    looks_right(page, "verify-phone")
    page.get_by_label("Код").fill(code_in(mailbox_text(page, "+380501234567"), 6))
    press(page, "Підтвердити номер телефону")
    expect(page.get_by_text("Телефон підтверджено.")).to_be_visible()
    page.goto("/profile/password/")
    looks_right(page, "change-password")
    page.goto("/accounts/password/reset/")
    looks_right(page, "forgotten")


def test_keyboard_alone_signs_in_and_picks_a_street(page: Page, flats: list[Premises]) -> None:
    identity.create_person(at=clock.now(), email="olena@example.com", password=PASSWORD, surname="Коваль", name="Олена")
    page.goto("/accounts/login/")
    tab_to(page, "Телефон або пошта")
    page.keyboard.type("olena@example.com")
    tab_to(page, "Пароль")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/homes/")
    tab_to(page, "Додати об'єкт")
    page.keyboard.press("Enter")
    page.wait_for_url("**/homes/add/")
    tab_to(page, "Виберіть вулицю")
    page.keyboard.type("сад")
    combobox = page.get_by_role("combobox")
    expect(combobox).to_have_attribute("aria-expanded", "true")
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    expect(combobox).to_have_attribute("aria-activedescendant", re.compile(r"street_\d+"))
    page.keyboard.press("Escape")
    expect(combobox).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**street=*")
    tab_to(page, "Номер будинку")
    page.keyboard.type("6")
    tab_to(page, "Далі")
    page.keyboard.press("Enter")
    page.wait_for_url("**building=*")
    tab_to(page, "Номер квартири")
    page.keyboard.type("2")
    tab_to(page, "Додати об'єкт")
    page.keyboard.press("Enter")

    page.wait_for_url("**/pin/")
    expect(page.get_by_text("кв. 2")).to_be_visible()


def test_everything_works_without_javascript(without_javascript: Page, flats: list[Premises]) -> None:
    page = without_javascript
    key = newest_key(flats[0])
    page.goto("/accounts/signup/")
    page.get_by_label("Телефон або пошта").fill("066 123 45 67")
    page.get_by_label("Пароль").fill(PASSWORD)
    press(page, "Створити")
    page.get_by_label("Код").fill(code_in(mailbox_text(page, PHONE), 6))
    press(page, "Підтвердити номер телефону")
    page.get_by_label("Прізвище").fill("Коваль")
    page.get_by_label("Імʼя").fill("Олена")
    press(page, "Зберегти")
    page.goto("/homes/add/")
    page.get_by_role("link", name="Додати пошту").click()
    page.get_by_role("link", name="Додати логін-електронну пошту").click()
    page.get_by_label("Пошта").fill("olena@example.com")
    page.get_by_label("Ваш теперішній пароль").fill(PASSWORD)
    press(page, "Надіслати лист")
    page.goto("/mailbox/")
    page.get_by_role("link", name=re.compile("confirm-email")).first.click()
    press(page, "Підтвердити пошту")
    page.goto("/homes/add/")
    page.get_by_label("Виберіть вулицю").fill("са")
    press(page, "Знайти вулицю")
    page.get_by_label("вул. Садова").check()
    press(page, "Далі")
    page.get_by_label("Номер будинку").select_option(label="6/1")
    press(page, "Далі")
    page.get_by_label("Номер квартири").select_option(label="1")
    press(page, "Додати об'єкт")
    page.get_by_label("Перевірочний код").fill(code_in(mailbox_text(page, "olena@example.com"), 4))
    press(page, "Додати об'єкт")
    page.get_by_label("Ключ авторизації").fill(key)
    press(page, "Відкрити об'єкт")

    page.wait_for_url(re.compile(r"/homes/\d+/$"))
