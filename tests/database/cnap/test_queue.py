"""The desk's queues: what is shown and in which order, who has what in hand, and what is checked before it is sent."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from domivka.cnap import application_desk, consultations, desk, errors, offices, phrases
from domivka.cnap.models import Application, ApplicationStep, Consultation, ConsultationStep, Message, RefusalReason
from domivka.cnap.queue import Filter
from domivka.identity.models import User
from domivka.kernel.models import AuditEntry
from tests.builders import Town
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.test_applications import LATER, Desks

pytestmark = pytest.mark.django_db
APPLICATIONS = "/staff/cnap/applications/"
CONSULTATIONS = "/staff/cnap/consultations/"


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def asked(cnap: Desk, at: dt.datetime = AT, office: int | None = None) -> int:
    saved = consultations.save_consultation(
        user_id=cnap.user.pk, consultation_id=None, office_id=office or cnap.office, topic="Тема", question="п",
        uploads=[], at=at,
    )  # fmt: skip
    consultations.send_consultation(user_id=cnap.user.pk, consultation_id=saved.id, at=at)
    return saved.id


def colleague(cnap: Desk) -> User:
    made = Desk.administrator(cnap.town)
    made.surname, made.name, made.patronymic = "Гнатюк", "Дарина", "Олегівна"
    made.save()
    return made


def shown(page: str) -> list[int]:
    """Numbers of the rows, in their order."""
    return [int(one) for one in re.findall(r'<th scope="row">.*?№(?:&nbsp;|\xa0)(\d+)<', page)]


def text_of(answer: object) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())  # type: ignore[attr-defined]  # a response


def test_queue_is_narrowed_by_each_condition(cnap: Desks) -> None:
    client = client_of(cnap.admin)
    old, new, other = asked(cnap, AT - dt.timedelta(40)), asked(cnap), asked(cnap, office=cnap.other)
    desk.QUEUE.take(town_ids=cnap.town_ids, number=new, user_id=cnap.admin.pk, at=AT)
    found = {
        query: shown(client.get(f"{CONSULTATIONS}?{query}").content.decode())
        for query in (
            "", "whose=mine", "whose=nobodys", "term=overdue", f"office={cnap.other}", f"number={new}",
            "due_from=2026-12-01", "due_to=2026-11-30", "order=new", "state=answered", "state=nonsense",
        )
    }  # fmt: skip

    assert found == {
        "": [old, new, other],
        "whose=mine": [new],
        "whose=nobodys": [old, other],
        "term=overdue": [old],
        f"office={cnap.other}": [other],
        f"number={new}": [new],
        "due_from=2026-12-01": [new, other],
        "due_to=2026-11-30": [old],
        "order=new": [other, new, old],
        "state=answered": [],
        "state=nonsense": [old, new, other],  # nonsense shows what waits
    }


def test_term_that_ends_soon_and_one_that_is_over_are_marked_in_words(cnap: Desks) -> None:
    over, soon, far = (asked(cnap, AT - dt.timedelta(days)) for days in (31, 28, 5))

    page = client_of(cnap.admin).get(CONSULTATIONS).content.decode()
    near = shown(client_of(cnap.admin).get(f"{CONSULTATIONS}?term=soon").content.decode())

    marks = [
        (one, "прострочено" in row, "спливає" in row)
        for one, row in zip(shown(page), page.split('<th scope="row">')[1:], strict=True)
    ]
    assert marks == [(over, True, False), (soon, False, True), (far, False, False)]
    assert near == [soon]


def test_applications_are_narrowed_by_their_service(cnap: Desks) -> None:
    pk, client = cnap.sent(), client_of(cnap.admin)

    with_it = shown(client.get(f"{APPLICATIONS}?service={cnap.service}").content.decode())
    without = client.get(f"{APPLICATIONS}?office={cnap.other}&service={cnap.service}").content.decode()

    assert with_it == [pk]
    assert shown(without) == []
    assert "За цими умовами нічого немає" in without


def test_long_queue_has_pages(cnap: Desks) -> None:
    made = [asked(cnap) for _ in range(21)]
    client = client_of(cnap.admin)

    first, second = (shown(client.get(f"{CONSULTATIONS}?page={page}&order=old").content.decode()) for page in (1, 2))

    assert (first, second) == (made[:20], made[20:])


def test_several_are_taken_at_once_and_a_colleagues_are_left(cnap: Desks) -> None:
    one, two, theirs = cnap.sent(), cnap.sent(), cnap.sent()
    other = colleague(cnap)
    application_desk.QUEUE.take(town_ids=cnap.town_ids, number=theirs, user_id=other.pk, at=AT)

    page = text_of(client_of(cnap.admin).post(f"{APPLICATIONS}take/", {"chosen": [one, two, theirs]}, follow=True))

    assert "Взято в роботу: 2. Решту вже взяли колеги або розглянуто." in page
    assert dict(Application.objects.values_list("pk", "taken_by")) == {
        one: cnap.admin.pk, two: cnap.admin.pk, theirs: other.pk,
    }  # fmt: skip
    assert ApplicationStep.objects.filter(event="take", actor=cnap.admin).count() == 2
    foreign = client_of(Desk.administrator(Town("Інше")))
    waiting = asked(cnap)
    foreign.post(f"{CONSULTATIONS}take/", {"chosen": [waiting]})
    assert Consultation.objects.get().taken_by is None
    assert "Позначте, що взяти." in text_of(client_of(cnap.admin).post(f"{APPLICATIONS}take/", follow=True))


def test_colleagues_work_is_taken_with_a_reason_only(cnap: Desks) -> None:
    pk, other = cnap.sent(), colleague(cnap)
    application_desk.QUEUE.take(town_ids=cnap.town_ids, number=pk, user_id=other.pk, at=AT)

    with pytest.raises(errors.TextMissing, match="чому"):
        application_desk.QUEUE.take(**cnap.hands(pk))
    application_desk.QUEUE.take(**cnap.hands(pk), note="відпустка")

    assert Application.objects.get().taken_by == cnap.admin
    assert ApplicationStep.objects.filter(event="take").order_by("pk").values_list("note", flat=True)[1] == (
        "Гнатюк Д.О.: відпустка"
    )
    with pytest.raises(errors.NotNow):
        application_desk.QUEUE.take(**cnap.hands(pk))


def test_work_is_handed_to_a_colleague_and_residents_do_not_read_of_it(cnap: Desks) -> None:
    pk, other, client = asked(cnap), colleague(cnap), client_of(cnap.admin)
    stranger = Desk.administrator(Town("Інше"))

    client.post(f"{CONSULTATIONS}{pk}/hand_over/", {"to": other.pk, "text": "знає справу"})
    refused = text_of(client.post(f"{CONSULTATIONS}{pk}/hand_over/", {"to": stranger.pk}, follow=True))

    assert Consultation.objects.get().taken_by == other
    assert "Виберіть колегу." in refused
    staff_page = text_of(client.get(f"{CONSULTATIONS}{pk}/"))
    own_page = text_of(client_of(cnap.user).get(f"/services/consultations/{pk}/"))
    assert "Гнатюк Д.О.: знає справу" in staff_page
    assert "Виконує Гнатюк Д.О." in staff_page
    assert "знає справу" not in own_page
    assert "Передано колезі" not in own_page


def test_own_work_goes_back_to_the_queue(cnap: Desks) -> None:
    pk, other = cnap.sent(), colleague(cnap)
    application_desk.QUEUE.take(**cnap.hands(pk))

    with pytest.raises(errors.NotNow):
        application_desk.QUEUE.release(**{**cnap.hands(pk), "user_id": other.pk})
    application_desk.QUEUE.release(**cnap.hands(pk))

    assert Application.objects.get().taken_by is None
    actions = AuditEntry.objects.filter(object_kind="application").order_by("pk").values_list("action", flat=True)
    assert list(actions)[-2:] == ["cnap.application_take", "cnap.application_release"]


def test_asking_for_a_document_is_withdrawn_and_the_application_goes_on(cnap: Desks) -> None:
    pk = cnap.sent()
    application_desk.ask_document(**cnap.by(pk), text="Копія паспорта")

    client_of(cnap.admin).post(f"{APPLICATIONS}{pk}/withdraw/")

    assert Application.objects.get().state == "waiting"
    last = Message.objects.order_by("-pk")[0]
    assert last.subject == f"До заяви № {pk} документ більше не потрібен"
    assert "документ більше не потрібен: Копія паспорта." in last.body


def test_decision_is_shown_as_it_will_be_sent_before_it_is(cnap: Desks) -> None:
    pk, client = cnap.sent(), client_of(cnap.admin)
    posted = {"text": "Відсутні необхідні документи", "reason": "Немає документа"}

    preview = text_of(client.post(f"{APPLICATIONS}{pk}/refuse/", posted))
    before = (Application.objects.get().state, Message.objects.count())
    client.post(f"{APPLICATIONS}{pk}/refuse/", {**posted, "confirmed": "1"})

    assert f"Заяву № {pk} розглянуто" in preview
    assert "Вашу заяву було розглянуто. Результат: Відмовлено у розгляді." in preview
    assert "Відсутні необхідні документи" in preview
    assert before == ("waiting", 0)
    assert Application.objects.get().state == "refused"
    assert Message.objects.get().body in preview


def test_what_cannot_be_sent_is_not_offered_to_be_confirmed(cnap: Desks) -> None:
    pk, question, client = cnap.sent(), asked(cnap), client_of(cnap.admin)

    no_text = text_of(client.post(f"{APPLICATIONS}{pk}/grant/", {"text": " "}, follow=True))
    no_reason = text_of(client.post(f"{APPLICATIONS}{pk}/refuse/", {"text": "Ні.", "reason": "вигадана"}, follow=True))
    application_desk.decide(**cnap.by(pk), granted=True, reason="", text="Так.")
    late = text_of(
        client.post(f"{APPLICATIONS}{pk}/refuse/", {"text": "Ні.", "reason": "Немає документа"}, follow=True)
    )
    answer = text_of(client.post(f"{CONSULTATIONS}{question}/answer/", {"text": ""}, follow=True))

    assert "Напишіть відповідь." in no_text
    assert "Виберіть причину відмови з переліку." in no_reason
    assert "Стан уже змінився." in late
    assert "Напишіть відповідь." in answer


def test_answer_is_confirmed_and_sent(cnap: Desks) -> None:
    pk, client = asked(cnap), client_of(cnap.admin)

    preview = text_of(client.post(f"{CONSULTATIONS}{pk}/answer/", {"text": "Візьміть паспорт."}))
    client.post(f"{CONSULTATIONS}{pk}/answer/", {"text": "Візьміть паспорт.", "confirmed": "1"})

    assert f"Надано відповідь на консультацію № {pk}" in preview
    assert Consultation.objects.get().answer == "Візьміть паспорт."


def test_decision_and_history_stay_as_they_are_even_in_the_database(cnap: Desks) -> None:
    pk, question = cnap.sent(), asked(cnap)
    application_desk.decide(**cnap.by(pk), granted=False, reason="Немає документа", text="Ні.")
    desk.answer(town_ids=cnap.town_ids, consultation_id=question, text="Так.", user_id=cnap.admin.pk, at=LATER)

    for change in (
        {"answer": "Так."},
        {"state": "granted"},
        {"reason": "інша"},
        {"answered_at": AT},
        {"service_name": "і"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=pk).update(**change)
    for change in ({"answer": "Ні."}, {"state": "waiting"}, {"answered_by_name": "Хтось"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consultation.objects.filter(pk=question).update(**change)
    for steps in (ApplicationStep.objects.all(), ConsultationStep.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            steps.update(note="інше")
        with pytest.raises(IntegrityError), transaction.atomic():
            steps._raw_delete("default")


@pytest.mark.parametrize("count", [1, 3])
def test_queues_ask_the_same_few_questions(
    cnap: Desks, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        cnap.sent()
        asked(cnap)
    admin = client_of(cnap.admin)

    with django_assert_num_queries(10):
        admin.get(CONSULTATIONS)
    with django_assert_num_queries(11):
        admin.get(f"{APPLICATIONS}?whose=nobodys&order=person")
    assert desk.QUEUE.count(town_ids=cnap.town_ids, wanted=Filter()) == count


def test_colleagues_work_is_answered_only_after_taking_it(cnap: Desks) -> None:
    other, pk = colleague(cnap), asked(cnap)
    desk.QUEUE.take(town_ids=cnap.town_ids, number=pk, user_id=other.pk, at=AT)
    client = client_of(cnap.admin)

    page = text_of(client.get(f"{CONSULTATIONS}{pk}/"))
    refused = client.post(f"{CONSULTATIONS}{pk}/answer/", {"text": "Довга відповідь", "confirmed": "1"})

    assert "Переглянути й надіслати" not in page
    assert refused.status_code == 422
    assert "Цим займається колега (Гнатюк Д.О.)." in text_of(refused)
    assert "Довга відповідь" in text_of(refused)
    assert Consultation.objects.get().state == "waiting"


def test_explanation_survives_a_reason_that_was_retired_meanwhile(cnap: Desks) -> None:
    pk, reason = cnap.sent(), RefusalReason.objects.get()
    phrases.save_reason(town_id=cnap.town.row.pk, reason_id=None, name="Інша причина", user_id=cnap.admin.pk, at=AT)
    phrases.retire_reason(town_id=cnap.town.row.pk, reason_id=reason.pk, is_active=False, user_id=cnap.admin.pk, at=AT)

    page = text_of(
        client_of(cnap.admin).post(
            f"{APPLICATIONS}{pk}/refuse/", {"reason": reason.name, "text": "Дуже довге пояснення"}
        )
    )

    assert "Виберіть причину відмови з переліку." in page
    assert "Дуже довге пояснення</textarea>" in page
    assert "<option>Інша причина</option>" in page


def test_forwarding_offers_open_places_only(cnap: Desks) -> None:
    pk, client = cnap.sent(), client_of(cnap.admin)
    before = text_of(client.get(f"{APPLICATIONS}{pk}/"))
    offices.close_office(
        town_id=cnap.town.row.pk, office_id=cnap.other, closed_from=AT.date(), user_id=cnap.admin.pk, at=AT
    )

    assert "Віддалене місце – Староста" in before
    assert "Віддалене місце – Староста" not in text_of(client.get(f"{APPLICATIONS}{pk}/"))
