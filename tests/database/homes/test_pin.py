"""Adding a home and its PIN."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from domivka.homes import api as homes
from domivka.homes.models import Home, HomePin
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.notifications.models import Message
from tests.database.homes.town import AT, make_person, make_town

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def sent_pin() -> str:
    [found] = re.findall(r"код: (\d{4})\n", Message.objects.latest("id").body)
    return str(found)


def other(pin: str) -> str:
    return f"{(int(pin) + 1) % 10_000:04d}"


def test_adding_a_home_sends_a_four_digit_pin_to_the_confirmed_email() -> None:
    premises = make_town()
    user_id = make_person()

    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)

    assert home.state == Home.State.PENDING
    assert home.address == "м. Вишнівка, вул. Садова, буд. 6/1, кв. 1"
    message = Message.objects.get()
    assert (message.recipient, message.channel) == ("olena@example.com", "email")
    assert sent_pin() in message.body
    assert "кв. 1" in message.body
    assert sent_pin() not in HomePin.objects.get().pin_hash


def test_right_pin_locks_the_home_until_its_key() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)
    pin = sent_pin()

    homes.confirm_pin(user_id=user_id, home_id=home.id, pin=f" {pin[:2]} {pin[2:]} ", at=AT)

    assert homes.any_home_of(user_id=user_id, home_id=home.id).state == Home.State.LOCKED
    with pytest.raises(homes.HomeLocked, match="ключ авторизації"):
        homes.home_for(user_id=user_id, home_id=home.id)


def test_wrong_pin_says_how_many_tries_are_left_and_the_third_ends_it() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)
    pin = sent_pin()

    with pytest.raises(homes.WrongPin, match="Залишилися 2 спроби"):
        homes.confirm_pin(user_id=user_id, home_id=home.id, pin=other(pin), at=AT)
    with pytest.raises(homes.WrongPin, match="Залишилася 1 спроба"):
        homes.confirm_pin(user_id=user_id, home_id=home.id, pin="abcd", at=AT)
    with pytest.raises(homes.PinTriesExhausted):
        homes.confirm_pin(user_id=user_id, home_id=home.id, pin="", at=AT)
    with pytest.raises(homes.PinTriesExhausted):
        homes.confirm_pin(user_id=user_id, home_id=home.id, pin=pin, at=AT)

    assert homes.any_home_of(user_id=user_id, home_id=home.id).state == Home.State.PENDING


def test_pin_expires_after_half_an_hour() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)

    with pytest.raises(homes.PinExpired):
        homes.confirm_pin(user_id=user_id, home_id=home.id, pin=sent_pin(), at=AT + 30 * MINUTE)
    homes.confirm_pin(user_id=user_id, home_id=home.id, pin=sent_pin(), at=AT + 30 * MINUTE - dt.timedelta(seconds=1))

    assert homes.any_home_of(user_id=user_id, home_id=home.id).state == Home.State.LOCKED


def test_new_pin_comes_after_a_pause_and_replaces_the_old_one() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)
    first = sent_pin()

    with pytest.raises(homes.PinSentRecently, match="через 1 с"):
        homes.resend_pin(user_id=user_id, home_id=home.id, at=AT + dt.timedelta(seconds=59, milliseconds=100))
    homes.resend_pin(user_id=user_id, home_id=home.id, at=AT + MINUTE)

    assert Message.objects.count() == 2
    if sent_pin() != first:
        with pytest.raises(homes.WrongPin):
            homes.confirm_pin(user_id=user_id, home_id=home.id, pin=first, at=AT + MINUTE)
    homes.confirm_pin(user_id=user_id, home_id=home.id, pin=sent_pin(), at=AT + MINUTE)


def test_pins_of_one_person_run_out_within_an_hour_whatever_the_home() -> None:
    premises = make_town()
    user_id = make_person()
    for n in range(10):
        home = homes.add_home(user_id=user_id, premises_id=premises[n % 6].pk, at=AT + n * MINUTE)
        homes.remove_home(user_id=user_id, home_id=home.id, at=AT + n * MINUTE)

    with pytest.raises(homes.TooManyPins):
        homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT + 59 * MINUTE)
    homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT + 60 * MINUTE)

    assert Message.objects.count() == 11


def test_home_cannot_be_added_twice_or_beyond_the_cap() -> None:
    premises = make_town()
    user_id = make_person()
    for flat in premises[:4]:
        homes.add_home(user_id=user_id, premises_id=flat.pk, at=AT)

    with pytest.raises(homes.HomeAlreadyAdded):
        homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)
    with pytest.raises(homes.HomesCapReached, match="не більше ніж 4"):
        homes.add_home(user_id=user_id, premises_id=premises[4].pk, at=AT)

    assert len(homes.homes_of(user_id=user_id)) == 4


def test_home_needs_a_confirmed_email_and_a_name() -> None:
    premises = make_town()
    user_id = make_person(email="", phone="+380661234567")

    with pytest.raises(homes.ProfileIncomplete) as refusal:
        homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)

    assert refusal.value.missing == ("email",)
    assert not Home.objects.exists()


def test_home_of_another_person_is_not_found() -> None:
    premises = make_town()
    first, second = make_person(), make_person("petro@example.com")
    home = homes.add_home(user_id=first, premises_id=premises[0].pk, at=AT)

    for act in (
        lambda: homes.home_for(user_id=second, home_id=home.id),
        lambda: homes.any_home_of(user_id=second, home_id=home.id),
        lambda: homes.confirm_pin(user_id=second, home_id=home.id, pin=sent_pin(), at=AT),
        lambda: homes.resend_pin(user_id=second, home_id=home.id, at=AT),
        lambda: homes.open_with_key(user_id=second, home_id=home.id, key="", at=AT),
        lambda: homes.rename_home(user_id=second, home_id=home.id, label="Моя", at=AT),
        lambda: homes.remove_home(user_id=second, home_id=home.id, at=AT),
    ):
        with pytest.raises(NotFoundError):
            act()

    assert homes.homes_of(user_id=second) == []
    assert homes.any_home_of(user_id=first, home_id=home.id).state == Home.State.PENDING


def test_every_step_is_audited_without_personal_data() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)
    homes.confirm_pin(user_id=user_id, home_id=home.id, pin=sent_pin(), at=AT)
    homes.rename_home(user_id=user_id, home_id=home.id, label="Бабусина", at=AT)

    entries = list(AuditEntry.objects.filter(object_kind="home").order_by("id"))

    assert [entry.action for entry in entries] == [
        "homes.pin_sent",
        "homes.added",
        "homes.pin_confirmed",
        "homes.renamed",
    ]
    assert {entry.actor_id for entry in entries} == {user_id}
    assert all(set(entry.detail) == {"premises_id"} for entry in entries)


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_of_a_pin_cannot_exceed_the_limit() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)
    wrong = other(sent_pin())

    def attempt(_: int) -> str:
        try:
            homes.confirm_pin(user_id=user_id, home_id=home.id, pin=wrong, at=AT)
        except DomainError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(12) as threads:
        answers = sorted(threads.map(attempt, range(12)))

    assert answers == ["PinTriesExhausted"] * 10 + ["WrongPin"] * 2
    assert HomePin.objects.get().attempts_left == 0


@pytest.mark.django_db(transaction=True)
def test_parallel_adding_cannot_exceed_the_cap() -> None:
    premises = make_town(flats=8)
    user_id = make_person()

    def add(flat_id: int) -> bool:
        try:
            homes.add_home(user_id=user_id, premises_id=flat_id, at=AT)
        except homes.HomesCapReached:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(add, [flat.pk for flat in premises]))

    assert sum(added) == 4
    assert Message.objects.count() == 4
