"""The authorisation key opens a home."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from domivka.homes import api as homes
from domivka.homes.models import AuthorisationKey, Home, HomePin, KeyAttempt
from domivka.homes.rules import keys
from domivka.kernel.errors import DomainError
from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.notifications.models import Message
from domivka.registry.models import Premises
from tests.database.homes.town import AT, make_person, make_town

pytestmark = pytest.mark.django_db
OCTOBER = Period(202610)
HOUR = dt.timedelta(hours=1)


def locked_home(user_id: int, premises: Premises) -> int:
    home = homes.add_home(user_id=user_id, premises_id=premises.pk, at=AT)
    HomePin.objects.filter(home_id=home.id).delete()
    Home.objects.filter(pk=home.id).update(state=Home.State.LOCKED)
    return home.id


def issue(premises: Premises, period: Period = OCTOBER) -> str:
    return homes.issue_keys(premises_ids=[premises.pk], period=period, at=AT)[premises.pk]


def wrong_key(n: int = 0) -> str:
    body = f"{31415926 + n:08d}"
    return body + keys.check_digits(body)


def test_newest_key_opens_the_home() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    key = issue(premises[0])

    homes.open_with_key(user_id=user_id, home_id=home_id, key=key.replace("-", " "), at=AT)

    assert homes.home_for(user_id=user_id, home_id=home_id).premises_id == premises[0].pk
    assert not KeyAttempt.objects.exists()


def test_stale_key_says_where_to_find_the_new_one_and_costs_no_try() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    old = issue(premises[0], OCTOBER.previous)
    issue(premises[0], OCTOBER)

    with pytest.raises(homes.StaleAuthorisationKey) as refusal:
        homes.open_with_key(user_id=user_id, home_id=home_id, key=old, at=AT)

    assert str(refusal.value).startswith("Ключ авторизації не є дійсний.")
    assert "лівому нижньому куті" in str(refusal.value)
    assert KeyAttempt.objects.get().attempts_left == 5


def test_key_of_another_flat_is_wrong() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    issue(premises[0])

    with pytest.raises(homes.WrongAuthorisationKey, match="Залишилися 4 спроби"):
        homes.open_with_key(user_id=user_id, home_id=home_id, key=issue(premises[1]), at=AT)


def test_mistyped_key_costs_no_try() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    key = issue(premises[0])

    with pytest.raises(homes.MistypedKey, match="Спробу не витрачено"):
        homes.open_with_key(user_id=user_id, home_id=home_id, key=key[1] + key[0] + key[2:] + "1", at=AT)

    assert KeyAttempt.objects.get().attempts_left == 5


def test_exhausted_tries_block_for_an_hour_even_the_right_key_and_a_new_home() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    key = issue(premises[0])
    for n in range(4):
        with pytest.raises(homes.WrongAuthorisationKey):
            homes.open_with_key(user_id=user_id, home_id=home_id, key=wrong_key(n), at=AT)

    with pytest.raises(homes.KeyTriesExhausted, match="після 12:00"):
        homes.open_with_key(user_id=user_id, home_id=home_id, key=wrong_key(4), at=AT)
    with pytest.raises(homes.KeyTriesExhausted):
        homes.open_with_key(user_id=user_id, home_id=home_id, key=key, at=AT)
    homes.remove_home(user_id=user_id, home_id=home_id, at=AT)
    again = locked_home(user_id, premises[0])
    with pytest.raises(homes.KeyTriesExhausted):
        homes.open_with_key(user_id=user_id, home_id=again, key=key, at=AT + HOUR - dt.timedelta(seconds=1))
    homes.open_with_key(user_id=user_id, home_id=again, key=key, at=AT + HOUR)

    assert homes.home_for(user_id=user_id, home_id=again).is_open


def test_tries_of_one_person_do_not_block_another() -> None:
    premises = make_town()
    first, second = make_person(), make_person("petro@example.com")
    home_of_first, home_of_second = locked_home(first, premises[0]), locked_home(second, premises[0])
    key = issue(premises[0])
    for n in range(5):
        with pytest.raises(DomainError):
            homes.open_with_key(user_id=first, home_id=home_of_first, key=wrong_key(n), at=AT)

    homes.open_with_key(user_id=second, home_id=home_of_second, key=key, at=AT)

    assert homes.home_for(user_id=second, home_id=home_of_second).is_open


def test_key_before_the_first_bill_is_explained() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])

    with pytest.raises(homes.NoKeyIssued, match="ще не надруковано"):
        homes.open_with_key(user_id=user_id, home_id=home_id, key=wrong_key(), at=AT)


def test_key_before_the_pin_is_refused() -> None:
    premises = make_town()
    user_id = make_person()
    home = homes.add_home(user_id=user_id, premises_id=premises[0].pk, at=AT)

    with pytest.raises(homes.HomeLocked):
        homes.open_with_key(user_id=user_id, home_id=home.id, key=issue(premises[0]), at=AT)

    assert homes.any_home_of(user_id=user_id, home_id=home.id).is_pending


def test_issuing_keys_again_gives_the_same_keys() -> None:
    premises = make_town()
    ids = [flat.pk for flat in premises]

    first = homes.issue_keys(premises_ids=ids, period=OCTOBER, at=AT)
    again = homes.issue_keys(premises_ids=ids, period=OCTOBER, at=AT + HOUR)

    assert again == first
    assert len(set(first.values())) == 6
    assert homes.current_keys(premises_ids=ids) == first
    assert AuthorisationKey.objects.count() == 6


def test_next_bill_rotates_the_key_and_a_replaced_key_is_stale() -> None:
    [flat, *_] = make_town()
    october = issue(flat, OCTOBER)
    november = issue(flat, OCTOBER.next)

    replaced = homes.replace_key(premises_id=flat.pk, at=AT, actor_id=None)

    assert len({october, november, replaced}) == 3
    assert homes.current_keys(premises_ids=[flat.pk]) == {flat.pk: replaced}
    assert issue(flat, OCTOBER.next) == replaced


def test_removed_home_comes_back_as_open_as_it_was() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    homes.open_with_key(user_id=user_id, home_id=home_id, key=issue(premises[0]), at=AT)

    homes.remove_home(user_id=user_id, home_id=home_id, at=AT)
    gone = homes.homes_of(user_id=user_id)
    homes.restore_home(user_id=user_id, home_id=home_id, at=AT + 23 * HOUR)

    assert gone == []
    assert homes.home_for(user_id=user_id, home_id=home_id).is_open


def test_removed_home_comes_back_locked_when_other_people_moved_in_meanwhile() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = homes.grant_home(user_id=user_id, premises_id=premises[0].pk, at=AT, actor_id=None).id
    homes.remove_home(user_id=user_id, home_id=home_id, at=AT + HOUR)

    locked = homes.lock_homes(premises_id=premises[0].pk, at=AT + 2 * HOUR, actor_id=None)
    restored = homes.restore_home(user_id=user_id, home_id=home_id, at=AT + 3 * HOUR)

    assert (locked, restored.state) == (1, "locked")
    assert homes.open_spans(user_id=user_id) == []


def test_home_removed_long_ago_keeps_the_time_it_was_open_when_others_move_in() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = homes.grant_home(user_id=user_id, premises_id=premises[0].pk, at=AT, actor_id=None).id
    homes.remove_home(user_id=user_id, home_id=home_id, at=AT + HOUR)

    locked = homes.lock_homes(premises_id=premises[0].pk, at=AT + 26 * HOUR, actor_id=None)

    assert locked == 0
    assert homes.open_spans(user_id=user_id) == [homes.OpenSpan(premises[0].pk, AT, AT + HOUR)]


def test_removed_home_cannot_come_back_after_a_day() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    homes.remove_home(user_id=user_id, home_id=home_id, at=AT)

    with pytest.raises(homes.UndoExpired):
        homes.restore_home(user_id=user_id, home_id=home_id, at=AT + 25 * HOUR)


def test_home_granted_at_a_counter_is_open_and_audited() -> None:
    premises = make_town()
    user_id = make_person(email="", phone="+380661234567")

    home = homes.grant_home(user_id=user_id, premises_id=premises[0].pk, at=AT, actor_id=77, label="Дача")

    assert homes.home_for(user_id=user_id, home_id=home.id).title == "Дача"
    entry = AuditEntry.objects.get(object_kind="home")
    assert (entry.action, entry.actor_id) == ("homes.granted", 77)
    assert not Message.objects.exists()
    with pytest.raises(homes.HomeAlreadyAdded):
        homes.grant_home(user_id=user_id, premises_id=premises[0].pk, at=AT, actor_id=77)


def test_home_is_locked_again_when_other_people_move_in() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    key = issue(premises[0])
    homes.open_with_key(user_id=user_id, home_id=home_id, key=key, at=AT)

    locked = homes.lock_homes(premises_id=premises[0].pk, at=AT, actor_id=None)
    homes.replace_key(premises_id=premises[0].pk, at=AT, actor_id=None)

    assert locked == 1
    with pytest.raises(homes.HomeLocked):
        homes.home_for(user_id=user_id, home_id=home_id)
    with pytest.raises(homes.StaleAuthorisationKey):
        homes.open_with_key(user_id=user_id, home_id=home_id, key=key, at=AT)


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_of_a_key_cannot_exceed_the_limit() -> None:
    premises = make_town()
    user_id = make_person()
    home_id = locked_home(user_id, premises[0])
    issue(premises[0])

    def attempt(n: int) -> str:
        try:
            homes.open_with_key(user_id=user_id, home_id=home_id, key=wrong_key(n), at=AT)
        except DomainError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(12) as threads:
        answers = sorted(threads.map(attempt, range(12)))

    assert answers == ["KeyTriesExhausted"] * 8 + ["WrongAuthorisationKey"] * 4


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_homes_is_one_query(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    premises = make_town()
    user_id = make_person()
    for flat in premises[:count]:
        homes.add_home(user_id=user_id, premises_id=flat.pk, at=AT)

    with django_assert_num_queries(1):
        rows = homes.homes_of(user_id=user_id)

    assert [row.title for row in rows] == [
        "Садова, 6/1, кв. 1",
        "Садова, 6/1, кв. 2",
        "Садова, 6/1, кв. 3",
    ][:count]
