"""Terms with days they are in force from, reasons of refusals, and the town that settings go to."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from domivka.cnap import application_desk, catalogue, consultations, errors, phrases, terms
from domivka.cnap.models import (
    AnswerTemplate,
    AnswerTerm,
    Application,
    Case,
    Consultation,
    Office,
    RefusalReason,
    Service,
)
from domivka.identity import api as identity
from domivka.identity.models import Role
from domivka.kernel.models import AuditEntry
from tests.builders import Town
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.test_applications import Desks

pytestmark = pytest.mark.django_db
PATH = "/staff/cnap/terms/"
TODAY = dt.date(2026, 11, 10)


def text_of(page: Any) -> str:
    return " ".join(html.unescape(page.content.decode()).split())


def test_term_is_set_from_a_day_on_and_the_past_stays() -> None:
    cnap = Desks()
    client = client_of(cnap.admin)
    before = Application.objects.get(pk=cnap.sent()).due_on

    client.post(PATH, {"what": str(cnap.service), "length": "5", "valid_from": "2026-12-01"})
    client.post(PATH, {"what": "consultation", "length": "15", "valid_from": "2026-11-10"})

    shown = [
        (one.kind, one.service, one.days, one.valid_from, one.last_on, one.is_now, one.is_planned)
        for one in terms.terms(town_id=cnap.town.row.pk, on=TODAY)
    ]
    name = Service.objects.get().name
    assert shown == [
        ("consultation", "", 15, dt.date(2026, 11, 10), None, True, False),
        ("application", name, 5, dt.date(2026, 12, 1), None, False, True),
        ("application", name, 10, dt.date(2026, 11, 10), dt.date(2026, 11, 30), True, False),
    ]
    assert Application.objects.get().due_on == before == dt.date(2026, 11, 20)
    page = text_of(client.get(PATH))
    assert "10.11.2026 – 30.11.2026" in page
    assert "Заяви: 30 календарних днів, як велить закон" in page
    assert catalogue.service(service_id=cnap.service, on=dt.date(2026, 12, 1)).days == 5


def test_what_is_sent_later_has_the_term_of_that_day() -> None:
    cnap = Desk()
    set_days(cnap, 15, TODAY + dt.timedelta(1))

    due = []
    for at in (AT, AT + dt.timedelta(1)):
        saved = consultations.save_consultation(
            user_id=cnap.user.pk,
            consultation_id=None,
            office_id=cnap.office,
            topic="т",
            question="п",
            uploads=[],
            at=at,
        )
        consultations.send_consultation(user_id=cnap.user.pk, consultation_id=saved.id, at=at)
        due.append(Consultation.objects.get(pk=saved.id).due_on)

    assert due == [dt.date(2026, 12, 10), dt.date(2026, 11, 26)]


def set_days(cnap: Desk, length: int, valid_from: dt.date, at: dt.datetime = AT) -> int:
    return terms.set_term(
        town_id=cnap.town.row.pk, kind="consultation", service_id=None, length=length, valid_from=valid_from,
        user_id=cnap.admin.pk, at=at,
    )  # fmt: skip


def test_term_in_force_is_never_rewritten() -> None:
    cnap = Desk()
    client, pk = client_of(cnap.admin), set_days(cnap, 20, TODAY)

    with pytest.raises(errors.TermInForce):
        set_days(cnap, 5, TODAY)
    with pytest.raises(errors.TextMissing, match="минуле не змінюється"):
        set_days(cnap, 5, TODAY - dt.timedelta(1))
    refused = text_of(client.post(f"{PATH}{pk}/remove/", follow=True))

    assert "Цей строк уже діє" in refused
    assert AnswerTerm.objects.values_list("days", flat=True).get() == 20


def test_planned_term_is_changed_and_taken_back() -> None:
    cnap = Desk()
    later = TODAY + dt.timedelta(30)
    first = set_days(cnap, 20, later)

    again = set_days(cnap, 12, later)
    days = AnswerTerm.objects.values_list("days", flat=True).get()
    client_of(cnap.admin).post(f"{PATH}{again}/remove/")

    assert (first, days) == (again, 12)
    assert not AnswerTerm.objects.exists()
    actions = AuditEntry.objects.filter(object_kind="answer_term").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["cnap.term_set", "cnap.term_set", "cnap.term_removed"]


def test_reason_is_added_renamed_and_retired_and_refusals_keep_theirs() -> None:
    cnap = Desks()
    client, path = client_of(cnap.admin), "/staff/cnap/reasons/"
    client.post(path, {"name": "Неналежна особа"})
    reason = RefusalReason.objects.get(name="Неналежна особа")
    pk = cnap.sent()
    application_desk.decide(**cnap.by(pk), granted=False, reason="Неналежна особа", text="Ні.")

    client.post(f"{path}?reason={reason.pk}", {"name": "Звернулася неналежна особа"})
    client.post(f"{path}{reason.pk}/retire/")

    offered = [one.name for one in phrases.reasons(town_ids=cnap.town_ids)]
    report = text_of(client.get("/staff/cnap/reports/?first=2026-11-01&last=2026-11-30"))
    row = Application.objects.get()
    assert offered == ["Немає документа"]
    assert (row.reason, row.refusal_reason_id) == ("Неналежна особа", reason.pk)
    assert "Звернулася неналежна особа" in report
    second = cnap.sent()
    with pytest.raises(errors.TextMissing, match="з переліку"):
        application_desk.decide(**cnap.by(second), granted=False, reason="Звернулася неналежна особа", text="Ні.")
    client.post(f"{path}{reason.pk}/retire/", {"restore": "1"})
    assert len(phrases.reasons(town_ids=cnap.town_ids)) == 2


def test_administrator_of_several_towns_says_which_one() -> None:
    cnap, other = Desk(), Town("Вишневе")
    identity.grant_role(user_id=cnap.admin.pk, role=Role.CNAP, scope_id=other.row.pk, at=AT, actor_id=None)
    client = client_of(cnap.admin)
    new = {"name": "Відділення", "address": "вул. Садова, 1"}

    asked = text_of(client.get("/staff/cnap/offices/"))
    silent = text_of(client.post("/staff/cnap/offices/", new))
    client.post(f"/staff/cnap/offices/?town={other.row.pk}", new)
    client.post(f"/staff/cnap/templates/?town={other.row.pk}", {"name": "Зразок", "text": "Так."})
    card = {"name": "Послуга", "fee": "0", "days": "3"}
    client.post(f"/staff/cnap/services/new/?town={other.row.pk}", card)
    kept = client.get("/staff/cnap/terms/")

    assert "Ви адміністратор кількох міст" in asked
    assert "Ви адміністратор кількох міст" in silent
    assert [one.town_id for one in Office.objects.filter(name="Відділення")] == [other.row.pk]
    assert [one.town_id for one in AnswerTemplate.objects.all()] == [other.row.pk]
    assert [one.town_id for one in Service.objects.all()] == [other.row.pk]
    assert kept.headers["Location"] == f"/staff/cnap/terms/?town={other.row.pk}"
    foreign = text_of(client.get(f"/staff/cnap/offices/?town={Town('Чуже').row.pk}", follow=True))
    assert "Чуже" not in foreign


def test_paper_case_of_one_of_several_towns_says_which_one() -> None:
    cnap, other = Desk(), Town("Вишневе")
    identity.grant_role(user_id=cnap.admin.pk, role=Role.CNAP, scope_id=other.row.pk, at=AT, actor_id=None)
    client = client_of(cnap.admin)

    refused = text_of(client.post("/staff/cnap/cases/open/", {"number": "1"}, follow=True))
    client.post("/staff/cnap/cases/open/", {"number": "1", "town": other.row.pk})

    assert "Виберіть місто паперової заяви." in refused
    assert Case.objects.get().town_id == other.row.pk


def test_administrator_of_one_town_is_asked_nothing() -> None:
    cnap = Desk()

    page = text_of(client_of(cnap.admin).get("/staff/cnap/offices/"))

    assert "Вибрати місто" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_few_questions(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cnap = Desk()
    for number in range(count):
        set_days(cnap, 20 + number, TODAY + dt.timedelta(number))
        about: dict[str, Any] = {"town_id": cnap.town.row.pk, "user_id": cnap.admin.pk, "at": AT}
        phrases.save_reason(**about, reason_id=None, name=f"Причина {number}")
        phrases.save_template(**about, name=f"Зразок {number}", text="Так.")
    admin = client_of(cnap.admin)

    with django_assert_num_queries(8):
        admin.get(PATH)
    with django_assert_num_queries(7):
        admin.get("/staff/cnap/reasons/")
    with django_assert_num_queries(7):
        admin.get("/staff/cnap/templates/")
