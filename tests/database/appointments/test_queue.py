"""The queue of a day."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from domivka.appointments import board, booking, queue
from domivka.appointments.errors import NobodyServes, NotPossibleNow, TimeGiven, TooEarly, WindowChanged
from domivka.appointments.models import Question, Visit, Window
from domivka.kernel.errors import NotFoundError
from tests.builders import person
from tests.database.appointments.office import NOW, Hall, hall, kyiv
from tests.database.appointments.test_booking import booked, user

pytestmark = pytest.mark.django_db


def clerk() -> int:
    return person("clerk@example.com").pk


def come(of: Hall, by: int, minute: int = 0) -> queue.Ticket:
    return queue.walk_in(
        office_id=of.office_id, question_id=of.question_id, user_id=by, at=NOW + dt.timedelta(minutes=minute)
    )


def call(of: Hall, by: int, serving_id: int | None = None, minute: int = 0, window: int = 0) -> int | None:
    return queue.call_next(
        window_id=of.windows[window], serving_id=serving_id, user_id=by, at=NOW + dt.timedelta(minutes=minute)
    )


def states() -> list[tuple[int | None, str]]:
    return list(Visit.objects.order_by("number").values_list("number", "state"))


def test_walk_ins_are_called_in_the_order_they_came() -> None:
    of, by = hall(), clerk()
    first, second = come(of, by), come(of, by, 1)

    assert (first.number, second.number) == (1, 2)
    assert call(of, by) == first.visit_id
    assert call(of, by, first.visit_id) == second.visit_id
    assert call(of, by, second.visit_id) is None
    assert states() == [(1, "served"), (2, "served")]


def test_booking_goes_by_its_time_among_those_who_came() -> None:
    of, by = hall(), clerk()
    visit_id = booked(of, user(), "2020-07-10 09:05")
    early = come(of, by, 1)  # came at 09:01
    come(of, by, 6)
    queue.arrive(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW + dt.timedelta(minutes=7))

    assert call(of, by, minute=8) == early.visit_id
    assert call(of, by, early.visit_id, minute=8) == visit_id


def test_window_calls_only_what_it_serves() -> None:
    of, by = hall(), clerk()
    other = Question.objects.create(town_id=of.town_id, name="Реєстрація місця проживання", minutes=20)
    window = Window.objects.create(office_id=of.office_id, number=9)
    window.questions.add(other)
    come(of, by)

    assert queue.call_next(window_id=window.pk, serving_id=None, user_id=by, at=NOW) is None


def test_forecast_counts_those_before_and_who_is_at_the_window() -> None:
    of, by = hall(minutes=30), clerk()

    assert come(of, by).forecast_minutes == 0
    call(of, by)
    assert come(of, by, 10).forecast_minutes == 20
    assert come(of, by, 10).forecast_minutes == 50


def test_forecast_learns_how_long_visits_really_take() -> None:
    of, by = hall(minutes=30), clerk()
    for start in (0, 10):
        come(of, by, start)
        call(of, by, minute=start)
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


def test_nobody_is_absent_before_the_time_of_the_visit() -> None:
    of, by = hall(), clerk()
    visit_id = booked(of, user(), "2020-07-10 09:05")

    with pytest.raises(TooEarly):
        queue.miss(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW + dt.timedelta(minutes=4))
    queue.miss(office_id=of.office_id, visit_id=visit_id, user_id=by, at=NOW + dt.timedelta(minutes=5))

    assert states() == [(1, "no_show")]


def test_absent_person_whose_time_was_taken_gets_a_ticket_without_a_booking() -> None:
    of, by = hall(), clerk()
    short = Question.objects.create(town_id=of.town_id, name="Довідка", minutes=10)
    Window.objects.get().questions.add(short)
    late, quarter_past = booked(of, user(), "2020-07-10 09:05"), NOW + dt.timedelta(minutes=15)
    queue.miss(office_id=of.office_id, visit_id=late, user_id=by, at=quarter_past)
    booking.hold(
        user_id=user(),
        office_id=of.office_id,
        question_id=short.pk,
        starts_at=kyiv("2020-07-10 09:25"),
        at=quarter_past,
    )

    with pytest.raises(TimeGiven, match="Видайте талон без запису"):
        queue.arrive(office_id=of.office_id, visit_id=late, user_id=by, at=quarter_past)

    assert Visit.objects.get(pk=late).state == "no_show"
    assert come(of, by, 15).number == 2


def test_second_press_of_call_next_is_refused() -> None:
    of, by = hall(), clerk()
    first, second = come(of, by), come(of, by)
    assert call(of, by) == first.visit_id

    with pytest.raises(WindowChanged):
        call(of, by)
    with pytest.raises(WindowChanged):
        call(of, by, second.visit_id)

    assert states() == [(1, "called"), (2, "arrived")]


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
    call(of, by)
    queue.call_again(office_id=of.office_id, visit_id=ticket.visit_id, user_id=by, at=NOW)

    assert Visit.objects.get().steps.filter(event="call").count() == 2


def test_number_that_is_called_again_comes_back_to_a_screen_of_six() -> None:
    of, by = hall(windows=8), clerk()
    for _one in range(8):
        come(of, by)
    called = [call(of, by, window=window, minute=window) for window in range(8)]
    assert called[0] is not None

    queue.call_again(office_id=of.office_id, visit_id=called[0], user_id=by, at=NOW + dt.timedelta(minutes=9))

    shown = board.screen(office_id=of.office_id, at=NOW + dt.timedelta(minutes=9)).called
    assert [(one.number, one.calls) for one in shown] == [(1, 2), (8, 1), (7, 1), (6, 1), (5, 1), (4, 1)]


@pytest.mark.django_db(transaction=True)
def test_windows_that_call_at_once_call_different_people() -> None:
    of, by = hall(windows=8), clerk()
    tickets = {come(of, by).visit_id for _ in range(8)}

    def press(window: int) -> int | None:
        try:
            return call(of, by, window=window)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as crowd:
        assert set(crowd.map(press, range(8))) == tickets


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_one_window_at_once_call_one_person() -> None:
    of, by = hall(), clerk()
    first, _second = come(of, by), come(of, by)

    def press(_number: int) -> int | str | None:
        try:
            return call(of, by)
        except WindowChanged:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as crowd:
        assert set(crowd.map(press, range(2))) == {first.visit_id, "refused"}
    assert states() == [(1, "called"), (2, "arrived")]
