"""A person with something in every context, built by the contexts' own operations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from domivka.appointments.models import Question, Visit, VisitStep, Window
from domivka.appointments.rules.states import State
from domivka.cnap import api as cnap
from domivka.homes import api as homes
from domivka.homes.models import KeyAttempt
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.notifications import api as notifications
from domivka.payments.models import Intent, IntentLine
from tests.builders import Flat, Town, given_benefit
from tests.database.cnap.samples import PNG

AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
SEP = Period(202609)


@dataclass(frozen=True)
class Everything:
    user: User
    admin: User
    flat: Flat
    loose_document: int
    sent_document: int
    application: int
    draft_application: int
    consultation: int
    draft_consultation: int
    visit: int


def everything(email: str) -> Everything:
    town = Town()
    flat = town.flat()
    water = flat.service("water")
    given_benefit(water)
    water.charge(SEP, 322_36)
    meter = water.meter()
    user_id = identity.create_person(
        at=AT, email=email, password="Kalyna-2026", surname="Борг", name="Олена", patronymic="Іванівна",
        birth_on=dt.date(1980, 5, 1),
    )  # fmt: skip
    user = User.objects.get(pk=user_id)
    home = homes.grant_home(user_id=user_id, premises_id=flat.row.pk, at=AT, actor_id=None, label="Мамина")
    homes.invite_helper(
        user_id=user_id, home_id=home.id, contact=f"helper-{email}", name="Син", readings=True, pays=False,
        term=homes.Term.YEAR, at=AT,
    )  # fmt: skip
    KeyAttempt.objects.create(user=user, premises=flat.row, attempts_left=3)
    metering.ask_correction(
        town_id=town.row.pk,
        account_service_ids=[water.id],
        meter_id=meter,
        number="777",
        values={},
        user_id=user_id,
        at=AT,
    )
    intent = Intent.objects.create(
        user=user, premises=flat.row, idempotency_key=f"basket-{user_id}", period=SEP, method="card", amount_kop=100_00,
        created_at=AT, expires_at=AT + dt.timedelta(hours=1),
    )  # fmt: skip
    IntentLine.objects.create(
        intent=intent, account_service=water.row, amount_kop=100_00, recipient="Водоканал", recipient_code="1",
        iban="UA1", bank_name="Банк", purpose="За воду",
    )  # fmt: skip
    notifications.send_email(to=email, template="test", subject="Лист", body="Слова", at=AT)
    admin = User.objects.get(
        pk=identity.create_person(at=AT, email=f"admin-{email}", surname="Левицька", name="Соломія")
    )
    identity.grant_role(user_id=admin.pk, role=Role.CNAP, scope_id=town.row.pk, at=AT, actor_id=None)
    return Everything(user, admin, flat, **_cnap(user_id, admin.pk, town.row.pk))


def _cnap(user_id: int, admin_id: int, town_id: int) -> dict[str, int]:
    office = cnap.save_office(town_id=town_id, name="ЦНАП", address="вул. Соборна, 59")
    service = cnap.save_service(
        town_id=town_id, service_id=None, name="Довідка", card="", result="", fee_kop=0, is_active=True, days=10,
        user_id=None, at=AT,
    )  # fmt: skip
    cnap.save_offer(
        town_id=town_id, service_id=service, office_id=office, subject="Реєстр", is_active=True, user_id=None, at=AT
    )
    cnap.save_slot(
        town_id=town_id, service_id=service, name="Паспорт", needed_when="", who_may_skip="", is_active=True,
        user_id=None, at=AT,
    )  # fmt: skip
    loose, used = cnap.add_documents(
        user_id=user_id, uploads=[cnap.Upload("чернетка.png", PNG), cnap.Upload("паспорт.png", PNG + b"1")], at=AT
    )
    sent, draft = (_application(user_id, service, used) for _ in range(2))
    cnap.send_application(user_id=user_id, application_id=sent, at=AT)
    cnap.open_case(town_ids=[town_id], number=f"26-{sent}-77", application_id=sent, user_id=admin_id, at=AT)
    asked, unsent = (
        cnap.save_consultation(
            user_id=user_id, consultation_id=None, office_id=office, topic="Довідка", question="Яка?",
            uploads=[cnap.Upload("фото.png", PNG + b"2")], at=AT,
        ).id
        for _ in range(2)
    )  # fmt: skip
    cnap.send_consultation(user_id=user_id, consultation_id=asked, at=AT)
    cnap.answer_consultation(town_ids=[town_id], consultation_id=asked, text="Така.", user_id=admin_id, at=AT)
    return {
        "loose_document": loose, "sent_document": used, "application": sent, "draft_application": draft,
        "consultation": asked, "draft_consultation": unsent, "visit": _visit(user_id, office, town_id),
    }  # fmt: skip


def _application(user_id: int, service_id: int, document_id: int) -> int:
    service = cnap.service(service_id=service_id, on=AT.date())
    offer, slot = service.offers[0], service.slots[0]
    pk = cnap.start_application(
        user_id=user_id, service_id=service_id, offer_id=offer.id, object="Квартира",
        address="вул. Ринкова, 12, кв. 7", at=AT,
    )  # fmt: skip
    cnap.save_documents(
        user_id=user_id, application_id=pk, uploads={}, documents={slot.id: document_id}, skipped=[], cleared=[], at=AT
    )
    return pk


def _visit(user_id: int, office_id: int, town_id: int) -> int:
    """A visit to come; another one is over."""
    window = Window.objects.create(office_id=office_id, number=1)
    question = Question.objects.create(town_id=town_id, name="Паспорт", minutes=30)
    of = {
        "office_id": office_id, "question": question, "user_id": user_id, "surname": "Борг", "name": "Олена",
        "phone": "0501234567", "made_at": AT,
    }  # fmt: skip
    Visit.objects.create(day=AT.date(), state=State.SERVED, number=1, code=f"s{user_id}", ended_at=AT, **of)
    starts = AT + dt.timedelta(days=30)
    coming = Visit.objects.create(
        day=starts.date(), starts_at=starts, ends_at=starts + dt.timedelta(minutes=30), window=window, number=1,
        state=State.BOOKED, code=f"b{user_id}", **of,
    )  # fmt: skip
    VisitStep.objects.create(visit=coming, event="book", state="booked", at=AT, actor_id=user_id)
    return coming.pk
