"""Free times, holding, booking, moving, cancelling."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from domivka.appointments import booking, calendar
from domivka.appointments.booking import Visitor
from domivka.appointments.errors import AlreadyBooked, DetailsMissing, HoldExpired, NotPossibleNow, SlotGone, SlotTaken
from domivka.appointments.models import Hours, SpecialDay, Visit, VisitStep
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError
from tests.builders import person
from tests.database.appointments.office import NOW, Hall, crowd, hall, kyiv

OLENA = Visitor("Левицька", "Олена", "Ігорівна", "+380673332221")
pytestmark = pytest.mark.django_db


def hold(of: Hall, user_id: int, time: str, at: dt.datetime = NOW) -> int:
    return booking.hold(
        user_id=user_id, office_id=of.office_id, question_id=of.question_id, starts_at=kyiv(time), at=at
    )


def booked(of: Hall, user_id: int, time: str, at: dt.datetime = NOW) -> int:
    visit_id = hold(of, user_id, time, at)
    booking.book(user_id=user_id, visit_id=visit_id, visitor=OLENA, at=at)
    return visit_id


def times(of: Hall, day: dt.date = dt.date(2020, 7, 10), at: dt.datetime = NOW) -> list[str]:
    found = calendar.free_times(office_id=of.office_id, question_id=of.question_id, day=day, at=at)
    return [one.slot.starts_at.astimezone(KYIV).strftime("%H:%M") for one in found]


def user() -> int:
    return person(f"p{next(_numbers)}@example.com").pk


_numbers = iter(range(1, 10_000))


def test_seed_day_offers_what_the_seed_shows() -> None:
    """09:05 and the afternoon after 13:35 are taken, lunch is from 12 to 13."""
    of = hall()
    for time in ("09:05", "13:35", "14:10", "14:45", "15:20"):
        booked(of, user(), f"2020-07-10 {time}")

    assert times(of) == ["09:40", "10:15", "10:50", "11:25", "13:00"]


def test_days_skip_the_weekend_and_begin_today() -> None:
    of = hall(opens="08:00")

    days = calendar.free_days(office_id=of.office_id, question_id=of.question_id, at=NOW, days=7)

    assert [day.day.isoformat() for day in days] == [
        "2020-07-10", "2020-07-13", "2020-07-14", "2020-07-15", "2020-07-16", "2020-07-17",
    ]  # fmt: skip
    assert (days[1].opens, days[1].closes, days[1].free) == (dt.time(8), dt.time(16), 11)


def test_special_days_holidays_and_new_hours_change_the_calendar() -> None:
    of = hall()
    SpecialDay.objects.create(office_id=of.office_id, day=dt.date(2020, 7, 13), note="Санітарний день")
    SpecialDay.objects.create(office_id=of.office_id, day=dt.date(2020, 7, 11), opens=dt.time(9), closes=dt.time(10))
    Hours.objects.create(
        office_id=of.office_id, weekday=1, opens=dt.time(10), closes=dt.time(11), valid_from=dt.date(2020, 7, 14)
    )

    assert (times(of, dt.date(2020, 7, 13)), times(of, dt.date(2020, 7, 11))) == ([], ["09:00"])
    assert times(of, dt.date(2020, 7, 14)) == ["10:00"]
    assert times(of, dt.date(2021, 1, 1), NOW) == []  # New Year, a Friday


def test_booking_gives_a_number_and_takes_the_time() -> None:
    of, first, second = hall(), user(), user()
    visit_id = hold(of, first, "2020-07-10 09:40")

    assert booking.book(user_id=first, visit_id=visit_id, visitor=OLENA, at=NOW) == 1
    assert "09:40" not in times(of)
    with pytest.raises(SlotTaken):
        hold(of, second, "2020-07-10 09:40")
    booked(of, second, "2020-07-10 10:15")
    assert Visit.objects.get(user_id=second).number == 2
    assert list(VisitStep.objects.filter(visit=visit_id).values_list("event", "state")) == [("book", "booked")]


def test_two_windows_take_two_people_at_one_time() -> None:
    of = hall(windows=2)

    booked(of, user(), "2020-07-10 09:40")
    booked(of, user(), "2020-07-10 09:40")

    assert set(Visit.objects.values_list("window_id", flat=True)) == set(of.windows)
    with pytest.raises(SlotTaken):
        hold(of, user(), "2020-07-10 09:40")


def test_hold_ends_after_ten_minutes_and_the_next_person_gets_the_time() -> None:
    of, slow, quick = hall(), user(), user()
    held = hold(of, slow, "2020-07-10 09:40")
    assert "09:40" not in times(of, at=NOW + dt.timedelta(minutes=9, seconds=59))
    later = NOW + dt.timedelta(minutes=10)
    assert "09:40" in times(of, at=later)

    booked(of, quick, "2020-07-10 09:40", later)

    with pytest.raises(HoldExpired):
        booking.book(user_id=slow, visit_id=held, visitor=OLENA, at=later)


def test_late_person_keeps_the_time_that_nobody_took() -> None:
    of, slow = hall(), user()
    held = hold(of, slow, "2020-07-10 09:40")

    assert booking.book(user_id=slow, visit_id=held, visitor=OLENA, at=NOW + dt.timedelta(minutes=15)) == 1


def test_held_time_that_has_begun_is_not_saved() -> None:
    of, slow = hall(), user()
    held = hold(of, slow, "2020-07-10 09:05")

    with pytest.raises(SlotGone):
        booking.book(user_id=slow, visit_id=held, visitor=OLENA, at=kyiv("2020-07-10 09:05"))
    assert Visit.objects.get().state == "held"


def test_new_hold_lets_the_earlier_one_go() -> None:
    of, one = hall(), user()
    hold(of, one, "2020-07-10 09:40")

    hold(of, one, "2020-07-10 10:15")

    assert "09:40" in times(of)
    assert sorted(Visit.objects.values_list("state", flat=True)) == ["expired", "held"]


def test_one_visit_ahead_of_a_question() -> None:
    of, one = hall(), user()
    booked(of, one, "2020-07-10 09:40")

    with pytest.raises(AlreadyBooked):
        hold(of, one, "2020-07-10 10:15")


def test_missed_visit_does_not_keep_its_person_from_another_one() -> None:
    of, one = hall(), user()
    missed = booked(of, one, "2020-07-10 09:05")

    with pytest.raises(AlreadyBooked):
        hold(of, one, "2020-07-10 13:00", kyiv("2020-07-10 09:39"))
    booked(of, one, "2020-07-10 13:00", kyiv("2020-07-10 09:40"))

    assert list(Visit.objects.order_by("pk").values_list("state", flat=True)) == ["no_show", "booked"]
    assert VisitStep.objects.get(visit=missed, event="miss").actor is None


@pytest.mark.parametrize(
    "time", ["2020-07-10 09:41", "2020-07-11 09:05", "2020-07-09 09:05", "2020-07-10 12:00", "2020-08-10 09:05"]
)
def test_time_that_the_office_does_not_have_is_refused(time: str) -> None:
    with pytest.raises(SlotGone):
        hold(hall(), user(), time)


def test_booking_needs_a_name_and_a_phone() -> None:
    of, one = hall(), user()
    held = hold(of, one, "2020-07-10 09:40")

    with pytest.raises(DetailsMissing):
        booking.book(user_id=one, visit_id=held, visitor=Visitor("Левицька", " ", "", ""), at=NOW)
    assert Visit.objects.get().state == "held"


def test_cancelled_time_is_free_at_once() -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-10 09:40")

    booking.cancel(user_id=one, visit_id=visit_id, at=NOW)

    assert "09:40" in times(of)
    with pytest.raises(NotPossibleNow):
        booking.cancel(user_id=one, visit_id=visit_id, at=NOW)


def test_moved_visit_frees_its_old_time_and_gets_a_number_of_the_new_day() -> None:
    of, one = hall(), user()
    booked(of, user(), "2020-07-13 09:05")
    visit_id = booked(of, one, "2020-07-10 09:40")

    booking.move(user_id=one, visit_id=visit_id, starts_at=kyiv("2020-07-13 09:40"), at=NOW)

    row = Visit.objects.get(pk=visit_id)
    assert (row.day, row.number, row.starts_at) == (dt.date(2020, 7, 13), 2, kyiv("2020-07-13 09:40"))
    assert "09:40" in times(of)


def test_move_to_a_taken_time_changes_nothing() -> None:
    of, one = hall(), user()
    booked(of, user(), "2020-07-10 10:15")
    visit_id = booked(of, one, "2020-07-10 09:40")

    with pytest.raises(SlotTaken):
        booking.move(user_id=one, visit_id=visit_id, starts_at=kyiv("2020-07-10 10:15"), at=NOW)
    assert Visit.objects.get(pk=visit_id).starts_at == kyiv("2020-07-10 09:40")


def test_other_peoples_visits_do_not_exist() -> None:
    of = hall()
    visit_id, stranger = booked(of, user(), "2020-07-10 09:40"), user()

    for refused in (
        lambda: booking.cancel(user_id=stranger, visit_id=visit_id, at=NOW),
        lambda: booking.move(user_id=stranger, visit_id=visit_id, starts_at=kyiv("2020-07-10 10:15"), at=NOW),
        lambda: booking.book(user_id=stranger, visit_id=visit_id, visitor=OLENA, at=NOW),
    ):
        with pytest.raises(NotFoundError):
            refused()


def test_database_itself_refuses_two_visits_at_one_window_and_time() -> None:
    of = hall()
    row = Visit.objects.get(pk=booked(of, user(), "2020-07-10 09:40"))
    row.pk, row.code, row.number, row.user_id = None, "other", 7, user()
    row.starts_at = kyiv("2020-07-10 09:50")

    with pytest.raises(IntegrityError, match="visit_no_double_booking"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_two_hundred_people_at_the_last_time_give_one_booking_and_clear_answers() -> None:
    of = hall(opens="09:05", closes="09:40")
    people = [one.pk for one in crowd(200)]

    def ask(user_id: int) -> str:
        try:
            booked(of, user_id, "2020-07-10 09:05")
        except SlotTaken as error:
            return str(error)
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(max_workers=50) as threads:
        answers = Counter(threads.map(ask, people))

    assert answers == {"booked": 1, "Цей час щойно зайняли. Оберіть інший.": 199}
    assert list(Visit.objects.values_list("state", "number")) == [("booked", 1)]
