from __future__ import annotations

import pytest

from domivka.appointments import booking, reminders
from domivka.notifications.models import Message
from tests.database.appointments.office import NOW, hall, kyiv
from tests.database.appointments.test_booking import booked
from tests.database.portal.test_reminders import reachable as person

pytestmark = pytest.mark.django_db


def minute(text: str) -> int:
    return reminders.remind(at=kyiv(text))


def test_reminders_come_a_day_and_two_hours_before_once_each() -> None:
    booked(hall(), person("olena@example.com").pk, "2020-07-14 13:00", NOW)

    assert [minute("2020-07-13 12:59"), minute("2020-07-13 13:00"), minute("2020-07-13 13:05")] == [0, 1, 0]
    assert [minute("2020-07-14 10:59"), minute("2020-07-14 11:00"), minute("2020-07-14 12:59")] == [0, 1, 0]
    message = Message.objects.filter(template="appointments.reminder").latest("pk")
    assert message.recipient == "olena@example.com"
    assert message.subject == "Візит до ЦНАП: 14 липня, вівторок о 13:00"
    assert "Номер у черзі: 1" in message.body


def test_who_booked_late_is_not_reminded_of_what_was_just_booked() -> None:
    booked(hall(), person("olena@example.com").pk, "2020-07-10 13:00", NOW)

    assert minute("2020-07-10 09:05") == 0
    assert minute("2020-07-10 11:00") == 1


def test_cancelled_visit_is_not_reminded_of_and_a_moved_one_is_anew() -> None:
    of, one, other = hall(), person("olena@example.com").pk, person("other@example.com").pk
    gone = booked(of, other, "2020-07-14 09:05", NOW)
    booking.cancel(user_id=other, visit_id=gone, at=NOW)
    visit_id = booked(of, one, "2020-07-14 13:00", NOW)
    assert minute("2020-07-13 14:00") == 1

    booking.move(user_id=one, visit_id=visit_id, starts_at=kyiv("2020-07-15 13:00"), at=kyiv("2020-07-13 15:00"))

    assert minute("2020-07-14 13:00") == 1
