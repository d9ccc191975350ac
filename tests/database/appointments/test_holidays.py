"""The town's table of holidays."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments import holidays, schedule
from domivka.appointments.errors import VisitsFallOut
from domivka.appointments.models import Holiday, SpecialDay, Visit
from domivka.kernel.errors import NotFoundError
from tests.database.appointments.office import NOW, hall
from tests.database.appointments.test_booking import booked, times, user
from tests.database.appointments.test_desk import Desk

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2020, 7, 13)


@pytest.fixture(autouse=True)
def friday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


@pytest.fixture
def desk() -> Desk:
    return Desk()


def table(town_id: int, year: int) -> list[tuple[str, bool]]:
    return [(one.day.isoformat(), one.is_off) for one in holidays.holidays_of(town_id=town_id, year=year)]


def test_holiday_of_the_town_closes_its_offices_and_a_special_day_opens_one() -> None:
    of, by = hall(), user()
    assert len(times(of, MONDAY)) == 10

    holidays.save_holiday(town_id=of.town_id, day=MONDAY, name="День міста", is_off=True, user_id=by, at=NOW)
    assert times(of, MONDAY) == []

    schedule.save_special_day(
        office_id=of.office_id, day=MONDAY, opens=dt.time(9), closes=dt.time(10), note="", user_id=by, at=NOW
    )
    assert times(of, MONDAY) == ["09:00"]


def test_country_holiday_that_the_town_works_on_is_open() -> None:
    of, by, day = hall(), user(), dt.date(2020, 8, 24)  # Independence Day, a Monday
    assert times(of, day) == []

    holidays.save_holiday(town_id=of.town_id, day=day, name="Чергування", is_off=False, user_id=by, at=NOW)

    assert len(times(of, day)) == 10


def test_holiday_on_a_day_with_bookings_asks_first_in_every_office() -> None:
    of, by = hall(), user()
    visit_id = booked(of, user(), "2020-07-13 09:05")

    with pytest.raises(VisitsFallOut):
        holidays.save_holiday(town_id=of.town_id, day=MONDAY, name="День міста", is_off=True, user_id=by, at=NOW)
    assert not Holiday.objects.exists()
    holidays.save_holiday(
        town_id=of.town_id, day=MONDAY, name="День міста", is_off=True, user_id=by, at=NOW, agreed=[visit_id]
    )

    assert Visit.objects.get().state == "must_move"


def test_year_is_filled_from_the_country_and_edited_days_stay() -> None:
    of, by = hall(), user()
    holidays.save_holiday(
        town_id=of.town_id, day=dt.date(2021, 1, 1), name="Чергування", is_off=False, user_id=by, at=NOW
    )

    assert holidays.fill_year(town_id=of.town_id, year=2021, user_id=by, at=NOW) == 8
    assert holidays.fill_year(town_id=of.town_id, year=2021, user_id=by, at=NOW) == 0
    assert table(of.town_id, 2021) == [
        ("2021-01-01", False), ("2021-03-08", True), ("2021-05-01", True),
        ("2021-05-08", False), ("2021-06-28", True), ("2021-07-15", False), ("2021-08-24", True),
        ("2021-10-01", False), ("2021-12-25", True),
    ]  # fmt: skip  # those that were not holidays in 2021 come as working days


def test_martial_law_makes_holidays_working_days() -> None:
    of = hall()

    holidays.fill_year(town_id=of.town_id, year=2026, user_id=user(), at=NOW)

    assert {is_off for _day, is_off in table(of.town_id, 2026)} == {False}


def test_year_is_copied_from_the_year_before_without_29_february() -> None:
    of, by = hall(), user()
    for day in (dt.date(2024, 2, 29), dt.date(2024, 9, 14)):
        holidays.save_holiday(town_id=of.town_id, day=day, name="День міста", is_off=True, user_id=by, at=NOW)

    assert holidays.copy_year(town_id=of.town_id, year=2025, user_id=by, at=NOW) == 1
    assert table(of.town_id, 2025) == [("2025-09-14", True)]


def test_special_days_of_an_office_are_copied_to_the_next_year_once() -> None:
    of, by = hall(), user()
    SpecialDay.objects.create(office_id=of.office_id, day=dt.date(2020, 2, 29))
    SpecialDay.objects.create(office_id=of.office_id, day=dt.date(2020, 9, 1), note="Санітарний день")

    copies = [schedule.copy_special_days(office_id=of.office_id, year=2020, user_id=by, at=NOW) for _time in range(2)]

    assert copies == [1, 0]
    assert SpecialDay.objects.get(day=dt.date(2021, 9, 1)).note == "Санітарний день"


def test_holiday_of_another_town_is_not_found() -> None:
    of, other = hall(), hall()
    row = Holiday.objects.create(town_id=of.town_id, day=MONDAY, name="День міста", is_off=True)

    with pytest.raises(NotFoundError):
        holidays.remove_holiday(town_id=other.town_id, holiday_id=row.pk, user_id=user(), at=NOW)


def test_page_fills_a_year_changes_a_day_and_removes_it(desk: Desk) -> None:
    assert "Таблиці на цей рік ще немає" in desk.page("holidays/?year=2021")

    assert "Додано днів: 9." in desk.do("holidays/fill/country/", year=2021)
    said = desk.do("holidays/save/", day="2021-09-14", name="День міста", is_off="on")
    assert "День міста" in said
    assert "Збережено." in desk.do(f"holidays/{Holiday.objects.get(name='День міста').pk}/remove/", year=2021)
    assert Holiday.objects.count() == 9
    assert desk.client.post(desk.path + "holidays/fill/nonsense/").status_code == 404


def test_page_shows_who_falls_out_before_a_day_is_saved(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-13 09:05")
    typed: dict[str, object] = {"day": "2020-07-13", "name": "День міста", "is_off": "on"}

    assert "На цей час уже записано людей: 1." in desk.do("holidays/save/", **typed)
    desk.do("holidays/save/", **typed, agreed=visit_id)

    assert Visit.objects.get().state == "must_move"


@pytest.mark.parametrize("count", [1, 3])
def test_year_asks_a_fixed_number_of_queries(
    desk: Desk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(1, count + 1):
        Holiday.objects.create(town_id=desk.hall.town_id, day=dt.date(2020, 9, day), name="День міста", is_off=True)
    desk.page("holidays/")

    with django_assert_num_queries(8):
        text = desk.page("holidays/")

    assert text.count("· День міста ·") == count
