"""Signing in by password, code and link; forgotten password (features A1, A3, A5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.notifications.models import Message
from tests.database.identity.pages import (
    AT,
    PASSWORD,
    last_code,
    last_link,
    make_person,
    other,
    post,
    signed_in_id,
    text_of,
)

pytestmark = pytest.mark.django_db
PHONE = "+380661234567"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.mark.parametrize("login", ["olena@example.com", " Olena@Example.com ", "066 123 45 67", "+38 (066) 123-45-67"])
def test_phone_or_email_with_password_signs_in(client: Client, login: str) -> None:
    user_id = make_person(phone=PHONE)

    post(client, "/accounts/login/", login=login, password=PASSWORD)

    assert signed_in_id(client) == user_id


@pytest.mark.parametrize("login", ["olena@example.com", "petro@example.com", "0661234567", "0501234567"])
def test_wrong_password_and_unknown_login_read_the_same(client: Client, login: str) -> None:
    make_person(phone=PHONE)

    answer = post(client, "/accounts/login/", login=login, password="не той пароль")

    assert "Логін або пароль неправильні." in text_of(answer)
    assert signed_in_id(client) is None


def test_wrong_tries_of_one_phone_do_not_stop_another(client: Client) -> None:
    make_person(email="", phone=PHONE)
    other_id = make_person(email="", phone="+380501234567")
    for _ in range(5):
        post(client, "/accounts/login/", login=PHONE, password="не той")

    stopped = post(client, "/accounts/login/", login="066 123 45 67", password=PASSWORD)
    post(client, "/accounts/login/", login="+380501234567", password=PASSWORD)

    assert "Забагато спроб" in text_of(stopped)
    assert signed_in_id(client) == other_id


def test_email_not_confirmed_cannot_sign_in_and_gets_another_letter(client: Client) -> None:
    post(client, "/accounts/signup/", login="olena@example.com", password1=PASSWORD)
    cache.clear()

    answer = post(Client(), "/accounts/login/", login="olena@example.com", password=PASSWORD)

    assert "Перевірте електронну пошту" in text_of(answer)
    assert Message.objects.count() == 2


def test_code_by_sms_signs_in(client: Client) -> None:
    user_id = make_person(phone=PHONE)

    asked = post(client, "/accounts/login/code/", login="066 123 45 67")
    post(client, "/accounts/login/code/confirm/", action="verify", code=last_code())

    assert "Якщо номер +380 66 123 45 67 зареєстровано, на нього відправлено SMS з кодом." in text_of(asked)
    assert Message.objects.get().recipient == PHONE
    assert signed_in_id(client) == user_id


def test_code_by_email_signs_in(client: Client) -> None:
    user_id = make_person()

    post(client, "/accounts/login/code/", login="olena@example.com")
    post(client, "/accounts/login/code/confirm/", action="verify", code=last_code())

    assert signed_in_id(client) == user_id


def test_link_signs_in_on_another_device_once(client: Client) -> None:
    user_id = make_person()
    post(client, "/accounts/login/code/", login="olena@example.com")
    link = last_link()
    phone, third = Client(), Client()

    opened = phone.get(link)
    scanner = signed_in_id(phone)
    post(phone, link)
    again = third.get(link)

    assert "Увійти до кабінету як olena@example.com?" in text_of(opened)
    assert scanner is None
    assert signed_in_id(phone) == user_id
    assert (again.status_code, "Посилання вже не діє" in text_of(again)) == (410, True)


def test_forged_link_does_not_sign_in(client: Client) -> None:
    make_person()
    post(client, "/accounts/login/code/", login="olena@example.com")

    answer = client.post(last_link()[:-4] + "abc/")

    assert answer.status_code == 410
    assert signed_in_id(client) is None


def test_three_wrong_codes_need_a_new_one(client: Client) -> None:
    make_person(phone=PHONE)
    post(client, "/accounts/login/code/", login=PHONE)
    code = last_code()

    first = post(client, "/accounts/login/code/confirm/", action="verify", code=other(code))
    post(client, "/accounts/login/code/confirm/", action="verify", code="")
    ended = post(client, "/accounts/login/code/confirm/", action="verify", code="abcdef")
    post(client, "/accounts/login/code/confirm/", action="verify", code=code)

    assert "Код неправильний" in text_of(first)
    assert "У вас є 2 спроби ввести коректний код." in text_of(first)
    assert "Спроби ввести код вичерпано. Замовте новий код." in text_of(ended)
    assert signed_in_id(client) is None


def test_code_can_be_sent_again_after_a_pause_with_new_tries(client: Client) -> None:
    user_id = make_person(phone=PHONE)
    post(client, "/accounts/login/code/", login=PHONE)
    first = last_code()
    post(client, "/accounts/login/code/confirm/", action="verify", code=other(first))

    too_soon = post(client, "/accounts/login/code/confirm/", action="resend")
    cache.clear()  # a minute passes
    again = post(client, "/accounts/login/code/confirm/", action="resend")
    post(client, "/accounts/login/code/confirm/", action="verify", code=last_code())

    assert "Новий можна замовити за хвилину" in text_of(too_soon)
    assert "Надіслано новий код" in text_of(again)
    assert "У вас є 3 спроби ввести коректний код." in text_of(again)
    assert signed_in_id(client) == user_id


@pytest.mark.parametrize(("known", "unknown"), [(PHONE, "+380501234567"), ("olena@example.com", "petro@example.com")])
def test_code_for_an_unknown_login_reads_the_same(known: str, unknown: str) -> None:
    make_person(phone=PHONE)
    pages = []
    for login in (known, unknown):
        client = Client()
        asked = text_of(post(client, "/accounts/login/code/", login=login))
        cache.clear()
        again = text_of(post(client, "/accounts/login/code/confirm/", action="resend"))
        wrong = text_of(post(client, "/accounts/login/code/confirm/", action="verify", code="000000"))
        shown = identity.shown_phone(login).replace("\u00a0", " ") if login.startswith("+") else login
        pages.append([page.replace(shown, "…") for page in (asked, again, wrong)])

    assert pages[0] == pages[1]


def test_code_goes_only_to_a_confirmed_email(client: Client) -> None:
    post(Client(), "/accounts/signup/", login="olena@example.com", password1=PASSWORD)
    cache.clear()

    post(client, "/accounts/login/code/", login="olena@example.com")

    assert Message.objects.latest("id").subject == "Обліковий запис не знайдено"


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_of_a_code_cannot_exceed_three() -> None:
    make_person(phone=PHONE)
    cache.clear()
    client = Client()
    post(client, "/accounts/login/code/", login=PHONE)
    code = last_code()
    guesses = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 12)]

    def guess(text: str) -> None:
        twin = Client()
        twin.cookies = client.cookies
        twin.post("/accounts/login/code/confirm/", {"action": "verify", "code": text})
        connection.close()

    with ThreadPoolExecutor(11) as threads:
        list(threads.map(guess, guesses))
    post(client, "/accounts/login/code/confirm/", action="verify", code=code)

    assert signed_in_id(client) is None


def test_forgotten_password_is_set_by_the_link(client: Client) -> None:
    user_id = make_person()
    asked = post(client, "/accounts/password/reset/", email="olena@example.com")
    link = last_link()
    form = client.get(link, follow=True)
    weak = post(client, form.redirect_chain[-1][0], password1="12345678")
    done = post(client, form.redirect_chain[-1][0], password1="Нова кімната 9")
    again = client.get(link, follow=True)
    post(client, "/accounts/login/", login="olena@example.com", password="Нова кімната 9")

    assert "Якщо таку пошту зареєстровано" in text_of(asked)
    assert "поширений" in text_of(weak)
    assert "Увійдіть з новим паролем" in text_of(done)
    assert "Посилання вже не діє" in text_of(again)
    assert signed_in_id(client) == user_id


def test_forgotten_password_of_an_unknown_email_reads_the_same(client: Client) -> None:
    make_person()

    known = post(client, "/accounts/password/reset/", email="olena@example.com")
    unknown = post(client, "/accounts/password/reset/", email="petro@example.com")

    assert text_of(known) == text_of(unknown)


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.AUTHORITY, Role.OPERATOR])
def test_staff_land_on_their_pages(client: Client, role: Role) -> None:
    user_id = make_person()
    identity.grant_role(user_id=user_id, role=role, scope_id=None if role == Role.OPERATOR else 7, at=AT, actor_id=None)

    answer = client.post("/accounts/login/", {"login": "olena@example.com", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/staff/")


def test_next_page_is_kept_but_never_leads_elsewhere(client: Client) -> None:
    make_person()

    here = client.post(
        "/accounts/login/", {"login": "olena@example.com", "password": PASSWORD, "next": "/profile/login/"}
    )
    client.logout()
    elsewhere = client.post(
        "/accounts/login/", {"login": "olena@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert (here["Location"], elsewhere["Location"]) == ("/profile/login/", "/")


def test_person_without_email_needs_none_to_sign_in(client: Client) -> None:
    user_id = make_person(email="", phone=PHONE)

    post(client, "/accounts/login/", login=PHONE, password=PASSWORD)

    assert signed_in_id(client) == user_id
    assert not EmailAddress.objects.exists()


def test_disabled_person_cannot_sign_in(client: Client) -> None:
    user_id = make_person(phone=PHONE)
    User.objects.filter(pk=user_id).update(is_active=False)

    by_password = post(client, "/accounts/login/", login=PHONE, password=PASSWORD)
    post(client, "/accounts/login/code/", login=PHONE)

    assert "Обліковий запис вимкнено" in text_of(by_password)
    assert not Message.objects.exists()
    assert signed_in_id(client) is None
