"""Sharing a home by its pages, without scripts."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django import Settings

from domivka.homes import api as homes
from domivka.homes.api import Stage
from domivka.homes.models import Home, HomeShare
from domivka.identity.api import User, create_person
from domivka.notifications.models import Message
from tests.database.homes.town import AT, make_person, make_town

pytestmark = pytest.mark.django_db

OLIA = "olia@example.com"
FORM = {"name": "донька Оля", "contact": "Olia@Example.com", "readings": "on", "term": "half_year"}


@pytest.fixture(autouse=True)
def now(settings: Settings) -> None:
    settings.FROZEN_NOW = AT


@pytest.fixture
def home_id() -> int:
    return homes.grant_home(user_id=make_person(), premises_id=make_town()[0].pk, at=AT, actor_id=None).id


def client_of(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


@pytest.fixture
def owner(home_id: int) -> Client:
    return client_of("olena@example.com")


def link_of_the_letter() -> str:
    found = re.search(r"/invitations/[\w-]+/", Message.objects.filter(template="homes.invitation").latest("pk").body)
    assert found is not None
    return found[0]


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_from_an_invitation_to_a_shared_home_and_back(owner: Client, home_id: int) -> None:
    assert owner.post(f"/homes/{home_id}/helpers/invite/", FORM).headers["Location"] == f"/homes/{home_id}/helpers/"
    assert "чекаємо на відповідь" in page(owner, f"/homes/{home_id}/helpers/")
    link = link_of_the_letter()

    before = page(Client(), link)
    assert "Олена К. ділиться з вами доступом" in before
    assert "o***@example.com" in before
    assert "Садова" not in before
    assert f"/accounts/signup/?next={link.replace('/', '%2F')}" in before

    create_person(at=AT, email=OLIA, surname="Коваль", name="Ольга")
    olia = client_of(OLIA)
    assert "вул. Садова" in page(olia, link)
    answer = olia.post(f"{link}answer/", {"answer": "accept", "label": "оселя мами"})
    assert answer.headers["Location"] == f"/homes/{home_id}/"
    assert "оселя мами (ви помічник)" in page(olia, f"/homes/{home_id}/readings/")
    assert olia.get(link).headers["Location"] == f"/homes/{home_id}/"
    assert "Це запрошення вже не діє" in page(Client(), link, 410)

    share_id = HomeShare.objects.get().pk
    owners_page = page(owner, f"/homes/{home_id}/helpers/{share_id}/")
    assert "має доступ" in owners_page
    assert "Відкрито сторінки оселі" in owners_page
    owner.post(f"/homes/{home_id}/helpers/{share_id}/revoke/")

    assert olia.get(f"/homes/{home_id}/").status_code == 404
    assert "доступ відкликано" in page(owner, f"/homes/{home_id}/helpers/")


def test_lost_letter_is_sent_again_from_the_page(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    first, lost = HomeShare.objects.get(), link_of_the_letter()
    assert "Надіслати ще раз" in page(owner, f"/homes/{home_id}/helpers/{first.pk}/")

    answer = owner.post(f"/homes/{home_id}/helpers/{first.pk}/again/")
    pressed_twice = owner.post(f"/homes/{home_id}/helpers/{first.pk}/again/", follow=True)

    second = HomeShare.objects.latest("pk")
    assert answer.headers["Location"] == f"/homes/{home_id}/helpers/{second.pk}/"
    assert link_of_the_letter() != lost
    page(Client(), lost, 410)
    assert "Надіслати ще раз" not in page(owner, f"/homes/{home_id}/helpers/{first.pk}/")
    assert HomeShare.objects.count() == 2
    assert "Цей доступ уже закінчився" in pressed_twice.content.decode()


def test_link_followed_by_a_mail_program_answers_nothing(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    link = link_of_the_letter()

    answers = [Client().get(link), Client().post(f"{link}answer/", {"answer": "accept"})]

    assert [answer.status_code for answer in answers] == [200, 302]
    assert answers[1].headers["Location"].startswith("/accounts/login/")
    assert answers[0].headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answers[0].headers["Cache-Control"]
    assert HomeShare.objects.get().state == "invited"


def test_invitation_in_another_account_says_what_to_do(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    make_person("taras@example.com")
    taras, link = client_of("taras@example.com"), link_of_the_letter()

    shown = page(taras, link)
    taras.post(f"{link}answer/", {"answer": "accept"})

    assert "Запрошення не на вашу адресу" in shown
    assert "Садова" not in shown
    assert HomeShare.objects.get().state == "invited"
    assert taras.get(f"/homes/{home_id}/").status_code == 404


def test_accept_pressed_twice_is_accepted_once_and_says_nothing_wrong(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    create_person(at=AT, email=OLIA, surname="Коваль", name="Ольга")
    olia, link = client_of(OLIA), link_of_the_letter()

    olia.post(f"{link}answer/", {"answer": "accept", "label": ""})
    second = olia.post(f"{link}answer/", {"answer": "accept", "label": ""}, follow=True)

    assert second.redirect_chain == [(f"/homes/{home_id}/", 302)]
    assert "Ви тепер допомагаєте з цією оселею." in second.content.decode()
    assert "вже не діє" not in second.content.decode()


@pytest.mark.parametrize("over", ["time", "home"])
def test_link_says_when_access_is_over(owner: Client, home_id: int, over: str) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    create_person(at=AT, email=OLIA, surname="Коваль", name="Ольга")
    olia, link = client_of(OLIA), link_of_the_letter()
    olia.post(f"{link}answer/", {"answer": "accept", "label": ""})

    if over == "time":
        HomeShare.objects.update(expires_at=AT)
    else:
        Home.objects.update(state=Home.State.LOCKED)

    assert "Це запрошення вже не діє" in page(olia, link, 410)


def test_declined_by_a_button(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    create_person(at=AT, email=OLIA, surname="Коваль", name="Ольга")

    client_of(OLIA).post(f"{link_of_the_letter()}answer/", {"answer": "decline"})

    assert HomeShare.objects.get().state == "declined"


def test_made_up_link_is_not_found() -> None:
    assert Client().get("/invitations/made-up/").status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Напишіть, як називати помічника."),
        ({"contact": "оля"}, "Це не схоже ні на телефон, ні на пошту."),
        ({"contact": "olena@example.com"}, "Це ваша власна адреса."),
        ({"term": "ten_years"}, "errorlist"),
    ],
)
def test_invitation_that_cannot_be_sent_says_why(
    owner: Client, home_id: int, change: dict[str, str], words: str
) -> None:
    answer = owner.post(f"/homes/{home_id}/helpers/invite/", FORM | change)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not HomeShare.objects.exists()
    assert not Message.objects.exists()


def test_term_is_half_a_year_unless_another_is_chosen(owner: Client, home_id: int) -> None:
    shown = page(owner, f"/homes/{home_id}/helpers/invite/")

    assert re.search(r'value="half_year"[^>]*checked', shown)
    assert "на пів року, до 21.05.2027" in shown
    assert "на рік, до 21.11.2027" in shown


def test_owner_changes_rights_and_keeps_the_day(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM | {"term": "week"})
    share_id = HomeShare.objects.get().pk

    owner.post(f"/homes/{home_id}/helpers/{share_id}/", {"pays": "on", "term": ""})

    share = homes.share_of(home_id=home_id, share_id=share_id, at=AT)
    assert (share.may_send_readings, share.may_pay) == (False, True)
    assert share.last_day == dt.date(2026, 11, 28)


def test_share_of_another_home_is_not_found(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    share_id = HomeShare.objects.get().pk
    other = make_person("other@example.com")
    flat = HomeShare.objects.get().home.premises.building.premises_set.order_by("pk")[3]
    own = homes.grant_home(user_id=other, premises_id=flat.pk, at=AT, actor_id=None)
    client = client_of("other@example.com")

    statuses = [
        client.get(f"/homes/{own.id}/helpers/{share_id}/").status_code,
        client.post(f"/homes/{own.id}/helpers/{share_id}/revoke/").status_code,
    ]

    assert statuses == [404, 404]
    assert homes.share_of(home_id=home_id, share_id=share_id, at=AT).stage is Stage.INVITED


def test_helper_renames_the_home_for_themselves_and_leaves(owner: Client, home_id: int) -> None:
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    create_person(at=AT, email=OLIA, surname="Коваль", name="Ольга")
    olia = client_of(OLIA)
    olia.post(f"{link_of_the_letter()}answer/", {"answer": "accept", "label": ""})

    olia.post(f"/homes/{home_id}/access/", {"label": "мамина"})
    shown = page(olia, f"/homes/{home_id}/access/")
    olia.post(f"/homes/{home_id}/access/leave/")

    assert "мамина (ви помічник)" in shown
    assert "до 21.05.2027 включно" in shown
    assert olia.get(f"/homes/{home_id}/").status_code == 404
    assert "помічник відмовився сам" in page(owner, f"/homes/{home_id}/helpers/")


def test_pages_speak_english(owner: Client, home_id: int) -> None:
    owner.cookies["django_language"] = "en"
    owner.post(f"/homes/{home_id}/helpers/invite/", FORM)
    share_id = HomeShare.objects.get().pk

    for path in ("helpers/", "helpers/invite/", f"helpers/{share_id}/"):
        shown = page(owner, f"/homes/{home_id}/{path}")
        main = shown[shown.index("<main") : shown.index("</main>")]
        for own in ("донька Оля", "Вишнівка, вул. Садова, буд. 6/1, кв. 1", "Садова, 6/1, кв. 1"):
            main = main.replace(own, "")
        assert re.findall(r"[а-яіїєґ]{3,}", main) == []
