"""Letters about readings and verification: who gets which, once, and who turned them off."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from domivka.homes.models import Home
from domivka.identity.models import User
from domivka.notifications.models import Message
from domivka.portal import reminders
from tests.builders import AccountServiceOf, Resident, Town, person, resident

pytestmark = pytest.mark.django_db

EARLY = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)
LATE = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)


def reachable(email: str) -> User:
    user = person(email)
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def metered_home(town: Town, email: str) -> tuple[AccountServiceOf, int, Resident]:
    flat = town.flat()
    water = flat.service("water", metered=True)
    meter = water.meter("032264")
    return water, meter, resident(flat, user=reachable(email))


def letters() -> list[tuple[str, str]]:
    return [(row.recipient, row.subject) for row in Message.objects.order_by("id")]


def test_resident_is_reminded_when_the_window_opens_and_before_it_closes() -> None:
    metered_home(Town(), "olena@example.com")

    early = [reminders.remind(at=EARLY), reminders.remind(at=EARLY + dt.timedelta(days=1))]
    late = [reminders.remind(at=LATE), reminders.remind(at=LATE + dt.timedelta(days=1))]

    assert (early, late) == ([1, 0], [1, 0])
    assert letters() == [
        ("olena@example.com", "Час передати показання: Соборна, 4/2, кв. 1"),
        ("olena@example.com", "Показання приймають ще до 30 листопада, понеділок: Соборна, 4/2, кв. 1"),
    ]
    assert "Холодна вода" in Message.objects.latest("id").body


def test_whoever_sent_readings_is_left_alone() -> None:
    water, meter, _one = metered_home(Town(), "olena@example.com")
    water.read(meter, "58", on=dt.date(2026, 11, 5))

    assert reminders.remind(at=EARLY) == 0
    assert letters() == []


def test_whoever_turned_reminders_off_is_left_alone() -> None:
    _water, _meter, one = metered_home(Town(), "olena@example.com")
    client = Client()
    client.force_login(one.user)

    page = client.get(f"/homes/{one.home.pk}/edit/").content.decode()
    client.post(f"/homes/{one.home.pk}/edit/", {"label": ""})  # the tick is taken off

    assert "Нагадувати про показання" in page
    assert not Home.objects.get().reminders
    assert reminders.remind(at=EARLY) == 0


def test_verification_is_announced_once_for_each_meter() -> None:
    flat = Town().flat()
    water = flat.service("water", metered=True)
    meter = water.meter("032264", verification_due_on=dt.date(2026, 12, 15))
    water.read(meter, "58", on=dt.date(2026, 11, 5))
    resident(flat, user=reachable("olena@example.com"))

    written = [reminders.remind(at=EARLY), reminders.remind(at=LATE)]

    assert written == [1, 0]
    assert letters()[0][1] == "Лічильнику час на повірку: Соборна, 4/2, кв. 1"
    assert "№ 032264 діє до 15 грудня" in Message.objects.get().body


def test_letter_is_in_the_language_of_the_person() -> None:
    _water, _meter, one = metered_home(Town(), "olena@example.com")
    User.objects.filter(pk=one.user.pk).update(language="en")

    reminders.remind(at=EARLY)

    assert letters()[0][1].startswith("Time to send readings")
    assert "Cold water" in Message.objects.get().body


def test_person_with_a_phone_only_gets_an_sms_before_the_window_closes() -> None:
    flat = Town().flat()
    flat.service("water", metered=True).meter("032264")
    one = resident(flat)
    EmailAddress.objects.filter(user=one.user).delete()
    User.objects.filter(pk=one.user.pk).update(phone="+380671112233", email=None)

    written = [reminders.remind(at=EARLY), reminders.remind(at=LATE)]

    assert written == [0, 1]
    assert Message.objects.get().recipient == "+380671112233"


@pytest.mark.parametrize("homes", [1, 3])
def test_looking_for_what_is_due_takes_the_same_queries(
    homes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    town = Town()
    for number in range(homes):
        metered_home(town, f"resident{number}@example.com")
    reminders.remind(at=EARLY)

    with django_assert_num_queries(7):
        assert reminders.remind(at=EARLY) == 0
