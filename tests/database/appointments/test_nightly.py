from __future__ import annotations

import datetime as dt

import pytest

from domivka.appointments import nightly, queue
from domivka.appointments.models import Visit
from domivka.appointments.nightly import Closed
from tests.database.appointments.office import NOW, hall, kyiv
from tests.database.appointments.test_booking import booked, hold, user
from tests.database.appointments.test_displaced import close

pytestmark = pytest.mark.django_db
NIGHT = kyiv("2020-07-11 01:10")


def state(visit_id: int) -> str:
    return Visit.objects.get(pk=visit_id).state


def test_day_that_nobody_finished_is_closed_at_night() -> None:
    of, desk = hall(), user()
    forgotten, tomorrow = booked(of, user(), "2020-07-10 09:40"), booked(of, user(), "2020-07-13 09:40")
    called = booked(of, user(), "2020-07-10 10:15")
    queue.arrive(office_id=of.office_id, visit_id=called, user_id=desk, at=NOW)
    queue.call_next(window_id=of.windows[0], serving_id=None, user_id=desk, at=NOW)
    left = queue.walk_in(office_id=of.office_id, question_id=of.question_id, user_id=desk, at=NOW).visit_id

    assert nightly.close_days(at=NIGHT) == Closed(no_show=2, served=1, expired=0, cancelled=0)
    assert [state(pk) for pk in (forgotten, left, called, tomorrow)] == ["no_show", "no_show", "served", "booked"]
    assert Visit.objects.get(pk=called).ended_at is None
    assert nightly.close_days(at=NIGHT) == Closed(0, 0, 0, 0)


def test_evening_of_the_day_itself_changes_nothing() -> None:
    visit_id = booked(hall(), user(), "2020-07-10 09:40")

    assert nightly.close_days(at=kyiv("2020-07-10 23:59")) == Closed(0, 0, 0, 0)
    assert state(visit_id) == "booked"


def test_hold_that_ran_out_is_swept_after_its_hour_of_grace() -> None:
    visit_id = hold(hall(), user(), "2020-07-13 09:40")

    assert nightly.close_days(at=NOW + dt.timedelta(minutes=70)).expired == 0
    assert nightly.close_days(at=NOW + dt.timedelta(minutes=71)).expired == 1
    assert state(visit_id) == "expired"


def test_visit_that_nobody_moved_is_let_go_after_thirty_days() -> None:
    of = hall()
    visit_id = booked(of, user(), "2020-07-13 09:40")
    close(of, user(), [visit_id])

    assert nightly.close_days(at=kyiv("2020-08-12 01:10")).cancelled == 0
    assert nightly.close_days(at=kyiv("2020-08-13 01:10")).cancelled == 1
    assert state(visit_id) == "cancelled"
