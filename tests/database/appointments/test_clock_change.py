"""Days on which Kyiv changes its clocks: 29 March and 25 October 2026, both Sundays."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings

from domivka.appointments import calendar, nightly, reminders, report
from domivka.appointments.models import SpecialDay, Visit
from domivka.identity.models import User
from domivka.notifications.models import Message
from tests.database.appointments.office import Hall, hall, kyiv
from tests.database.appointments.test_booking import booked, times
from tests.database.portal.test_reminders import reachable

pytestmark = pytest.mark.django_db
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
OPENS = {SPRING: "2026-03-29T06:00:00+00:00", AUTUMN: "2026-10-25T07:00:00+00:00"}  # nine in Kyiv, after the change


def sunday(day: dt.date) -> Hall:
    of = hall()
    SpecialDay.objects.create(office_id=of.office_id, day=day, opens=dt.time(9), closes=dt.time(11))
    return of


def before(day: dt.date) -> dt.datetime:
    return kyiv(f"{day - dt.timedelta(days=3)} 09:00")


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_day_is_offered_by_the_clock_on_the_wall(day: dt.date) -> None:
    of = sunday(day)

    assert times(of, day, before(day)) == ["09:00", "09:35", "10:10"]
    found = calendar.free_times(office_id=of.office_id, question_id=of.question_id, day=day, at=before(day))
    assert found[0].slot.starts_at == dt.datetime.fromisoformat(OPENS[day])


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_visit_is_shown_exported_and_reminded_of_at_its_hour(day: dt.date, settings: Settings) -> None:
    of, olena = sunday(day), reachable("olena@example.com")
    settings.FROZEN_NOW = before(day)
    visit_id = booked(of, olena.pk, f"{day} 09:00", before(day))
    client = Client()
    client.force_login(User.objects.get(pk=olena.pk))

    assert "09:00 – 09:35" in client.get(f"/services/visits/{visit_id}/").content.decode()
    starts = dt.datetime.fromisoformat(OPENS[day])
    ics = client.get(f"/services/visits/{visit_id}/visit.ics").content.decode()
    assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}" in ics
    assert reminders.remind(at=starts - dt.timedelta(hours=24, minutes=1)) == 0
    assert reminders.remind(at=starts - dt.timedelta(hours=24)) == 1
    assert "09:00" in Message.objects.get(template="appointments.reminder").subject
    assert reminders.remind(at=starts - dt.timedelta(hours=2)) == 1


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_night_after_closes_the_day_and_the_report_has_its_hour(day: dt.date) -> None:
    of = sunday(day)
    booked(of, reachable("olena@example.com").pk, f"{day} 10:10", before(day))

    assert nightly.close_days(at=kyiv(f"{day} 23:59")).no_show == 0
    assert nightly.close_days(at=kyiv(f"{day + dt.timedelta(days=1)} 00:01")).no_show == 1
    hours = report.report(office_id=of.office_id, first=day, last=day).sections[2]
    assert [(row.name, row.no_shows) for row in hours.rows] == [("10:00 – 11:00", 1)]


def test_hour_that_comes_twice_in_autumn_has_two_times_and_the_one_that_is_skipped_none() -> None:
    for day, expected in ((AUTUMN, ["02:00", "03:00", "03:00", "04:00"]), (SPRING, ["02:00", "04:00"])):
        of = hall(minutes=60)
        SpecialDay.objects.create(office_id=of.office_id, day=day, opens=dt.time(2), closes=dt.time(5))

        assert times(of, day, before(day)) == expected
    assert not Visit.objects.exists()
