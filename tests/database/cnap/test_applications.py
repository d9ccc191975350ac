"""«Заяви»: slots, completeness, sending, the desk's decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from domivka.cnap import application_desk, applications, catalogue, errors, files
from domivka.cnap.files import Upload
from domivka.cnap.lists import Wanted
from domivka.cnap.models import AnswerTerm, Application, ApplicationFile, ApplicationStep, Document, Message
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from tests.builders import Town, person
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.samples import DOCX, PDF, PNG

pytestmark = pytest.mark.django_db
LATER = dt.datetime(2026, 11, 11, 10, 51, 3, tzinfo=dt.UTC)
SERVICE = "Надання інформаційної довідки про склад зареєстрованих у житловому приміщенні/будинку осіб"


class Desks(Desk):
    """The seed's service: a paper that everybody needs and a proxy that only representatives need."""

    def __init__(self, town: str = "") -> None:
        super().__init__(town)
        about: dict[str, Any] = {"town_id": self.town.row.pk, "user_id": None, "at": AT}
        self.service = catalogue.save_service(
            **about, service_id=None, name=SERVICE, card="Хто може звернутися: власник.", result="Довідка", fee_kop=0,
            is_active=True, days=10,
        )  # fmt: skip
        about["service_id"] = self.service
        self.offer = catalogue.save_offer(**about, office_id=self.office, subject="Відділ реєстрації", is_active=True)
        self.second = catalogue.save_offer(**about, office_id=self.other, subject="Староста", is_active=True)
        self.ownership = catalogue.save_slot(
            **about, name="Документ, що підтверджує право власності", needed_when="", who_may_skip="", is_active=True
        )
        self.proxy = catalogue.save_slot(
            **about, name="Довіреність", needed_when="у разі надання документів представником",
            who_may_skip="власник, який подає заяву особисто", is_active=True,
        )  # fmt: skip

    def draft(self) -> int:
        return applications.start_application(
            user_id=self.user.pk, service_id=self.service, offer_id=self.offer, object="Квартира",
            address="вул. Соборна, 4/2, кв. 1", at=AT,
        )  # fmt: skip

    def place(self, **other: Any) -> dict[str, Any]:
        """What the form of steps 2 to 4 sends."""
        about = {"office": self.office, "offer": self.offer, "object": "Квартира", "address": "вул. Соборна, 4/2"}
        return {**about, **other}

    def fill(self, pk: int, **what: Any) -> None:
        given: dict[str, Any] = {"uploads": {}, "documents": {}, "skipped": [], "cleared": [], **what}
        applications.save_documents(user_id=self.user.pk, application_id=pk, at=AT, **given)

    def sent(self, **what: Any) -> int:
        pk = self.draft()
        self.fill(pk, uploads={self.ownership: Upload("a.pdf", PDF)}, skipped=[self.proxy], **what)
        self.send(pk)
        return pk

    def send(self, pk: int) -> None:
        applications.send_application(user_id=self.user.pk, application_id=pk, at=AT)

    def by(self, pk: int) -> dict[str, Any]:
        return {"town_ids": self.town_ids, "application_id": pk, "user_id": self.admin.pk, "at": LATER}

    def hands(self, pk: int) -> dict[str, Any]:
        return {"town_ids": self.town_ids, "number": pk, "user_id": self.admin.pk, "at": LATER}


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def test_application_is_filled_and_sent_from_the_pages(cnap: Desks) -> None:
    client = client_of(cnap.user)
    paper = files.add_documents(user_id=cnap.user.pk, uploads=[Upload("20200601.png", PNG)], at=AT)[0]

    card = client.get(f"/services/catalogue/{cnap.service}/").content.decode()
    client.post(f"/services/catalogue/{cnap.service}/", cnap.place())
    pk = Application.objects.get().pk
    client.post(
        f"/services/applications/{pk}/",
        {f"document_{cnap.proxy}": paper, f"file_{cnap.ownership}": SimpleUploadedFile("a.docx", DOCX), "do": "send"},
    )

    row = Application.objects.get()
    assert "безоплатно" in card
    assert "Хто може звернутися: власник." in card
    assert (row.state, row.sent_at, row.due_on) == ("waiting", AT, dt.date(2026, 11, 20))  # ten days
    assert (row.object, row.address) == ("Квартира", "вул. Соборна, 4/2")
    names = dict(row.files.values_list("slot_id", "name"))
    assert names == {cnap.proxy: "20200601.png", cnap.ownership: "a.docx"}
    page = client.get("/services/applications/").content.decode()
    assert "В очікуванні" in page
    assert "10.11.2026 12:00:00" in page


