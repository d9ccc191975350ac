"""Centres and bodies that the administrator keeps: the same ones everywhere, closed from a day on, never deleted."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments.calendar import office_days
from domivka.appointments.models import Hours
from domivka.cnap import applications, catalogue, consultations, errors, offices
from domivka.cnap.models import Application, Office, Subject
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from tests.builders import Town
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.test_applications import Desks

pytestmark = pytest.mark.django_db
PATH = "/staff/cnap/offices/"


def body(cnap: Desk, name: str = "Відділ реєстрації") -> int:
    return offices.save_subject(
        town_id=cnap.town.row.pk, subject_id=None, name=name, address="", phone="", email="", user_id=None, at=AT
    )


def test_office_is_added_and_changed_at_the_desk() -> None:
    cnap = Desk()
    client, one = client_of(cnap.admin), body(cnap)
    posted = {
        "name": "Нове місце", "address": "вул. Нова, 5", "phone": "0 800 1", "email": "a@b.example",
        "hours_text": "пн – пт 8:00 – 17:00", "subject_ids": [one],
    }  # fmt: skip

    client.post(PATH, posted)
    made = Office.objects.get(name="Нове місце")
    client.post(f"{PATH}{made.pk}/", {**posted, "name": "Нове віддалене місце", "subject_ids": []})
    page = html.unescape(client.get(PATH).content.decode())

    made.refresh_from_db()
    assert (made.name, made.address, made.phone) == ("Нове віддалене місце", "вул. Нова, 5", "0 800 1")
    assert (made.email, made.hours_text, made.subjects.count()) == ("a@b.example", "пн – пт 8:00 – 17:00", 0)
    assert "Нове віддалене місце" in page
    taken = client.post(PATH, posted | {"name": made.name}).content.decode()
    assert "ЦНАП з такою назвою вже є." in taken
    actions = AuditEntry.objects.filter(object_kind="cnap_office", object_id=made.pk).values_list("action", flat=True)
    assert list(actions) == ["cnap.office_saved", "cnap.office_saved"]


def test_added_office_is_there_for_questions_and_visits_at_once() -> None:
    cnap = Desk()
    client_of(cnap.admin).post(PATH, {"name": "Нове місце", "address": "вул. Нова, 5"})

    asked = client_of(cnap.user).get("/services/consultations/new/").content.decode()
    board = client_of(cnap.admin).get("/staff/visits/").content.decode()

    assert "Нове місце" in asked
    assert "Нове місце" in board


def test_office_closes_from_a_day_on_and_keeps_what_it_has() -> None:
    cnap = Desks()
    client, pk, draft = client_of(cnap.admin), cnap.sent(), cnap.draft()
    last = dt.date(2026, 11, 20)

    client.post(f"{PATH}{cnap.office}/close/", {"closed_from": last.isoformat()})

    assert "закриється 20.11.2026" in client.get(PATH).content.decode()
    before, after = AT + dt.timedelta(9), AT + dt.timedelta(10)
    assert cnap.office in [one.id for one in offices.offices(on=before.date())]
    assert cnap.office not in [one.id for one in offices.offices(on=after.date())]
    assert [one.office_id for one in catalogue.service(service_id=cnap.service, on=last).offers] == [cnap.other]
    with pytest.raises(errors.NotOffered):
        applications.send_application(user_id=cnap.user.pk, application_id=draft, at=after)
    assert client.get(f"/staff/cnap/applications/{pk}/").status_code == 200
    assert Application.objects.get(pk=pk).state == "waiting"


def test_closed_office_takes_no_question(settings: Settings) -> None:
    cnap = Desk()
    offices.close_office(
        town_id=cnap.town.row.pk, office_id=cnap.office, closed_from=AT.date(), user_id=cnap.admin.pk, at=AT
    )

    with pytest.raises(NotFoundError, match="ЦНАП"):
        consultations.save_consultation(
            user_id=cnap.user.pk,
            consultation_id=None,
            office_id=cnap.office,
            topic="т",
            question="п",
            uploads=[],
            at=AT,
        )
    client_of(cnap.admin).post(f"{PATH}{cnap.office}/close/", {"open": "1"})
    assert Office.objects.get(pk=cnap.office).closed_from is None


def test_closed_office_has_no_days_for_visits() -> None:
    cnap = Desk()
    for weekday in range(5):
        Hours.objects.create(
            office_id=cnap.office, weekday=weekday, opens=dt.time(9), closes=dt.time(16), valid_from=dt.date(2020, 1, 1)
        )
    offices.close_office(
        town_id=cnap.town.row.pk, office_id=cnap.office, closed_from=dt.date(2026, 11, 12), user_id=None, at=AT
    )

    days = office_days(office_id=cnap.office, first=dt.date(2026, 11, 9), last=dt.date(2026, 11, 20))

    assert [one.day.day for one in days] == [9, 10, 11]


def test_past_cannot_be_closed() -> None:
    cnap = Desk()
    client = client_of(cnap.admin)

    page = client.post(f"{PATH}{cnap.office}/close/", {"closed_from": "2026-11-09"}, follow=True).content.decode()
    empty = client.post(f"{PATH}{cnap.office}/close/", {"closed_from": ""}, follow=True).content.decode()

    assert "минуле не змінюється" in page
    assert "Виберіть день." in empty
    assert Office.objects.get(pk=cnap.office).closed_from is None


def test_body_whose_service_is_asked_for_here_stays_with_the_office() -> None:
    cnap = Desks()
    about = {"town_id": cnap.town.row.pk, "office_id": cnap.office, "user_id": None, "at": AT}

    with pytest.raises(errors.StillUsed, match="Відділ реєстрації ще надає тут послуги"):
        offices.save_office(**about, name="ЦНАП", address="вул. Нова, 5", subject_ids=[])  # type: ignore[arg-type]  # a mixed dict

    names = [one.name for one in offices.card(town_ids=cnap.town_ids, office_id=cnap.office).subjects]
    assert names == ["Відділ реєстрації"]  # the place of the service brought it
    assert Office.objects.get(pk=cnap.office).name != "ЦНАП"


def test_body_is_kept_at_the_desk_and_closes() -> None:
    cnap = Desks()
    client, path = client_of(cnap.admin), "/staff/cnap/subjects/"
    pk = Subject.objects.get(name="Староста").pk

    client.post(path, {"name": "Реєстратор", "phone": "0 800 2"})
    client.post(f"{path}?subject={pk}", {"name": "Староста округу", "address": "вул. Садова, 1"})
    client.post(f"{path}{pk}/close/", {"closed_from": "2026-11-10"})

    listed = [(one.name, one.phone, one.address, one.closed_from) for one in offices.subjects(town_ids=cnap.town_ids)]
    assert listed == [
        ("Відділ реєстрації", "", "", None),
        ("Реєстратор", "0 800 2", "", None),
        ("Староста округу", "", "вул. Садова, 1", dt.date(2026, 11, 10)),
    ]
    assert [one.subject for one in catalogue.service(service_id=cnap.service, on=AT.date()).offers] == [
        "Відділ реєстрації"
    ]


def test_another_towns_offices_do_not_exist() -> None:
    cnap = Desks()
    foreign = client_of(Desk.administrator(Town("Інше")))
    pk = Subject.objects.get(name="Староста").pk

    assert foreign.get(f"{PATH}{cnap.office}/").status_code == 404
    assert foreign.post(f"{PATH}{cnap.office}/", {"name": "н", "address": "а"}).status_code == 404
    assert foreign.post(f"{PATH}{cnap.office}/close/", {"closed_from": "2026-11-20"}).status_code == 404
    assert foreign.post(f"/staff/cnap/subjects/{pk}/close/", {"closed_from": "2026-11-20"}).status_code == 404
    assert not Office.objects.exclude(closed_from=None).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_few_questions(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cnap = Desk()
    for number in range(count):
        one = body(cnap, f"СНАП {number}")
        offices.save_office(
            town_id=cnap.town.row.pk, name=f"ЦНАП {number}", address="а", subject_ids=[one], user_id=None, at=AT
        )
    admin = client_of(cnap.admin)

    with django_assert_num_queries(9):
        admin.get(PATH)
    with django_assert_num_queries(7):
        admin.get("/staff/cnap/subjects/")
