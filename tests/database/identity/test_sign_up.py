"""Signing up by e-mail and by phone (features A1, A3)."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from domivka.identity.models import User
from domivka.identity.operations import forget_unconfirmed
from domivka.kernel.models import AuditEntry
from domivka.notifications.models import Message
from tests.database.identity.pages import (
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


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def test_sign_up_by_email_is_complete_after_the_link(client: Client) -> None:
    sent = post(client, "/accounts/signup/", login="Olena@Example.com", password1=PASSWORD)
    before = signed_in_id(client)
    page = client.get(last_link())
    done = post(client, last_link())

    assert "Перейдіть за наданим посиланням для підтвердження пошти" in text_of(sent)
    assert before is None
    assert "olena@example.com – ваша пошта" in text_of(page)
    assert done.redirect_chain[-1][0] == "/profile/edit/"
    assert "Пошту підтверджено" in text_of(done)
    user = User.objects.get()
    assert (user.email, user.phone, signed_in_id(client)) == ("olena@example.com", None, user.pk)
    assert EmailAddress.objects.get().verified
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "identity.signed_up",
        "identity.email_confirmed",
        "identity.signed_in",
    ]


def test_confirming_in_another_browser_does_not_sign_in_there(client: Client) -> None:
    post(client, "/accounts/signup/", login="olena@example.com", password1=PASSWORD)
    elsewhere = Client()

    done = post(elsewhere, last_link())

    assert done.redirect_chain[-1][0] == "/accounts/login/"
    assert signed_in_id(elsewhere) is None
    assert EmailAddress.objects.get().verified


def test_sign_up_by_phone_is_complete_after_the_code(client: Client) -> None:
    asked = post(client, "/accounts/signup/", login="(066) 123 45 67", password1=PASSWORD)
    before = User.objects.get()
    done = post(client, "/accounts/phone/verify/", action="verify", code=f" {last_code()} ")

    assert "На ваш телефон +380 66 123 45 67 відправлено SMS з кодом підтвердження" in text_of(asked)
    assert "У вас є 3 спроби ввести коректний код." in text_of(asked)
    assert (before.phone, before.new_phone) == (None, "+380661234567")
    assert "Телефон підтверджено" in text_of(done)
    user = User.objects.get()
    assert (user.phone, user.new_phone, user.email, signed_in_id(client)) == ("+380661234567", "", None, user.pk)
    assert Message.objects.get().channel == "sms"


def test_three_wrong_codes_end_the_sign_up_and_signing_in_sends_another(client: Client) -> None:
    post(client, "/accounts/signup/", login="0661234567", password1=PASSWORD)
    wrong = other(last_code())

    second = post(client, "/accounts/phone/verify/", action="verify", code=wrong)
    third = post(client, "/accounts/phone/verify/", action="verify", code=wrong)
    ended = post(client, "/accounts/phone/verify/", action="verify", code=wrong)

    assert "У вас є 2 спроби ввести коректний код." in text_of(second)
    assert "У вас є 1 спроба ввести коректний код." in text_of(third)
    assert "Спроби ввести код вичерпано" in text_of(ended)
    assert User.objects.get().phone is None
    assert signed_in_id(client) is None


def test_phone_code_can_be_sent_again_after_a_pause(client: Client) -> None:
    post(client, "/accounts/signup/", login="0661234567", password1=PASSWORD)
    first = last_code()

    too_soon = post(client, "/accounts/phone/verify/", action="resend")
    cache.clear()  # a minute passes
    again = post(client, "/accounts/phone/verify/", action="resend")

    assert "Новий можна замовити за хвилину" in text_of(too_soon)
    assert "У вас є 3 спроби ввести коректний код." in text_of(again)
    assert Message.objects.count() == 2
    assert first != last_code()
    post(client, "/accounts/phone/verify/", action="verify", code=last_code())
    assert User.objects.get().phone == "+380661234567"


def test_known_login_gets_a_letter_and_the_page_tells_nothing(client: Client) -> None:
    make_person("olena@example.com")

    known = post(client, "/accounts/signup/", login="olena@example.com", password1=PASSWORD)
    unknown = post(Client(), "/accounts/signup/", login="petro@example.com", password1=PASSWORD)

    assert text_of(known) == text_of(unknown)
    letters = list(Message.objects.order_by("id").values_list("recipient", "subject"))
    assert letters == [
        ("olena@example.com", "Ви вже маєте обліковий запис"),
        ("petro@example.com", "Підтвердьте пошту"),
    ]


def test_known_phone_gets_an_sms_and_the_page_tells_nothing(client: Client) -> None:
    make_person(email="", phone="+380661234567")

    known = post(client, "/accounts/signup/", login="066 123 45 67", password1=PASSWORD)
    again = post(client, "/accounts/phone/verify/", action="verify", code="123456")

    assert "відправлено SMS з кодом підтвердження" in text_of(known)
    assert "Код неправильний" in text_of(again)
    assert User.objects.count() == 1
    assert "уже зареєстровано" in Message.objects.get().body


def test_number_somebody_merely_typed_stays_free_for_its_owner(client: Client) -> None:
    post(client, "/accounts/signup/", login="0661234567", password1=PASSWORD)
    cache.clear()

    owner = Client()
    post(owner, "/accounts/signup/", login="0661234567", password1="інший Сад 8")
    post(owner, "/accounts/phone/verify/", action="verify", code=last_code())

    assert User.objects.get(phone="+380661234567").pk == signed_in_id(owner)
    stranger = post(Client(), "/accounts/login/", login="0661234567", password=PASSWORD)
    assert "Логін або пароль неправильні" in text_of(stranger)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("короткий", None),
        ("сад7", "8"),
        ("password1", "поширений"),
        ("йцукенгшщз", "легко вгадати"),
        ("Пароль2024", "легко вгадати"),
        ("11111111", "поширений"),
        ("olena@example.com", "схожий"),
        ("ё" * 3 + "Wasser-ок" * 13 + "!" * 9, "задовгий"),
    ],
)
def test_password_rules(client: Client, password: str, words: str | None) -> None:
    answer = post(client, "/accounts/signup/", login="olena@example.com", password1=password)

    if words is None:
        assert User.objects.exists()
    else:
        assert words in text_of(answer)
        assert not User.objects.exists()


@pytest.mark.parametrize("login", ["", "olena", "067123456", "+381671234567", "olena@"])
def test_login_that_is_neither_phone_nor_email_is_explained(client: Client, login: str) -> None:
    answer = post(client, "/accounts/signup/", login=login, password1=PASSWORD)

    assert "Вкажіть телефон або пошту." in text_of(answer) or "Це не схоже ні на телефон" in text_of(answer)
    assert not User.objects.exists()


def test_sign_ups_nobody_confirmed_are_forgotten_after_a_week(client: Client) -> None:
    post(client, "/accounts/signup/", login="olena@example.com", password1=PASSWORD)
    confirmed = make_person("petro@example.com")
    week_later = User.objects.latest("created_at").created_at + dt.timedelta(days=7)

    forgotten = forget_unconfirmed(before=week_later)

    assert forgotten == 1
    assert list(User.objects.values_list("pk", flat=True)) == [confirmed]