def test_check_says_which_document_is_missing_and_who_may_leave_it_empty(cnap: Desks) -> None:
    pk, client = cnap.draft(), client_of(cnap.user)

    page = client.post(f"/services/applications/{pk}/", {"do": "send"}, follow=True).content.decode()

    assert "Заяву ще не можна відправити: бракує документів." in page
    assert "потрібен усім" in page
    assert "можуть не додавати: власник, який подає заяву особисто" in page
    assert Application.objects.get().state == "draft"
    assert [slot.id for slot in applications.application(user_id=cnap.user.pk, application_id=pk).missing] == [
        cnap.ownership, cnap.proxy,
    ]  # fmt: skip


def test_only_what_may_be_left_empty_can_be(cnap: Desks) -> None:
    pk = cnap.draft()

    cnap.fill(pk, skipped=[cnap.proxy, cnap.ownership])

    assert [slot.id for slot in applications.application(user_id=cnap.user.pk, application_id=pk).missing] == [
        cnap.ownership
    ]
    with pytest.raises(errors.Incomplete):
        applications.send_application(user_id=cnap.user.pk, application_id=pk, at=AT)


def test_file_of_a_slot_is_replaced_and_taken_away(cnap: Desks) -> None:
    pk = cnap.draft()
    cnap.fill(pk, uploads={cnap.ownership: Upload("a.pdf", PDF)})

    cnap.fill(pk, uploads={cnap.ownership: Upload("b.png", PNG)})
    replaced = list(ApplicationFile.objects.values_list("name", flat=True))
    cnap.fill(pk, cleared=[cnap.ownership])

    assert replaced == ["b.png"]
    assert not ApplicationFile.objects.exists()


def test_refused_file_takes_nothing_else_with_it_and_holds_the_sending(cnap: Desks) -> None:
    pk, client = cnap.draft(), client_of(cnap.user)
    given = {
        f"file_{cnap.ownership}": SimpleUploadedFile("вірус.pdf", b"MZ"),
        f"file_{cnap.proxy}": SimpleUploadedFile("b.png", PNG),
        "do": "send",
    }

    text = client.post(f"/services/applications/{pk}/", given, follow=True).content.decode()

    assert "Документ, що підтверджує право власності: Файл «вірус.pdf» не додано. Такий файл прийняти не можна" in text
    assert list(ApplicationFile.objects.values_list("slot_id", "name")) == [(cnap.proxy, "b.png")]
    assert Application.objects.get().state == "draft"
    assert not AuditEntry.objects.filter(action="cnap.application_send").exists()


