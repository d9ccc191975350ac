"""«Справи»: by the full number, one's own without typing, kept by the desk."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from domivka.cnap import cases, errors
from domivka.cnap.models import Case, CaseStage
from domivka.cnap.web.cases import LOOKUPS_A_MINUTE
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from tests.builders import Town, person
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.test_applications import Desks

pytestmark = pytest.mark.django_db
NUMBER = "1234-5678-910-011-2019"


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def opened(cnap: Desks, number: str = NUMBER, application_id: int | None = None) -> int:
    return cases.open_case(
        town_ids=cnap.town_ids, number=number, application_id=application_id, user_id=cnap.admin.pk, at=AT
    )


def stage(cnap: Desks, case_id: int, **what: object) -> int:
    given = {
        "name": "Взяття на облік безхазяйного нерухомого майна",
        "subject": "Державний реєстратор прав на нерухоме майно міста Мерефи",
        "handed_on": dt.date(2019, 6, 6),
        "result": "Призупинено розгляд",
        "document_on": None,
        "returned_on": None,
        "stage_id": None,
        **what,
    }
    return cases.save_stage(town_ids=cnap.town_ids, case_id=case_id, user_id=cnap.admin.pk, at=AT, **given)  # type: ignore[arg-type]  # a dict of what a stage has


def test_case_is_found_by_its_full_number_only(cnap: Desks) -> None:
    stage(cnap, opened(cnap))
    client = client_of(person())

    page = client.get(f"/services/cases/?number={NUMBER}").content.decode()
    part = client.get("/services/cases/?number=1234").content.decode()

    for words in (
        "Взяття на облік безхазяйного нерухомого майна",
        "Державний реєстратор прав на нерухоме майно міста Мерефи",
        "06.06.2019",
        "Призупинено розгляд",
    ):
        assert words in page
    assert "Справи з таким номером немає" in part
    assert "Призупинено" not in part


def test_own_cases_are_there_without_typing(cnap: Desks) -> None:
    stage(cnap, opened(cnap, application_id=cnap.sent()))

    own = client_of(cnap.user).get("/services/cases/").content.decode()
    others = client_of(person()).get("/services/cases/").content.decode()

    assert f"Ваша справа {NUMBER}" in own
    assert "Призупинено розгляд" in own
    assert NUMBER not in others


def test_numbers_cannot_be_guessed_one_after_another(cnap: Desks) -> None:
    stage(cnap, opened(cnap))
    client = client_of(person())
    for number in range(LOOKUPS_A_MINUTE):
        client.get(f"/services/cases/?number={number}")

    page = client.get(f"/services/cases/?number={NUMBER}").content.decode()

    assert "Забагато пошуків" in page
    assert "Призупинено" not in page


def test_desk_opens_a_case_and_moves_it(cnap: Desks) -> None:
    pk, client = cnap.sent(), client_of(cnap.admin)

    client.post("/staff/cnap/cases/open/", {"number": NUMBER, "application": pk})
    case = Case.objects.get()
    posted = {"name": "Розгляд", "subject": "Відділ реєстрації", "handed_on": "2026-11-10"}
    client.post(f"/staff/cnap/cases/{case.pk}/", posted)
    one = CaseStage.objects.get()
    client.post(
        f"/staff/cnap/cases/{case.pk}/?stage={one.pk}",
        {**posted, "result": "Видано", "document_on": "2026-11-12", "returned_on": "2026-11-13"},
    )

    assert (case.user_id, case.application_id) == (cnap.user.pk, pk)
    one.refresh_from_db()
    assert (one.result, one.document_on, one.returned_on) == ("Видано", dt.date(2026, 11, 12), dt.date(2026, 11, 13))
    assert NUMBER in client.get("/staff/cnap/cases/?number=910").content.decode()
    actions = (
        AuditEntry.objects.filter(object_kind="case", is_read=False).order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == ["cnap.case_opened", "cnap.case_stage_saved", "cnap.case_stage_saved"]


def test_number_and_application_have_one_case(cnap: Desks) -> None:
    pk = cnap.sent()
    opened(cnap, application_id=pk)

    with pytest.raises(cases.CaseNumberTaken):
        opened(cnap)
    with pytest.raises(errors.NotNow):
        opened(cnap, number="2", application_id=pk)
    with pytest.raises(NotFoundError):
        opened(cnap, number="3", application_id=cnap.draft())
    assert Case.objects.count() == 1


def test_dates_of_a_stage_are_in_order(cnap: Desks) -> None:
    case_id = opened(cnap)

    with pytest.raises(cases.StageDatesWrong):
        stage(cnap, case_id, document_on=dt.date(2019, 6, 5))

    one = stage(cnap, case_id, document_on=dt.date(2019, 6, 6))
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseStage.objects.filter(pk=one).update(returned_on=dt.date(2019, 6, 5))


def test_another_towns_desk_has_no_such_case(cnap: Desks) -> None:
    case_id = opened(cnap)
    client = client_of(Desk.administrator(Town("Інше")))

    assert client.get(f"/staff/cnap/cases/{case_id}/").status_code == 404
    assert NUMBER not in client.get("/staff/cnap/cases/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_few_questions(
    cnap: Desks, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        stage(cnap, opened(cnap, number=f"{NUMBER}-{number}", application_id=cnap.sent()))
    client, admin = client_of(cnap.user), client_of(cnap.admin)

    with django_assert_num_queries(6):
        client.get("/services/cases/")
    with django_assert_num_queries(9):
        admin.get("/staff/cnap/cases/")


def test_stage_put_by_mistake_is_taken_away(cnap: Desks) -> None:
    case_id = opened(cnap)
    stay, go = stage(cnap, case_id), stage(cnap, case_id, name="Помилка")
    client = client_of(cnap.admin)

    page = client.get(f"/staff/cnap/cases/{case_id}/?stage={go}").content.decode()
    client.post(f"/staff/cnap/cases/{case_id}/stages/{go}/remove/")

    assert "Вилучити етап" in page
    assert AuditEntry.objects.filter(action="cnap.case_read", is_read=True, actor_id=cnap.admin.pk).count() == 1
    assert list(CaseStage.objects.values_list("pk", flat=True)) == [stay]
    assert AuditEntry.objects.filter(action="cnap.case_stage_removed", object_id=str(case_id)).count() == 1
    assert client.post(f"/staff/cnap/cases/{case_id}/stages/{go}/remove/").status_code == 404


def test_zero_byte_in_a_number_is_a_bad_request(cnap: Desks) -> None:
    assert client_of(cnap.user).get("/services/cases/?number=a%00b").status_code == 400
