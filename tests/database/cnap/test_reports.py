"""Reports: load, waiting, overdue, refusals by reason, by office and service, for a span of days; as a file too."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from domivka.cnap import application_desk, catalogue, desk, phrases, reports
from domivka.cnap.reports import Line, Load, Refusals, Span
from domivka.kernel.models import AuditEntry
from tests.builders import Town
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import CENTRE, Desk, client_of
from tests.database.cnap.test_applications import SERVICE, Desks
from tests.database.cnap.test_queue import asked

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 30)
NOVEMBER = Span(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
LATE = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)  # the term was the 20th


@pytest.fixture
def cnap() -> Desks:
    """Refused late, refused in time, granted, waiting overdue and untaken; one question answered, one waits."""
    made = Desks()
    phrases.save_reason(town_id=made.town.row.pk, reason_id=None, name="=Неналежна особа", user_id=None, at=AT)
    for granted, reason, at in (
        (False, "Немає документа", LATE),
        (False, "=Неналежна особа", AT + dt.timedelta(days=2)),
        (True, "", AT + dt.timedelta(days=1)),
    ):
        pk = made.sent()
        application_desk.decide(
            town_ids=made.town_ids, application_id=pk, granted=granted, reason=reason, text="т", user_id=made.admin.pk,
            at=at,
        )  # fmt: skip
    made.sent()
    first = asked(made)
    asked(made, office=made.other)
    desk.answer(town_ids=made.town_ids, consultation_id=first, text="т", user_id=made.admin.pk, at=AT + dt.timedelta(1))
    return made


def test_report_counts_each_part(cnap: Desks) -> None:
    found = reports.report(town_ids=cnap.town_ids, span=NOVEMBER, today=TODAY)

    applications = Line("Заяви", 4, 3, 2, 1, 6.0, 1, 1, 1)  # 15, 2 and 1 days
    assert found.applications == applications
    assert found.consultations == Line("Звернення", 2, 1, 0, 0, 1.0, 1, 0, 1)
    assert found.offices == (
        Line("Віддалене місце", 1, 0, 0, 0, None, 1, 0, 1),
        Line(CENTRE, 5, 4, 2, 1, 4.8, 1, 1, 1),
    )
    assert [line.name for line in found.services] == [SERVICE]
    assert found.load == (Load("Левицька Соломія", 0, 4, 1),)
    assert found.refusals == (Refusals("=Неналежна особа", 1, 50), Refusals("Немає документа", 1, 50))


def test_report_of_other_days_an_office_and_a_service(cnap: Desks) -> None:
    week = reports.report(town_ids=cnap.town_ids, span=Span(LATE.date(), TODAY), today=TODAY)
    office = reports.report(
        town_ids=cnap.town_ids, span=Span(NOVEMBER.first, NOVEMBER.last, office_id=cnap.other), today=TODAY
    )
    service = reports.report(
        town_ids=cnap.town_ids, span=Span(NOVEMBER.first, NOVEMBER.last, service_id=cnap.service), today=TODAY
    )

    assert (week.applications.received, week.applications.answered, week.applications.late) == (0, 1, 1)
    assert [one.reason for one in week.refusals] == ["Немає документа"]
    assert office.consultations is not None
    assert (office.consultations.received, office.applications.received, len(office.offices)) == (1, 0, 1)
    assert service.consultations is None
    assert service.applications.received == 4


def test_centres_and_services_of_two_towns_called_the_same_are_two_lines(cnap: Desks) -> None:
    second = Desks("Інше")
    second.sent()
    asked(second)

    found = reports.report(town_ids=[*cnap.town_ids, *second.town_ids], span=NOVEMBER, today=TODAY)

    assert [(line.name, line.received) for line in found.offices] == [
        (f"Віддалене місце, {cnap.town.row.name}", 1), (f"{CENTRE}, Інше", 2), (f"{CENTRE}, {cnap.town.row.name}", 5),
    ]  # fmt: skip
    assert {(line.name, line.received) for line in found.services} == {
        (f"{SERVICE}, Інше", 1), (f"{SERVICE}, {cnap.town.row.name}", 4),
    }  # fmt: skip


def test_last_moment_of_the_last_day_in_kyiv_is_in_the_span(cnap: Desks) -> None:
    pk = cnap.sent()
    at = dt.datetime(2026, 11, 30, 21, 59, 59, tzinfo=dt.UTC)  # 23:59:59 in Kyiv
    application_desk.decide(
        town_ids=cnap.town_ids, application_id=pk, granted=True, reason="", text="т", user_id=cnap.admin.pk, at=at
    )

    found = reports.report(town_ids=cnap.town_ids, span=Span(TODAY, TODAY), today=TODAY)
    after = reports.report(
        town_ids=cnap.town_ids, span=Span(TODAY + dt.timedelta(1), TODAY + dt.timedelta(1)), today=TODAY
    )

    assert (found.applications.answered, after.applications.answered) == (1, 0)


def test_report_is_saved_as_a_table_that_computes_nothing(cnap: Desks) -> None:
    answer = client_of(cnap.admin).get("/staff/cnap/reports/file/?first=2026-11-01&last=2026-11-30")

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cnap-2026-11-01-2026-11-30.csv"'
    assert rows[0][:4] == ["Розділ", "Назва", "Надійшло", "Розглянуто"]
    assert rows[2] == ["Черга", "Заяви", "4", "3", "2", "1", "6,0", "1", "0", "1"]
    assert ["Причина відмови", "'=Неналежна особа", "", "", "1"] in rows
    assert AuditEntry.objects.filter(action="cnap.report_saved", actor_id=cnap.admin.pk).count() == 1


def test_page_shows_this_month_for_nonsense_and_nothing_of_other_towns(cnap: Desks) -> None:
    foreign = client_of(Desk.administrator(Town("Інше")))

    page = client_of(cnap.admin).get("/staff/cnap/reports/?first=2026-12-01&last=yesterday").content.decode()
    other = foreign.get(f"/staff/cnap/reports/?office={cnap.office}").content.decode()

    assert "01.11.2026 – 30.11.2026" in page
    assert SERVICE in page
    assert SERVICE not in other
    assert "Ніхто ще нічого не взяв у роботу." in other


@pytest.mark.parametrize("count", [1, 3])
def test_report_asks_the_same_few_questions(
    cnap: Desks, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        about: dict[str, Any] = {"town_id": cnap.town.row.pk, "user_id": None, "at": AT}
        catalogue.save_service(
            **about, service_id=None, name=f"Послуга {number}", card="", result="", fee_kop=0, is_active=True, days=5
        )
        cnap.sent()
    admin = client_of(cnap.admin)

    with django_assert_num_queries(16):
        admin.get("/staff/cnap/reports/")


@pytest.mark.parametrize("query", ["first=2026-01-01&last=9999-12-31", "first=0001-01-01&last=2026-12-31"])
def test_days_of_no_age_of_ours_show_this_month(cnap: Desks, query: str) -> None:
    page = client_of(cnap.admin).get(f"/staff/cnap/reports/?{query}")

    assert page.status_code == 200
