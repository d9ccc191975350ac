"""«Звернення»: a draft, then read-only, then answered."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from domivka.cnap import consultations, desk, errors, letters, offices, personal
from domivka.cnap.files import Upload
from domivka.cnap.models import AnswerTemplate, AnswerTerm, Consultation, ConsultationFile, ConsultationStep, Message
from domivka.cnap.queue import Filter
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.notifications.models import Message as Letter
from tests.builders import Town, person
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import CENTRE, Desk, client_of
from tests.database.cnap.samples import JPG, PDF

pytestmark = pytest.mark.django_db
LATER = dt.datetime(2026, 11, 11, 9, 27, 15, tzinfo=dt.UTC)


@pytest.fixture
def cnap() -> Desk:
    return Desk()


def draft(cnap: Desk, *uploads: Upload, topic: str = "Test") -> int:
    return consultations.save_consultation(
        user_id=cnap.user.pk,
        consultation_id=None,
        office_id=cnap.office,
        topic=topic,
        question="Test question",
        uploads=uploads,
        at=AT,
    ).id


def sent(cnap: Desk, *uploads: Upload) -> int:
    pk = draft(cnap, *uploads)
    consultations.send_consultation(user_id=cnap.user.pk, consultation_id=pk, at=AT)
    return pk


def test_draft_is_saved_changed_and_deleted_from_the_page(cnap: Desk) -> None:
    client = client_of(cnap.user)
    asked = {"office": cnap.office, "topic": "Test", "question": "Test question"}

    client.post("/services/consultations/new/", {**asked, "files": SimpleUploadedFile("hoda1.jpg", JPG), "do": "save"})
    row = Consultation.objects.get()
    page = client.get("/services/consultations/").content.decode()
    client.post(f"/services/consultations/{row.pk}/", {**asked, "topic": "Другий варіант", "do": "save"})

    assert (row.state, row.topic, row.question) == ("draft", "Test", "Test question")
    assert "Не відправлено" in page
    assert list(row.files.values_list("name", flat=True)) == ["hoda1.jpg"]
    row.refresh_from_db()
    assert row.topic == "Другий варіант"
    client.post(f"/services/consultations/{row.pk}/delete/")
    assert not Consultation.objects.exists()
    assert not ConsultationFile.objects.exists()


def test_sent_waits_and_can_only_be_read(cnap: Desk) -> None:
    pk = sent(cnap, Upload("hoda1.jpg", JPG))
    client = client_of(cnap.user)

    page = client.get(f"/services/consultations/{pk}/").content.decode()

    assert "В очікуванні" in page
    assert "Test question" in page
    assert "10.12.2026" in page  # thirty days
    assert "<textarea" not in page
    told = client.post(
        f"/services/consultations/{pk}/", {"topic": "Інше", "question": "?", "office": cnap.office}, follow=True
    )
    assert "вже відправлено" in told.content.decode()
    client.post(f"/services/consultations/{pk}/delete/")
    file = ConsultationFile.objects.get()
    client.post(f"/services/consultations/{pk}/files/{file.pk}/remove/")
    assert client.get(f"/services/consultations/{pk}/files/{file.pk}/").content == JPG
    assert Consultation.objects.get().topic == "Test"
    with pytest.raises(errors.AlreadySent):
        consultations.send_consultation(user_id=cnap.user.pk, consultation_id=pk, at=AT)


def test_database_itself_keeps_what_was_sent(cnap: Desk) -> None:
    pk = sent(cnap, Upload("hoda1.jpg", JPG))
    row = Consultation.objects.get(pk=pk)

    assert row.content_hash == consultations.seal(row)
    for change in ({"question": "інше"}, {"content_hash": "0" * 64}, {"state": "draft"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consultation.objects.filter(pk=pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.filter(pk=pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsultationFile.objects.all().update(name="інше.jpg")
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.filter(pk=pk).update(state="granted")  # no state of a consultation


def test_files_are_four_megabytes_in_all(cnap: Desk) -> None:
    part = PDF + bytes(1024) + b"%%EOF"
    half = PDF[:9] + bytes(2 * 1024 * 1024 - 9 - 5) + b"%%EOF"
    pk = draft(cnap, Upload("a.pdf", half), Upload("b.pdf", half[:5] + b"2" + half[6:]))

    saved = consultations.save_consultation(
        user_id=cnap.user.pk, consultation_id=pk, office_id=cnap.office, topic="t", question="q",
        uploads=[Upload("c.pdf", part), Upload("d.jpg", b"MZ")], at=AT,
    )  # fmt: skip

    assert [(one.name, one.why.split(".")[0]) for one in saved.refused] == [
        ("c.pdf", "Разом файли не можуть перевищувати 4 Мб"),
        ("d.jpg", "Такий файл прийняти не можна"),
    ]
    assert ConsultationFile.objects.count() == 2
    assert Consultation.objects.get().topic == "t"  # what was typed is kept


def test_answer_has_its_author_and_moment_and_makes_a_message_and_a_letter(cnap: Desk) -> None:
    EmailAddress.objects.create(user=cnap.user, email="resident@example.org", verified=True, primary=True)
    pk = sent(cnap)
    desk.QUEUE.take(town_ids=cnap.town_ids, number=pk, user_id=cnap.admin.pk, at=AT)

    desk.answer(
        town_ids=cnap.town_ids,
        consultation_id=pk,
        text="Тестова відповідь на тестове питання",
        user_id=cnap.admin.pk,
        at=LATER,
    )

    client = client_of(cnap.user)
    page = client.get(f"/services/consultations/{pk}/").content.decode()
    row = client.get("/services/consultations/").content.decode()
    assert "Тестова відповідь на тестове питання" in page
    for text in (page, row):
        assert "Надано роз&#x27;яснення" in text
        assert "Левицька С.І." in text
        assert "11.11.2026 11:27:15" in text
    message = Message.objects.get()
    assert (message.subject, message.sender_name, message.read_at) == (
        f"Надано відповідь на консультацію № {pk}", "Левицька С.І.", None,
    )  # fmt: skip
    assert message.body == "Шановний(на) Кожемяка С.Б., Ваше звернення було розглянуто та надано відповідь."
    letter = Letter.objects.get(template="cnap.consultation")
    assert (letter.recipient, letter.subject) == ("resident@example.org", message.subject)
    assert f"/services/consultations/{pk}/" in letter.body


def test_message_is_unread_until_it_is_opened(cnap: Desk) -> None:
    pk = sent(cnap)
    desk.answer(town_ids=cnap.town_ids, consultation_id=pk, text="Так.", user_id=cnap.admin.pk, at=LATER)
    client, message_id = client_of(cnap.user), Message.objects.get().pk

    assert "Непрочитаних: 1" in client.get("/services/").content.decode()
    assert "непрочитане" in client.get("/services/messages/").content.decode()
    client.get(f"/services/messages/{message_id}/")

    assert Message.objects.get().read_at == AT
    assert letters.count_unread(user_id=cnap.user.pk) == 0
    assert client_of(person()).get(f"/services/messages/{message_id}/").status_code == 404


def test_message_speaks_the_persons_language(cnap: Desk) -> None:
    cnap.user.language = "en"
    cnap.user.save()
    pk = sent(cnap)

    desk.answer(town_ids=cnap.town_ids, consultation_id=pk, text="Так.", user_id=cnap.admin.pk, at=LATER)

    assert Message.objects.get().subject == f"Consultation No. {pk} was answered"


def test_every_transition_is_in_the_history_and_the_audit(cnap: Desk) -> None:
    pk = sent(cnap)
    by: dict[str, Any] = {"town_ids": cnap.town_ids, "user_id": cnap.admin.pk, "at": LATER}

    desk.QUEUE.take(**by, number=pk)
    desk.forward(**by, consultation_id=pk, office_id=cnap.other, note="їхня вулиця")
    desk.answer(**by, consultation_id=pk, text="Так.")

    steps = ConsultationStep.objects.order_by("pk").values_list("event", "state", "note")
    assert list(steps) == [
        ("send", "waiting", ""),
        ("take", "waiting", ""),
        ("forward", "waiting", "Віддалене місце: їхня вулиця"),
        ("answer", "answered", ""),
    ]
    audited = AuditEntry.objects.filter(object_kind="consultation", town_id=cnap.town.row.pk).order_by("pk")
    assert [entry.action.removeprefix("cnap.consultation_") for entry in audited] == [
        "saved", "send", "take", "forward", "answer",
    ]  # fmt: skip


def test_forwarded_is_nobodys_again(cnap: Desk) -> None:
    pk = sent(cnap)
    desk.QUEUE.take(town_ids=cnap.town_ids, number=pk, user_id=cnap.admin.pk, at=AT)

    desk.forward(
        town_ids=cnap.town_ids, consultation_id=pk, office_id=cnap.other, note="там", user_id=cnap.admin.pk, at=AT
    )

    row = Consultation.objects.get()
    assert (row.office_id, row.taken_by_id, row.state) == (cnap.other, None, "waiting")


def test_answer_is_given_once(cnap: Desk) -> None:
    pk = sent(cnap)
    desk.answer(town_ids=cnap.town_ids, consultation_id=pk, text="Так.", user_id=cnap.admin.pk, at=AT)

    with pytest.raises(errors.NotNow):
        desk.answer(town_ids=cnap.town_ids, consultation_id=pk, text="Ні.", user_id=cnap.admin.pk, at=AT)

    assert Consultation.objects.get().answer == "Так."
    assert Message.objects.count() == 1


def test_another_towns_administrator_sees_nothing(cnap: Desk) -> None:
    pk = sent(cnap)
    stranger = Desk.administrator(Town("Інше"))
    client = client_of(stranger)

    assert client.get(f"/staff/cnap/consultations/{pk}/").status_code == 404
    assert client.post(f"/staff/cnap/consultations/{pk}/answer/", {"text": "Так."}).status_code == 404
    assert "Test" not in client.get("/staff/cnap/consultations/").content.decode()
    assert Consultation.objects.get().state == "waiting"


def test_drafts_are_not_the_desks_to_see(cnap: Desk) -> None:
    pk = draft(cnap)

    client = client_of(cnap.admin)

    assert client.get(f"/staff/cnap/consultations/{pk}/").status_code == 404
    assert "Test" not in client.get("/staff/cnap/consultations/?state=").content.decode()


def test_other_peoples_consultations_do_not_exist(cnap: Desk) -> None:
    pk = draft(cnap, Upload("hoda1.jpg", JPG))
    file_id = ConsultationFile.objects.get().pk
    client = client_of(person())

    assert client.get(f"/services/consultations/{pk}/").status_code == 404
    assert client.get(f"/services/consultations/{pk}/files/{file_id}/").status_code == 404
    for path in ("send/", "delete/", f"files/{file_id}/remove/"):
        assert client.post(f"/services/consultations/{pk}/{path}").status_code == 404
    assert Consultation.objects.get().state == "draft"
    with pytest.raises(NotFoundError):
        consultations.delete_consultation(user_id=person().pk, consultation_id=pk, at=AT)


def test_opening_at_the_desk_is_audited(cnap: Desk) -> None:
    pk = sent(cnap)

    client_of(cnap.admin).get(f"/staff/cnap/consultations/{pk}/")

    entry = AuditEntry.objects.get(action="cnap.consultation_read")
    assert (entry.actor_id, entry.is_read, entry.person_ids) == (cnap.admin.pk, True, [cnap.user.pk])


def test_term_of_the_town_is_taken_and_overdue_is_marked(cnap: Desk) -> None:
    AnswerTerm.objects.create(
        town=cnap.town.row, kind=AnswerTerm.Kind.CONSULTATION, days=3, valid_from=dt.date(2026, 11, 1)
    )
    pk = sent(cnap)

    row = Consultation.objects.get()
    shown = desk.QUEUE.rows(town_ids=cnap.town_ids, wanted=Filter(), today=dt.date(2026, 11, 14), limit=9)
    overdue = Filter(overdue_on=dt.date(2026, 11, 13))

    assert row.due_on == dt.date(2026, 11, 13)
    assert [(one.id, one.is_overdue) for one in shown] == [(pk, True)]
    assert desk.QUEUE.count(town_ids=cnap.town_ids, wanted=overdue) == 0  # the last day is still in time


def test_desk_answers_from_a_template(cnap: Desk) -> None:
    pk = sent(cnap)
    client = client_of(cnap.admin)
    text = "{заявник}, візьміть паспорт ({Тема}, № {номер}, до {строк}). {цнап}, {адреса}. {адміністратор}"
    client.post("/staff/cnap/templates/", {"name": "Перелік документів", "text": text})
    about = f"?template={AnswerTemplate.objects.get().pk}"

    from_template = client.get(f"/staff/cnap/consultations/{pk}/{about}").content.decode()

    written = (
        f"Кожемяка Себастьян Боромирович, візьміть паспорт (Test, № {pk}, до 10.12.2026). {CENTRE}, "
        "вул. Дніпровська, 213. Левицька С.І."
    )
    assert written in html.unescape(from_template)


def test_template_is_renamed_and_taken_away_and_has_known_places_only(cnap: Desk) -> None:
    client, path = client_of(cnap.admin), "/staff/cnap/templates/"
    client.post(path, {"name": "Перелік", "text": "Візьміть паспорт."})
    pk = AnswerTemplate.objects.get().pk

    refused = client.post(path, {"name": "Інший", "text": "Ваш {баланс}"}).content.decode()
    again = client.post(path, {"name": "Перелік", "text": "Інше."}).content.decode()
    client.post(f"{path}?template={pk}", {"name": "Документи", "text": "Візьміть ID-картку."})
    renamed = list(AnswerTemplate.objects.values_list("pk", "name", "text"))
    client.post(f"{path}{pk}/remove/")

    assert "Місця {баланс} немає." in refused
    assert "Зразок з такою назвою вже є." in html.unescape(again)
    assert renamed == [(pk, "Документи", "Візьміть ID-картку.")]
    assert not AnswerTemplate.objects.exists()


def test_desk_is_where_an_administrator_lands(cnap: Desk) -> None:
    client = client_of(cnap.admin)

    response = client.get("/staff/", follow=True)

    assert response.redirect_chain[-1][0] == "/staff/cnap/"
    assert 'href="/staff/cnap/offices/"' in response.content.decode().split("<main")[1]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_few_questions(
    cnap: Desk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        pk = sent(cnap)
        desk.answer(town_ids=cnap.town_ids, consultation_id=pk, text="Так.", user_id=cnap.admin.pk, at=AT)
    client, admin = client_of(cnap.user), client_of(cnap.admin)

    with django_assert_num_queries(5):
        client.get("/services/consultations/")
    with django_assert_num_queries(5):
        client.get("/services/consultations/?q=test&state=answered&order=answered")
    with django_assert_num_queries(5):
        client.get("/services/messages/")
    with django_assert_num_queries(5):
        client.get("/services/messages/?q=консультацію&state=unread&order=old")
    with django_assert_num_queries(10):
        admin.get("/staff/cnap/consultations/?state=")


def test_list_has_the_tools_of_the_seed(cnap: Desk) -> None:
    waiting, waits_not = sent(cnap), draft(cnap)
    client = client_of(cnap.user)
    page = client.get("/services/consultations/").content.decode()

    client.post(f"/services/consultations/{waits_not}/send/")

    assert page.count("Переглянути зміст") == 1
    assert page.count("Редагувати") == 1
    assert page.count("Відправити адміністратору ЦНАП") == 1
    assert set(Consultation.objects.values_list("pk", "state")) == {(waiting, "waiting"), (waits_not, "waiting")}


def test_draft_for_a_centre_that_closed_is_not_sent_to_it(cnap: Desk) -> None:
    pk, client = draft(cnap), client_of(cnap.user)
    offices.close_office(
        town_id=cnap.town.row.pk, office_id=cnap.office, closed_from=AT.date(), user_id=cnap.admin.pk, at=AT
    )

    page = client.post(f"/services/consultations/{pk}/send/", follow=True).content.decode()

    assert "Цей ЦНАП уже не приймає звернень" in page
    assert Consultation.objects.get().state == "draft"


@pytest.mark.parametrize("do", ["save", "send"])
def test_button_pressed_twice_makes_one_question(cnap: Desk, do: str) -> None:
    client, form = client_of(cnap.user), {"office": cnap.office, "topic": "Т", "question": "п", "do": do}

    for _ in range(2):
        answer = client.post("/services/consultations/new/", form, follow=True)

    assert answer.status_code == 200
    assert Consultation.objects.count() == 1


def test_own_data_says_no_more_of_the_administrators_than_the_page(cnap: Desk) -> None:
    pk = sent(cnap)
    other = Desk.administrator(cnap.town)
    by: dict[str, Any] = {"town_ids": cnap.town_ids, "number": pk, "user_id": cnap.admin.pk, "at": AT}
    desk.QUEUE.hand_over(**by, colleague_id=other.pk, note="складна людина")
    desk.QUEUE.take(**by, note="колега хворіє")

    steps = personal.personal_data(user_id=cnap.user.pk).sections["consultation_steps"]

    assert [(one["event"], one["note"]) for one in steps] == [("send", ""), ("take", "")]