def test_sent_application_cannot_be_changed_even_in_the_database(cnap: Desks) -> None:
    pk = cnap.sent()
    row = Application.objects.select_related("offer").get()

    assert row.content_hash == applications.seal(row)
    with pytest.raises(errors.AlreadySent):
        cnap.fill(pk)
    with pytest.raises(errors.AlreadySent):
        applications.delete_application(user_id=cnap.user.pk, application_id=pk, at=AT)
    for change in ({"object": "інше"}, {"content_hash": "0" * 64}, {"state": "draft"}, {"state": "answered"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApplicationFile.objects.filter(application_id=pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ApplicationFile.objects.filter(application_id=pk).update(name="інше.pdf")


def test_document_that_a_sent_application_uses_stays_in_the_library(cnap: Desks) -> None:
    paper = files.add_documents(user_id=cnap.user.pk, uploads=[Upload("20200601.png", PNG)], at=AT)[0]
    pk = cnap.draft()
    cnap.fill(pk, uploads={cnap.ownership: Upload("a.pdf", PDF)}, documents={cnap.proxy: paper})
    applications.send_application(user_id=cnap.user.pk, application_id=pk, at=AT)
    client = client_of(cnap.user)

    page = client.post(f"/services/documents/{paper}/delete/", follow=True).content.decode()

    assert f"Документ приєднано до відправленої заяви № {pk}" in page
    assert Document.objects.filter(pk=paper).exists()


def test_document_of_a_draft_may_leave_the_library_and_stays_in_the_draft(cnap: Desks) -> None:
    paper = files.add_documents(user_id=cnap.user.pk, uploads=[Upload("20200601.png", PNG)], at=AT)[0]
    pk = cnap.draft()
    cnap.fill(pk, documents={cnap.proxy: paper})

    files.delete_document(user_id=cnap.user.pk, document_id=paper, at=AT)

    assert files.sweep(at=AT + dt.timedelta(days=3)) == 0
    page = client_of(cnap.user).get(f"/services/applications/{pk}/files/{ApplicationFile.objects.get().pk}/")
    assert page.content == PNG


def test_anothers_document_cannot_be_put_into_a_slot(cnap: Desks) -> None:
    stranger = person()
    paper = files.add_documents(user_id=stranger.pk, uploads=[Upload("a.png", PNG)], at=AT)[0]
    pk = cnap.draft()

    with pytest.raises(NotFoundError):
        cnap.fill(pk, documents={cnap.proxy: paper})


def test_refusal_is_shown_with_reason_author_and_moment(cnap: Desks) -> None:
    pk = cnap.sent()
    application_desk.QUEUE.take(**cnap.hands(pk))

    application_desk.decide(**cnap.by(pk), granted=False, reason="Немає документа", text="Відсутні необхідні документи")

    client = client_of(cnap.user)
    for path in ("/services/applications/", f"/services/applications/{pk}/"):
        page = client.get(path).content.decode()
        assert "Відмовлено у розгляді" in page
        assert "Левицька С.І." in page
        assert "11.11.2026 12:51:03" in page
    assert "Відсутні необхідні документи" in page
    message = Message.objects.get()
    assert message.subject == f"Заяву № {pk} розглянуто"
    assert message.body == (
        "Шановний(на) Кожемяка С.Б., Вашу заяву було розглянуто. Результат: Відмовлено у розгляді. "
        "Причину відмови дивіться у особистому кабінеті."
    )


def test_missing_document_is_asked_for_and_supplied(cnap: Desks) -> None:
    pk, client = cnap.sent(), client_of(cnap.user)
    application_desk.ask_document(**cnap.by(pk), text="Копія паспорта")

    asked = client.get(f"/services/applications/{pk}/").content.decode()
    client.post(f"/services/applications/{pk}/supply/", {"file": SimpleUploadedFile("паспорт.png", PNG)})

    assert "Потрібен документ" in asked
    assert "Копія паспорта" in asked
    row = Application.objects.get()
    assert row.state == "waiting"
    assert row.content_hash == applications.seal(Application.objects.select_related("offer").get())
    assert row.files.filter(slot=None).values_list("slot_name", "name").get() == ("Копія паспорта", "паспорт.png")
    again = client.post(f"/services/applications/{pk}/supply/", {"file": SimpleUploadedFile("b.png", PNG)}, follow=True)
    assert "Це вже відправлено" in again.content.decode()
    assert row.files.count() == 3


def test_history_and_audit_have_every_transition(cnap: Desks) -> None:
    pk = cnap.sent()
    application_desk.QUEUE.take(**cnap.hands(pk))
    application_desk.forward(**cnap.by(pk), offer_id=cnap.second, note="село")
    application_desk.decide(**cnap.by(pk), granted=True, reason="", text="Довідка готова.")

    assert list(ApplicationStep.objects.order_by("pk").values_list("event", "state", "note")) == [
        ("send", "waiting", ""),
        ("take", "waiting", ""),
        ("forward", "waiting", "Віддалене місце, Староста: село"),
        ("grant", "granted", ""),
    ]
    actions = AuditEntry.objects.filter(object_kind="application").order_by("pk").values_list("action", flat=True)
    assert [action.removeprefix("cnap.application_") for action in actions] == [
        "saved", "saved", "send", "take", "forward", "grant",
    ]  # fmt: skip
    with pytest.raises(errors.NotNow):
        application_desk.decide(**cnap.by(pk), granted=False, reason="пізно", text="Ні.")
    assert Application.objects.get().state == "granted"


def test_refusal_needs_its_reason(cnap: Desks) -> None:
    pk = cnap.sent()

    with pytest.raises(errors.TextMissing, match="причину"):
        application_desk.decide(**cnap.by(pk), granted=False, reason=" ", text="Ні.")

    assert Application.objects.get().state == "waiting"
    assert not Message.objects.exists()


def test_term_of_the_service_changes_from_a_day_on(cnap: Desks) -> None:
    catalogue.save_service(
        town_id=cnap.town.row.pk, service_id=cnap.service, name=SERVICE, card="", result="", fee_kop=120_00,
        is_active=True, days=5, user_id=cnap.admin.pk, at=AT + dt.timedelta(days=2),
    )  # fmt: skip

    early = Application.objects.get(pk=cnap.sent())

    assert early.due_on == dt.date(2026, 11, 20)
    terms = AnswerTerm.objects.order_by("valid_from").values_list("days", "valid_from")
    assert list(terms) == [(10, dt.date(2026, 11, 10)), (5, dt.date(2026, 11, 12))]
    assert catalogue.service(service_id=cnap.service, on=dt.date(2026, 11, 12)).days == 5
    assert str(catalogue.service(service_id=cnap.service, on=dt.date(2026, 11, 12)).fee) == "120,00"


def test_renamed_slot_leaves_what_was_sent_as_it_was(cnap: Desks) -> None:
    pk = cnap.sent()
    catalogue.save_slot(
        town_id=cnap.town.row.pk, service_id=cnap.service, name="Довіреність", needed_when="", who_may_skip="",
        is_active=False, user_id=cnap.admin.pk, at=LATER,
    )  # fmt: skip

    found = applications.application(user_id=cnap.user.pk, application_id=pk)

    assert [one.slot.name for one in found.slots] == ["Документ, що підтверджує право власності", "Довіреність"]


def test_catalogue_is_edited_at_the_desk(cnap: Desks) -> None:
    client = client_of(cnap.admin)
    card = {"name": "Реєстрація", "card": "Картка", "result": "Витяг", "fee": "12.50", "days": "3", "is_active": "on"}

    client.post("/staff/cnap/services/new/", card)
    made = catalogue.services(town_ids=cnap.town_ids)[-1]
    client.post(f"/staff/cnap/services/{made.id}/offers/", {"place": f"{cnap.office}:Відділ"})
    client.post(f"/staff/cnap/services/{made.id}/slots/", {"name": "Паспорт", "who_may_skip": "дитина"})

    found = catalogue.service(service_id=made.id, on=AT.date())
    assert (found.name, found.fee.kop, found.days) == ("Реєстрація", 12_50, 3)
    assert [(one.office_id, one.subject) for one in found.offers] == [(cnap.office, "Відділ")]
    assert [(one.name, one.who_may_skip) for one in found.slots] == [("Паспорт", "дитина")]
    client.post(f"/staff/cnap/services/{made.id}/offers/", {"place": f"{cnap.office}:Відділ", "closed": "1"})
    assert catalogue.service(service_id=made.id, on=AT.date()).offers == ()
    taken = client.post("/staff/cnap/services/new/", card)
    assert "Послуга з такою назвою вже є." in taken.content.decode()


def test_other_people_and_towns_see_nothing(cnap: Desks) -> None:
    pk = cnap.sent()
    file_id = ApplicationFile.objects.filter(file__isnull=False).values_list("pk", flat=True)[0]
    stranger, foreign = client_of(person()), client_of(Desk.administrator(Town("Інше")))

    for path in (
        f"/services/applications/{pk}/",
        f"/services/applications/{pk}/files/{file_id}/",
        f"/services/applications/{pk}/files/{file_id}/look/",
        f"/services/applications/{pk}/place/",
    ):
        assert stranger.get(path).status_code == 404
    for path in ("delete/", "supply/"):
        assert stranger.post(f"/services/applications/{pk}/{path}").status_code == 404
    for path in (
        f"applications/{pk}/",
        f"applications/{pk}/files/{file_id}/",
        f"applications/{pk}/files/{file_id}/look/",
        f"services/{cnap.service}/",
    ):
        assert foreign.get(f"/staff/cnap/{path}").status_code == 404
    for what in ("take", "grant", "refuse", "ask", "forward"):
        gone = foreign.post(f"/staff/cnap/applications/{pk}/{what}/", {"text": "т", "reason": "п"})
        assert gone.status_code == 404
    assert Application.objects.get().state == "waiting"


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_few_questions(
    cnap: Desks, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        cnap.sent()
    client, admin = client_of(cnap.user), client_of(cnap.admin)

    with django_assert_num_queries(5):
        client.get("/services/applications/")
    with django_assert_num_queries(5):
        client.get("/services/applications/?q=Надання&state=waiting&order=answered")
    with django_assert_num_queries(11):
        admin.get("/staff/cnap/applications/")
    with django_assert_num_queries(7):
        admin.get("/staff/cnap/services/")


def test_document_that_is_no_longer_asked_for_is_not_sent_unseen(cnap: Desks) -> None:
    pk = cnap.draft()
    cnap.fill(pk, uploads={cnap.ownership: Upload("a.pdf", PDF), cnap.proxy: Upload("secret.pdf", PDF)})
    catalogue.save_slot(
        town_id=cnap.town.row.pk, service_id=cnap.service, slot_id=cnap.proxy, name="Довіреність", needed_when="",
        who_may_skip="", is_active=False, user_id=None, at=AT,
    )  # fmt: skip

    cnap.send(pk)

    assert list(ApplicationFile.objects.values_list("name", flat=True)) == ["a.pdf"]


def test_file_of_a_draft_cannot_be_moved_into_what_was_sent(cnap: Desks) -> None:
    sent, draft = cnap.sent(), cnap.draft()
    cnap.fill(draft, uploads={cnap.proxy: Upload("b.pdf", PDF)})

    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        ApplicationFile.objects.filter(application=draft).update(application=sent, slot=None)


def test_far_too_large_document_leads_back_to_the_application(cnap: Desks) -> None:
    pk = cnap.sent()
    application_desk.ask_document(**cnap.by(pk), text="паспорт")
    file = SimpleUploadedFile("a.pdf", PDF + bytes(21 * 1024 * 1024))

    answer = client_of(cnap.user).post(f"/services/applications/{pk}/supply/", {"file": file}, follow=True)

    assert answer.redirect_chain == [(f"/services/applications/{pk}/", 302)]
    assert "Розмір завантаження" in answer.content.decode()


def test_renamed_service_is_found_by_the_name_that_the_list_shows(cnap: Desks) -> None:
    pk = cnap.sent()
    shown = applications.applications_of(user_id=cnap.user.pk, limit=5)[0].service
    catalogue.save_service(
        town_id=cnap.town.row.pk, service_id=cnap.service, name="Інша назва", card="", result="", fee_kop=0,
        is_active=True, days=10, user_id=None, at=AT,
    )  # fmt: skip

    found = applications.applications_of(user_id=cnap.user.pk, limit=5, wanted=Wanted(text=shown))

    assert [(one.id, one.service) for one in found] == [(pk, shown)]
