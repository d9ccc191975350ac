"""The catalogue: the card, drafts, copies, the order of documents; what was sent keeps its words."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from domivka.cnap import applications, catalogue, terms
from domivka.cnap.models import Application, ApplicationFile, DocumentSlot, Service
from domivka.kernel.errors import NotFoundError
from tests.builders import Town
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.test_applications import LATER, SERVICE, Desks

pytestmark = pytest.mark.django_db
CARD = {
    "name": "Реєстрація шлюбу", "about": "Запис про шлюб.", "who": "Повнолітні.", "card": "Прийдіть удвох.",
    "law": "Сімейний кодекс.", "result": "Свідоцтво", "fee": "0.85", "days": "30",
}  # fmt: skip


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


def change(cnap: Desks, **what: Any) -> None:
    words: dict[str, Any] = {
        "name": SERVICE, "card": "", "result": "", "fee_kop": 0, "is_active": True, "days": 10, "user_id": None, "at": LATER,
    }  # fmt: skip
    catalogue.save_service(town_id=cnap.town.row.pk, service_id=cnap.service, **{**words, **what})


def test_draft_is_seen_by_the_desk_only_until_it_is_published(cnap: Desks) -> None:
    admin, resident = client_of(cnap.admin), client_of(cnap.user)

    admin.post("/staff/cnap/services/new/", CARD)
    made = Service.objects.get(name="Реєстрація шлюбу")
    path, own = f"/staff/cnap/services/{made.pk}/", f"/services/catalogue/{made.pk}/"
    as_draft = (text_of(admin.get("/staff/cnap/services/")), resident.get(own).status_code)
    admin.post(path, {**CARD, "is_active": "on"})
    page = text_of(resident.get(own))
    admin.post(path, CARD)

    assert "чернетка" in as_draft[0]
    assert as_draft[1] == 404
    for words in ("Запис про шлюб.", "Повнолітні.", "Прийдіть удвох.", "Сімейний кодекс.", "Свідоцтво", "0,85"):
        assert words in page
    assert resident.get(own).status_code == 404
    assert "не надають" in text_of(admin.get(path))


def test_desk_reads_the_card_as_residents_do(cnap: Desks) -> None:
    page = text_of(client_of(cnap.admin).get(f"/staff/cnap/services/{cnap.service}/"))

    seen = page.split("Як бачить мешканець")[1]
    assert "Хто може звернутися: власник." in seen
    assert "Довіреність" in seen


def test_copy_is_a_draft_with_everything(cnap: Desks) -> None:
    client = client_of(cnap.admin)

    client.post(f"/staff/cnap/services/{cnap.service}/copy/")
    client.post(f"/staff/cnap/services/{cnap.service}/copy/")

    first, second = Service.objects.exclude(pk=cnap.service).order_by("pk")
    found = catalogue.service(service_id=first.pk, on=AT.date(), town_ids=cnap.town_ids)
    original = catalogue.service(service_id=cnap.service, on=AT.date(), town_ids=cnap.town_ids)
    assert (first.name, second.name) == (f"{SERVICE} (копія)", f"{SERVICE} (копія 2)")
    assert (found.is_active, found.is_draft, found.days, found.card) == (False, True, 10, original.card)
    assert [(one.office, one.subject) for one in found.offers] == [(one.office, one.subject) for one in original.offers]
    assert [(one.name, one.who_may_skip) for one in found.slots] == [
        (one.name, one.who_may_skip) for one in original.slots
    ]
    assert {one.id for one in found.slots}.isdisjoint(one.id for one in original.slots)
    assert catalogue.services(town_ids=cnap.town_ids) == [catalogue.ServiceRow(cnap.service, SERVICE, True, False)]


def test_documents_change_their_order_and_names(cnap: Desks) -> None:
    client, path = client_of(cnap.admin), f"/staff/cnap/services/{cnap.service}/slots/"

    client.post(f"{path}{cnap.proxy}/move/", {"up": "1"})
    client.post(f"{path}{cnap.proxy}/move/", {"up": "1"})  # already the first
    client.post(path, {"slot": cnap.proxy, "name": "Нотаріальна довіреність", "who_may_skip": "власник"})
    taken = text_of(client.post(path, {"slot": cnap.ownership, "name": "Нотаріальна довіреність"}, follow=True))

    slots = catalogue.service(service_id=cnap.service, on=AT.date()).slots
    assert [(one.id, one.name) for one in slots] == [
        (cnap.proxy, "Нотаріальна довіреність"),
        (cnap.ownership, "Документ, що підтверджує право власності"),
    ]
    assert "Такий документ у послузі вже є." in taken


def test_change_of_the_catalogue_leaves_what_was_sent(cnap: Desks) -> None:
    change(cnap, fee_kop=120_00)
    pk = cnap.sent()
    before = applications.application(user_id=cnap.user.pk, application_id=pk)

    change(cnap, name="Інша назва", fee_kop=500_00, days=3, is_active=False)
    catalogue.save_slot(
        town_id=cnap.town.row.pk, service_id=cnap.service, slot_id=cnap.proxy, name="Інший документ", needed_when="завжди",
        who_may_skip="ніхто", is_active=False, user_id=None, at=LATER,
    )  # fmt: skip

    after = applications.application(user_id=cnap.user.pk, application_id=pk)
    assert after == before
    assert (after.service, after.fee.kop, after.due_on) == (SERVICE, 120_00, dt.date(2026, 11, 20))
    assert [(one.slot.name, one.slot.who_may_skip) for one in after.slots][1] == (
        "Довіреність", "власник, який подає заяву особисто",
    )  # fmt: skip
    row = Application.objects.select_related("offer").get()
    assert row.content_hash == applications.seal(row)
    assert SERVICE in text_of(client_of(cnap.user).get("/services/applications/"))
    for words in ({"who_may_skip": "ніхто"}, {"slot_name": "інше"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApplicationFile.objects.filter(application_id=pk).update(**words)


def test_draft_application_follows_the_catalogue_until_it_is_sent(cnap: Desks) -> None:
    pk = cnap.draft()
    cnap.fill(pk, skipped=[cnap.proxy])
    catalogue.save_slot(
        town_id=cnap.town.row.pk, service_id=cnap.service, slot_id=cnap.proxy, name="Нотаріальна довіреність",
        needed_when="", who_may_skip="власник", is_active=True, user_id=None, at=AT,
    )  # fmt: skip
    catalogue.save_slot(
        town_id=cnap.town.row.pk, service_id=cnap.service, slot_id=cnap.ownership, name="Право", needed_when="",
        who_may_skip="", is_active=False, user_id=None, at=AT,
    )  # fmt: skip

    applications.send_application(user_id=cnap.user.pk, application_id=pk, at=AT)

    slots = applications.application(user_id=cnap.user.pk, application_id=pk).slots
    assert [(one.slot.name, one.slot.who_may_skip) for one in slots] == [("Нотаріальна довіреність", "власник")]


def test_another_towns_services_do_not_exist(cnap: Desks) -> None:
    foreign = client_of(Desk.administrator(Town("Інше")))

    for path in (f"{cnap.service}/copy/", f"{cnap.service}/slots/{cnap.proxy}/move/"):
        assert foreign.post(f"/staff/cnap/services/{path}", {"up": "1"}).status_code == 404
    with pytest.raises(NotFoundError):
        catalogue.move_slot(
            town_id=cnap.town.row.pk, service_id=cnap.service, slot_id=987_654, up=True, user_id=None, at=AT
        )
    assert Service.objects.count() == 1
    assert list(DocumentSlot.objects.order_by("position").values_list("pk", flat=True)) == [cnap.ownership, cnap.proxy]


def test_term_of_the_card_is_that_of_the_terms_page(cnap: Desks) -> None:
    terms.set_term(
        town_id=cnap.town.row.pk, kind="application", service_id=cnap.service, length=4,
        valid_from=dt.date(2026, 11, 20), user_id=None, at=AT,
    )  # fmt: skip

    days = [catalogue.service(service_id=cnap.service, on=dt.date(2026, 11, day)).days for day in (19, 20)]

    assert days == [10, 4]
