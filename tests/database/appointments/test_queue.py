"""The queue of a day."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from domivka.appointments import queue
from domivka.appointments.errors import NobodyServes, NotPossibleNow
from domivka.appointments.models import Question, Visit, Window
from domivka.kernel.errors import NotFoundError
from tests.builders import person
from tests.database.appointments.office import NOW, Hall, hall
from tests.database.appointments.test_booking import booked, user

pytestmark = pytest.mark.django_db


def clerk() -> int:
    return person("clerk@example.com").pk


def come(of: Hall, by: int, minute: int = 0) -> queue.Ticket:
    return queue.walk_in(
        office_id=of.office_id, question_id=of.question_id, user_id=by, at=NOW + dt.timedelta(minutes=minute)
    )


def states() -> list[tuple[int | None, str]]:
    return list(Visit.objects.order_by("number").values_list("number", "state"))


def test_walk_ins_are_called_in_the_order_they_came() -> None:
    of, by = hall(), clerk()
    first, second = come(of, by), come(of, by, 1)

    assert (first.number, second.number) == (1, 2)
    assert queue.call_next(window_id=of.windows[0], user_id=by, at=NOW) == first.visit_id
    assert queue.call_next(window_id=of.windows[0], user_id=by, at=NOW) == second.visit_id
    assert queue.call_next(window_id=of.windows[0], user_id=by, at=NOW) is None
    assert states() == [(1, "served"), (2, "served")]


def test_booking_goes_by_its_time_among_those_who_came() -> None:
    of, by = hall(), clerk()
    visit_id = booked(of, user(), "2020-07-10 09:05")
    early = come(of, by, 1)  # came at 09:01
    come(of, by, 6)
    queue.arrive(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW + dt.timedelta(minutes=7))

    called = [queue.call_next(window_id=of.windows[0], user_id=by, at=NOW + dt.timedelta(minutes=8)) for _ in range(2)]

    assert called == [early.visit_id, visit_id]


def test_window_calls_only_what_it_serves() -> None:
    of, by = hall(), clerk()
    other = Question.objects.create(town_id=of.town_id, name="Реєстрація місця проживання", minutes=20)
    window = Window.objects.create(office_id=of.office_id, number=9)
    window.questions.add(other)
    come(of, by)

    assert queue.call_next(window_id=window.pk, user_id=by, at=NOW) is None


def test_forecast_counts_those_before_and_who_is_at_the_window() -> None:
    of, by = hall(minutes=30), clerk()

    assert come(of, by).forecast_minutes == 0
    queue.call_next(window_id=of.windows[0], user_id=by, at=NOW)
    assert come(of, by, 10).forecast_minutes == 20
    assert come(of, by, 10).forecast_minutes == 50


def test_forecast_learns_how_long_visits_really_take() -> None:
    of, by = hall(minutes=30), clerk()
    for start in (0, 10):
        come(of, by, start)
        queue.call_next(window_id=of.windows[0], user_id=by, at=NOW + dt.timedelta(minutes=start))
        queue.serve(
            office_id=of.office_id, visit_id=Visit.objects.latest("pk").pk, user_id=by,
            at=NOW + dt.timedelta(minutes=start + 10),
        )  # fmt: skip
    come(of, by, 20)

    assert come(of, by, 20).forecast_minutes == 10


def test_forecast_without_a_window_is_refused() -> None:
    of, by = hall(), clerk()
    Window.objects.update(is_open=False)

    with pytest.raises(NobodyServes):
        come(of, by)


def test_absent_person_who_comes_late_waits_again() -> None:
    of, by = hall(), clerk()
    visit_id = booked(of, user(), "2020-07-10 09:05")
    queue.miss(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW + dt.timedelta(minutes=20))

    queue.arrive(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW + dt.timedelta(minutes=30))

    assert states() == [(1, "arrived")]


def test_visit_of_another_day_or_office_is_not_taken() -> None:
    of, other, by = hall(), hall(), clerk()
    visit_id = booked(of, user(), "2020-07-13 09:05")

    with pytest.raises(NotPossibleNow):
        queue.arrive(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW)
    with pytest.raises(NotFoundError):
        queue.arrive(office_id=other.office_id, visit_id=visit_id, user_id=by, at=NOW)


def test_only_who_was_called_is_called_again() -> None:
    of, by = hall(), clerk()
    ticket = come(of, by)

    with pytest.raises(NotPossibleNow):
        queue.call_again(office_id=of.office_id, visit_id=ticket.visit_id, user_id=by, at=NOW)
    queue.call_next(window_id=of.windows[0], user_id=by, at=NOW)
    queue.call_again(office_id=of.office_id, visit_id=ticket.visit_id, user_id=by, at=NOW)

    assert Visit.objects.get().steps.filter(event="call").count() == 2


@pytest.mark.django_db(transaction=True)
def test_windows_that_call_at_once_call_different_people() -> None:
    of, by = hall(windows=8), clerk()
    tickets = {come(of, by).visit_id for _ in range(8)}

    def call(window_id: int) -> int | None:
        try:
            return queue.call_next(window_id=window_id, user_id=by, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as crowd:
        assert set(crowd.map(call, of.windows)) == tickets
