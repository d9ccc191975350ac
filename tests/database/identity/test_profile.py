"""The profile and «Редагувати логін» (feature A2)."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from domivka.identity import access
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel.models import AuditEntry
from domivka.notifications import api as notifications
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


@pytest.fixture
def me(client: Client) -> int:
    cache.clear()
    user_id = make_person()
    post(client, "/accounts/login/", login="olena@example.com", password=PASSWORD)
    return user_id


def test_profile_says_what_is_missing(client: Client, me: int) -> None:
    page = text_of(client.get("/profile/"))

    assert identity.missing_profile_fields(user_id=me) == ("phone", "birth_on")
    assert "У профілі бракує підтверджений телефон дата народження" in page
    assert "Електронна пошта olena@example.com Телефон Немає" in page


def test_personal_data_are_saved_and_audited_without_being_copied(client: Client, me: int) -> None:
    answer = post(
        client,
        "/profile/edit/",
        surname="Ґудзь",
        name="Олена",
        patronymic="Іванівна",
        birth_on="05.03.1958",
        language="uk",
        next="/profile/login/",
    )

    person = identity.person(user_id=me)
    assert answer.redirect_chain[-1][0] == "/profile/login/"
    assert (person.full_name, person.birth_on) == ("Ґудзь Олена Іванівна", dt.date(1958, 3, 5))
    assert AuditEntry.objects.latest("id").action == "identity.profile_saved"
    assert AuditEntry.objects.latest("id").detail == {}


@pytest.mark.parametrize("day", ["1899-12-31", "2999-01-01", "31.02.1958", "учора"])
def test_impossible_birth_date_is_refused(client: Client, me: int, day: str) -> None:
    answer = post(client, "/profile/edit/", surname="Ґудзь", name="Олена", birth_on=day, language="uk")

    assert "Перевірте рік" in text_of(answer) or "Напишіть дату так" in text_of(answer)
    assert identity.person(user_id=me).birth_on is None


def test_language_of_the_profile_is_the_language_of_the_pages(client: Client, me: int) -> None:
    post(client, "/profile/edit/", surname="Koval", name="Olena", birth_on="", language="en")

    assert client.cookies["django_language"].value == "en"
    assert '<html lang="en"' in client.get("/profile/").content.decode()


def test_phone_is_added_after_its_code(client: Client, me: int) -> None:
    before = text_of(client.get("/profile/login/"))
    asked = post(client, "/profile/login/phone/", phone="066 123 45 67", current=PASSWORD)
    wrong = post(client, "/accounts/phone/verify/", action="verify", code=other(last_code()))
    done = post(client, "/accounts/phone/verify/", action="verify", code=last_code())

    assert "Вітаємо на сервісі авторизації!" in before
    assert "Змінити логін-електронну пошту Додати логін-телефон" in before
    assert "На ваш телефон +380 66 123 45 67 відправлено SMS" in text_of(asked)
    assert "У вас є 2 спроби ввести коректний код." in text_of(wrong)
    assert "Тепер ви маєте можливість входити з новим логіном" in text_of(done)
    assert "Змінити логін-телефон" in text_of(done)
    assert identity.person(user_id=me).phone == PHONE


def test_phone_is_changed_only_after_its_code(client: Client, me: int) -> None:
    User.objects.filter(pk=me).update(phone=PHONE)

    post(client, "/profile/login/phone/", phone="050 123 45 67", current=PASSWORD)
    before = identity.person(user_id=me).phone
    post(client, "/accounts/phone/verify/", action="verify", code=last_code())

    assert (before, identity.person(user_id=me).phone) == (PHONE, "+380501234567")


def test_three_wrong_codes_leave_the_phone_as_it_was(client: Client, me: int) -> None:
    post(client, "/profile/login/phone/", phone="050 123 45 67", current=PASSWORD)
    code = last_code()
    for _ in range(3):
        ended = post(client, "/accounts/phone/verify/", action="verify", code=other(code))

    late = post(client, "/accounts/phone/verify/", action="verify", code=code)

    assert "Спроби ввести код вичерпано" in text_of(ended)
    assert late.redirect_chain[-1][0] == "/profile/login/phone/"
    assert identity.person(user_id=me).phone == ""


def test_phone_of_another_person_cannot_be_taken(client: Client, me: int) -> None:
    make_person("petro@example.com", phone=PHONE)

    asked = post(client, "/profile/login/phone/", phone=PHONE, current=PASSWORD)
    answer = post(client, "/accounts/phone/verify/", action="verify", code=last_code())

    assert "відправлено SMS" in text_of(asked)
    assert "Цей логін уже використовує інший обліковий запис." in text_of(answer)
    assert identity.person(user_id=me).phone == ""


def test_phone_confirmed_by_another_at_the_last_moment_is_refused_kindly(
    client: Client, me: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, "/profile/login/phone/", phone=PHONE, current=PASSWORD)
    make_person("petro@example.com", phone=PHONE)
    monkeypatch.setattr("allauth.account.forms.phone_already_exists", lambda *args, **kwargs: False)  # it was free then

    answer = post(client, "/accounts/phone/verify/", action="verify", code=last_code())

    assert "Цей логін уже використовує інший обліковий запис." in text_of(answer)
    assert identity.person(user_id=me).phone == ""


def test_email_is_changed_only_after_its_link(client: Client, me: int) -> None:
    asked = post(client, "/profile/login/email/", email="nova@example.com", current=PASSWORD)
    before = identity.person(user_id=me).email
    waiting = text_of(client.get("/profile/login/"))
    done = post(client, last_link())

    assert "На адресу nova@example.com було відправлено повідомлення" in text_of(asked)
    assert before == "olena@example.com"
    assert "Доти діє попередній логін" in waiting
    assert "Пошту підтверджено" in text_of(done)
    assert identity.person(user_id=me).email == "nova@example.com"
    assert User.objects.get(pk=me).email == "nova@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("nova@example.com", True)]


def test_email_somebody_merely_typed_stays_free_for_its_owner(client: Client, me: int) -> None:
    post(Client(), "/accounts/signup/", login="nova@example.com", password1=PASSWORD)
    cache.clear()

    post(client, "/profile/login/email/", email="nova@example.com", current=PASSWORD)
    done = post(client, last_link())

    assert "Пошту підтверджено" in text_of(done)
    assert identity.person(user_id=me).email == "nova@example.com"
    assert list(User.objects.exclude(pk=me).values_list("email", flat=True)) == [None]


def test_whoever_loses_a_login_or_password_is_told(client: Client, me: int) -> None:
    User.objects.filter(pk=me).update(phone=PHONE)
    post(client, "/profile/login/phone/", phone="050 123 45 67", current=PASSWORD)
    post(client, "/accounts/phone/verify/", action="verify", code=last_code())
    post(client, "/profile/password/", password1="Нова кімната 9", current=PASSWORD)
    post(client, "/profile/login/email/", email="nova@example.com", current="Нова кімната 9")
    post(client, last_link())

    told = Message.objects.filter(template__in=["identity.notice", "identity.farewell"]).order_by("id")

    assert list(told.values_list("channel", "recipient", "subject")) == [
        ("sms", PHONE, ""),
        ("email", "olena@example.com", "Пароль змінено"),
        ("email", "olena@example.com", "Логін змінено"),
    ]
    assert all("Якщо це були не ви" in message.body for message in told)


def test_log_forgets_an_old_login_but_not_what_still_waits_to_be_sent(client: Client, me: int) -> None:
    for subject in ("Рахунок", "Пароль змінено"):
        notifications.send_email(to="olena@example.com", template="test", subject=subject, body="…", at=AT)
    Message.objects.filter(subject="Рахунок").update(state="sent")

    post(client, "/profile/login/email/", email="nova@example.com", current=PASSWORD)
    post(client, last_link())

    left = Message.objects.filter(recipient="olena@example.com").order_by("pk").values_list("subject", "template")
    assert list(left) == [("Пароль змінено", "test"), ("Логін змінено", "identity.farewell")]


def test_email_of_another_person_gets_a_letter_and_the_page_tells_nothing(client: Client, me: int) -> None:
    make_person("petro@example.com")

    known = post(client, "/profile/login/email/", email="petro@example.com", current=PASSWORD)
    unknown = post(client, "/profile/login/email/", email="nova@example.com", current=PASSWORD)

    assert text_of(known).replace("petro@", "nova@") == text_of(unknown)
    assert Message.objects.get(recipient="petro@example.com").subject == "Ви вже маєте обліковий запис"
    assert identity.person(user_id=me).email == "olena@example.com"


@pytest.mark.parametrize("path", ["/profile/login/email/", "/profile/login/phone/", "/profile/password/"])
def test_changes_of_a_login_need_the_password(client: Client, me: int, path: str) -> None:
    data = {"email": "nova@example.com", "phone": PHONE, "password1": "Нова кімната 9"}

    wrong = client.post(path, {**data, "current": "не той"})
    none = client.post(path, data)

    assert "Пароль неправильний." in text_of(wrong)
    assert none.status_code == 200
    assert not Message.objects.exists()
    assert User.objects.get(pk=me).check_password(PASSWORD)


def test_password_tries_in_the_profile_run_out(client: Client, me: int) -> None:
    for _ in range(5):
        post(client, "/profile/password/", password1="Нова кімната 9", current="не той")

    answer = post(client, "/profile/password/", password1="Нова кімната 9", current=PASSWORD)

    assert "Забагато спроб" in text_of(answer)
    assert User.objects.get(pk=me).check_password(PASSWORD)


def test_new_password_signs_other_devices_out(client: Client, me: int) -> None:
    phone = Client()
    post(phone, "/accounts/login/", login="olena@example.com", password=PASSWORD)

    post(client, "/profile/password/", password1="Нова кімната 9", current=PASSWORD)

    assert client.get("/profile/").status_code == 200
    assert phone.get("/profile/").status_code == 302


def test_whoever_signed_in_by_code_sets_a_password_without_the_old_one(client: Client) -> None:
    cache.clear()
    user_id = make_person(phone=PHONE)
    post(client, "/accounts/login/code/", login=PHONE)
    post(client, "/accounts/login/code/confirm/", action="verify", code=last_code())

    post(client, "/profile/password/", password1="Нова кімната 9")

    assert User.objects.get(pk=user_id).check_password("Нова кімната 9")
    assert signed_in_id(client) == user_id


def test_sign_out_elsewhere_keeps_only_this_device(client: Client, me: int) -> None:
    phone = Client()
    post(phone, "/accounts/login/", login="olena@example.com", password=PASSWORD)

    post(client, "/profile/sign-out-elsewhere/")

    assert client.get("/profile/").status_code == 200
    assert phone.get("/profile/").status_code == 302


def test_sign_out_ends_the_session(client: Client, me: int) -> None:
    post(client, "/accounts/logout/")

    assert signed_in_id(client) is None
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/profile/", "/profile/edit/", "/profile/login/", "/profile/login/email/", "/profile/password/"]
)
def test_profile_asks_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_roles_are_granted_once_revoked_at_once_and_audited() -> None:
    user_id = make_person()
    for _ in range(2):
        identity.grant_role(user_id=user_id, role=Role.PROVIDER, scope_id=7, at=AT, actor_id=None)
    held = identity.roles_of(user_id=user_id)
    identity.revoke_role(user_id=user_id, role=Role.PROVIDER, scope_id=7, at=AT, actor_id=None)

    assert held == [(Role.PROVIDER, 7)]
    assert identity.roles_of(user_id=user_id) == []
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "identity.created",
        "identity.role_granted",
        "identity.role_revoked",
    ]


def test_roles_are_asked_of_the_database_once_a_request(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user_id = make_person()
    identity.grant_role(user_id=user_id, role=Role.PROVIDER, scope_id=7, at=AT, actor_id=None)
    identity.grant_role(user_id=user_id, role=Role.AUTHORITY, scope_id=3, at=AT, actor_id=None)
    user = User.objects.get(pk=user_id)

    with django_assert_num_queries(1):
        found = (access.scopes(user, Role.PROVIDER), access.scopes(user, Role.AUTHORITY), access.is_staff(user))

    assert found == (frozenset({7}), frozenset({3}), True)


def test_same_login_cannot_be_given_to_two_people() -> None:
    make_person(phone=PHONE)

    with pytest.raises(identity.LoginTaken):
        make_person("OLENA@example.com")
    with pytest.raises(identity.LoginTaken):
        make_person("petro@example.com", phone=PHONE)
    with pytest.raises(identity.NoLogin):
        make_person(email="")
