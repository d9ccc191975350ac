"""Pages of homes: the way from an address to an open home, and everything that can go wrong on it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from domivka.homes import api as homes
from domivka.homes.models import Home, HomePin
from domivka.identity.models import User
from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.registry.models import Premises, Street, StreetName
from tests.database.homes.test_key import wrong_key
from tests.database.homes.test_pin import other, sent_pin
from tests.database.homes.town import AT, make_person, make_town
from tests.database.identity.pages import post, text_of

pytestmark = pytest.mark.django_db
OCTOBER = Period(202610)


@pytest.fixture
def flats() -> list[Premises]:
    return make_town()


@pytest.fixture
def me(client: Client) -> int:
    user_id = make_person()
    client.force_login(User.objects.get(pk=user_id))
    return user_id


def add(client: Client, flat: Premises) -> int:
    client.post("/homes/add/", {"premises": flat.pk})
    return Home.objects.latest("id").pk


def lock(home_id: int) -> None:
    HomePin.objects.filter(home_id=home_id).delete()
    Home.objects.filter(pk=home_id).update(state=Home.State.LOCKED)


def test_way_from_an_address_to_an_open_home_without_scripts(client: Client, me: int, flats: list[Premises]) -> None:
    street = flats[0].building.street
    key = homes.issue_keys(premises_ids=[flats[0].pk], period=OCTOBER, at=AT)[flats[0].pk]

    empty = client.get("/homes/")
    start = client.get("/homes/add/")
    found = client.get("/homes/add/", {"town": str(street.town_id), "q": "сад"})
    building = client.get("/homes/add/", {"town": str(street.town_id), "q": "сад", "street": str(street.pk)})
    flat = client.get(
        "/homes/add/", {"town": str(street.town_id), "street": str(street.pk), "building": str(flats[0].building_id)}
    )
    code = post(client, "/homes/add/", premises=flats[0].pk)
    home_id = Home.objects.get().pk
    asks_key = post(client, f"/homes/{home_id}/pin/", pin=sent_pin())
    client.post(f"/homes/{home_id}/key/", {"key": key})

    assert "Тут будуть ваші оселі" in text_of(empty)
    assert "Введіть перші літери вулиці та обов'язково виберіть її зі списку" in text_of(start).replace("&#x27;", "'")
    assert f'<input type="radio" name="street" value="{street.pk}">' in found.content.decode()
    assert f'<option value="{flats[0].building_id}">6/1</option>' in building.content.decode()
    assert f'<option value="{flats[0].pk}">1</option>' in flat.content.decode()
    assert code.redirect_chain[-1][0] == f"/homes/{home_id}/pin/"
    assert "На пошту olena@example.com надіслано код" in text_of(code)
    assert asks_key.redirect_chain[-1][0] == f"/homes/{home_id}/key/"
    assert homes.home_for(user_id=me, home_id=home_id).is_open


def test_street_nobody_knows_is_explained(client: Client, me: int, flats: list[Premises]) -> None:
    answer = client.get("/homes/add/", {"q": "Неіснуюча"})

    assert "Такої вулиці не знайдено" in text_of(answer)


def test_streets_while_typing_are_options_of_a_list(client: Client, me: int, flats: list[Premises]) -> None:
    street = flats[0].building.street

    answer = client.get("/homes/add/streets/", {"town": str(street.town_id), "q": "сад"})

    assert answer.content.decode().strip() == (
        f'<li role="option" id="street_{street.pk}" data-value="{street.pk}" aria-selected="false">вул. Садова</li>'
    )


@pytest.mark.parametrize(
    "text", ["Мар", "мар'ян", "МАРʼЯ", "Мар`янівська", "мaр'ян", "вул. Мар’ян", "леніна", "Лєніна", "Лен"]
)
def test_street_is_found_by_old_name_look_alike_letters_and_any_apostrophe(
    client: Client, me: int, flats: list[Premises], text: str
) -> None:
    town = flats[0].town
    street = Street.objects.create(town=town, kind="вул.", name="Мар'янівська")
    StreetName.objects.create(street=street, kind="вул.", name="Мар'янівська", key="марянівська")
    StreetName.objects.create(street=street, kind="вул.", name="Леніна", key="леніна", valid_to=dt.date(2016, 2, 19))

    answer = client.get("/homes/add/", {"town": str(town.pk), "q": text})

    assert f'<input type="radio" name="street" value="{street.pk}">' in answer.content.decode()


@pytest.mark.parametrize("query", ["street=999999", "street=abc", "town=999999", "building=5"])
def test_address_that_was_not_picked_from_the_list_starts_again_or_is_not_found(
    client: Client, me: int, flats: list[Premises], query: str
) -> None:
    answer = client.get(f"/homes/add/?{query}")

    assert answer.status_code == (404 if query == "street=999999" else 200)


def test_building_of_another_street_is_not_found(client: Client, me: int, flats: list[Premises]) -> None:
    street = flats[0].building.street

    answer = client.get("/homes/add/", {"town": str(street.town_id), "street": str(street.pk), "building": "999999"})

    assert answer.status_code == 404


def test_profile_without_a_name_is_filled_first(client: Client, me: int, flats: list[Premises]) -> None:
    User.objects.filter(pk=me).update(name="", surname="")

    answer = client.get("/homes/add/")
    refused = post(client, "/homes/add/", premises=flats[0].pk)

    assert "прізвище" in text_of(answer)
    assert "/profile/edit/?next=/homes/add/" in answer.content.decode()
    assert "Спершу заповніть профіль" in text_of(refused)
    assert not Home.objects.exists()


def test_fifth_home_is_refused_with_the_reason(client: Client, me: int, flats: list[Premises]) -> None:
    for flat in flats[:4]:
        add(client, flat)

    page = client.get("/homes/")
    asked = client.get("/homes/add/", follow=True)
    answer = post(client, "/homes/add/", premises=flats[4].pk)

    assert "4 із 4" in text_of(page)
    assert "не більше ніж 4" in text_of(asked)
    assert "не більше ніж 4" in text_of(answer)
    assert Home.objects.count() == 4


def test_wrong_pin_and_exhausted_pin_on_the_page(client: Client, me: int, flats: list[Premises]) -> None:
    home_id = add(client, flats[0])
    wrong = other(sent_pin())

    first = post(client, f"/homes/{home_id}/pin/", pin=wrong)
    post(client, f"/homes/{home_id}/pin/", pin=wrong)
    third = post(client, f"/homes/{home_id}/pin/", pin=wrong)
    too_soon = post(client, f"/homes/{home_id}/pin/", action="resend")
    HomePin.objects.update(sent_at=clock.now() - dt.timedelta(minutes=2))
    again = post(client, f"/homes/{home_id}/pin/", action="resend")

    assert "Перевірочний код неправильний" in text_of(first)
    assert "У вас є 2 спроби ввести код." in text_of(first)
    assert "Спроби ввести код вичерпано" in text_of(third)
    assert "Замовте новий" in text_of(third)
    assert "Новий можна замовити через" in text_of(too_soon)
    assert "Надіслано новий код" in text_of(again)
    assert "У вас є 3 спроби ввести код." in text_of(again)


def test_expired_pin_on_the_page(client: Client, me: int, flats: list[Premises]) -> None:
    home_id = add(client, flats[0])
    HomePin.objects.update(expires_at=clock.now() - dt.timedelta(seconds=1))

    answer = post(client, f"/homes/{home_id}/pin/", pin=sent_pin())

    assert "Час дії перевірочного коду минув" in text_of(answer)


def test_each_wrong_key_has_its_own_words_on_the_page(client: Client, me: int, flats: list[Premises]) -> None:
    home_id = add(client, flats[0])
    lock(home_id)
    none_yet = post(client, f"/homes/{home_id}/key/", key=wrong_key())
    stale_key = homes.issue_keys(premises_ids=[flats[0].pk], period=OCTOBER.previous, at=AT)[flats[0].pk]
    homes.issue_keys(premises_ids=[flats[0].pk], period=OCTOBER, at=AT)

    empty = post(client, f"/homes/{home_id}/key/", key="")
    mistyped = post(client, f"/homes/{home_id}/key/", key="1234")
    stale = post(client, f"/homes/{home_id}/key/", key=stale_key)
    wrong = post(client, f"/homes/{home_id}/key/", key=wrong_key())
    for n in range(1, 5):
        blocked = post(client, f"/homes/{home_id}/key/", key=wrong_key(n))

    assert "ще не надруковано" in text_of(none_yet)
    assert "Введіть ключ з рахунка." in text_of(empty)
    assert "десять цифр" in text_of(mistyped)
    assert "Ключ авторизації не є дійсний." in text_of(stale)
    assert "у лівому нижньому куті" in text_of(stale)
    assert "Залишилися 4 спроби." in text_of(wrong)
    assert "Спроби ввести ключ вичерпано" in text_of(blocked)
    assert "наступна спроба можлива після" in text_of(blocked)


def test_home_is_renamed_and_removed_with_undo(client: Client, me: int, flats: list[Premises]) -> None:
    home_id = add(client, flats[0])

    named = post(client, f"/homes/{home_id}/edit/", label="  Мамина   квартира ")
    removed = post(client, f"/homes/{home_id}/edit/", label="", remove="on")
    back = post(client, f"/homes/{home_id}/restore/")

    assert "Мамина квартира" in text_of(named)
    assert "видалено з профілю" in text_of(removed)
    assert f'action="/homes/{home_id}/restore/"' in removed.content.decode()
    assert "повернено" in text_of(back)
    assert Home.objects.get().label == "Мамина квартира"


@pytest.mark.parametrize("page", ["pin", "key", "edit"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_of_another_persons_home_are_not_found(
    client: Client, me: int, flats: list[Premises], page: str, method: str
) -> None:
    home_id = add(client, flats[0])
    second = Client()
    second.force_login(User.objects.get(pk=make_person("petro@example.com")))

    answer = getattr(second, method)(f"/homes/{home_id}/{page}/", {"pin": sent_pin(), "remove": "on"})
    restored = second.post(f"/homes/{home_id}/restore/")

    assert (answer.status_code, restored.status_code) == (404, 404)
    assert Home.objects.get().state == Home.State.PENDING


@pytest.mark.parametrize("page", ["/homes/", "/homes/add/", "/homes/add/streets/", "/homes/1/pin/", "/homes/1/key/"])
def test_pages_of_homes_ask_to_sign_in(client: Client, page: str) -> None:
    answer = client.get(page)

    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={page}")


@pytest.mark.parametrize("count", [1, 3])
def test_list_page_asks_as_much_for_three_homes_as_for_one(
    client: Client, me: int, flats: list[Premises], count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for flat in flats[:count]:
        add(client, flat)

    with django_assert_num_queries(4):  # session, person, homes, towns
        client.get("/homes/")
