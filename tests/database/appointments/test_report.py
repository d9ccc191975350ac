"""The report of an office: what was, by day, weekday, hour and question; waiting against its forecasts."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments import nightly, queue, report
from domivka.appointments.models import Question, Visit
from tests.database.appointments.office import NOW, Hall, hall, kyiv
from tests.database.appointments.test_booking import booked, user
from tests.database.appointments.test_desk import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def saturday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW + dt.timedelta(days=1)


def worked_friday(of: Hall) -> None:
    """One is served after 12 minutes for 8, one comes without a booking and waits, one never comes."""
    by, at = user(), kyiv("2020-07-10 09:40")
    came, _absent = booked(of, user(), "2020-07-10 09:40"), booked(of, user(), "2020-07-10 10:15")
    queue.arrive(office_id=of.office_id, visit_id=came, user_id=by, at=at)
    queue.call_next(window_id=of.windows[0], serving_id=None, user_id=by, at=at + dt.timedelta(minutes=12))
    queue.walk_in(office_id=of.office_id, question_id=of.question_id, user_id=by, at=at + dt.timedelta(minutes=14))
    queue.call_next(window_id=of.windows[0], serving_id=came, user_id=by, at=at + dt.timedelta(minutes=20))
    queue.serve(office_id=of.office_id, visit_id=_last(of), user_id=by, at=at + dt.timedelta(minutes=50))
    nightly.close_days(at=kyiv("2020-07-11 01:00"))


def _last(of: Hall) -> int:
    return Visit.objects.filter(office_id=of.office_id, starts_at=None).get().pk


def test_report_counts_by_day_weekday_hour_and_question() -> None:
    of = hall()
    worked_friday(of)

    found = report.report(office_id=of.office_id, first=dt.date(2020, 7, 1), last=dt.date(2020, 7, 31))

    assert found.total is not None
    total = found.total
    assert (total.booked, total.walked_in, total.served, total.no_shows, total.no_show_percent) == (2, 1, 2, 1, 33)
    # 12 minutes against a forecast of 0, 6 against 33 (a visit takes 35, and 2 of them had passed)
    assert (total.waited, total.forecast, total.forecast_error, total.lasted) == (9.0, 16.5, 19.5, 19.0)
    names = {
        section.title: [(row.name, row.booked + row.walked_in) for row in section.rows] for section in found.sections
    }
    assert names == {
        "За днями": [("10.07.2020", 3)],
        "За днями тижня": [("П'ятниця", 3)],
        "За годинами": [("09:00 – 10:00", 2), ("10:00 – 11:00", 1)],
        "За питаннями": [("Закордонний паспорт", 3)],
    }


def test_span_without_visits_says_so(settings: Settings) -> None:
    desk = Desk()

    assert "За ці дні візитів не було" in desk.page("report/?first=2019-01-01&last=2019-01-31")


def test_report_is_a_file_for_a_spreadsheet_that_runs_no_formulas() -> None:
    desk = Desk()
    Question.objects.update(name='=HYPERLINK("x")')
    worked_friday(desk.hall)

    answer = desk.client.get(desk.path + "report.csv?first=2020-07-01&last=2020-07-31")

    assert answer["Content-Disposition"] == 'attachment; filename="visits-2020-07-01-2020-07-31.csv"'
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Розріз;Значення;За записом;Без запису;")
    assert lines[1] == "За днями;10.07.2020;2;1;2;1;9.0;0.0;9.0;19.0"  # two windows: no wait was forecast
    assert lines[5].startswith('За питаннями;"\'=HYPERLINK(""x"")";2;1;')


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", "11.06.2020 – 11.07.2020"),
        ("?first=x&last=2020-07-10", "10.06.2020 – 10.07.2020"),
        ("?first=2000-01-01&last=2020-07-10", "11.07.2019 – 10.07.2020"),
        ("?first=2020-08-01&last=2020-07-10", "10.07.2020 – 10.07.2020"),
    ],
)
def test_span_is_a_month_by_default_and_a_year_at_most(asked: str, shown: str) -> None:
    assert shown in Desk().page(f"report/{asked}")


@pytest.mark.parametrize("count", [1, 3])
def test_report_asks_a_fixed_number_of_queries(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    desk = Desk()
    for time in ("09:05", "09:40", "10:15")[:count]:
        booked(desk.hall, user(), f"2020-07-10 {time}")
    desk.page("report/")

    with django_assert_num_queries(12):
        desk.page("report/")
