"""Whom a message of the administration reaches, and how."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from domivka.cnap import application_desk, consultations, desk
from domivka.cnap.models import Message
from domivka.identity.models import User
from domivka.notifications.models import Message as Outgoing
from tests.database.cnap.conftest import AT
from tests.database.cnap.test_applications import LATER, Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def only_phone(user: User, phone: str | None = "+380661234567") -> None:
    EmailAddress.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(email=None, phone=phone)


def outgoing() -> list[tuple[str, str, str]]:
    return list(Outgoing.objects.order_by("pk").values_list("channel", "recipient", "body"))


def test_decision_reaches_whoever_has_a_phone_only(cnap: Desks) -> None:
    only_phone(cnap.user)
    pk = cnap.sent()

    application_desk.decide(**cnap.by(pk), granted=True, reason="", text="Довідка готова.")

    (told,) = outgoing()
    assert told[:2] == ("sms", "+380661234567")
    assert told[2].startswith(f"ЦНАП: Заяву № {pk} розглянуто. http")
    assert told[2].endswith(f"/services/applications/{pk}/")
    assert Message.objects.count() == 1


def test_answer_and_request_for_a_document_reach_a_phone(cnap: Desks) -> None:
    only_phone(cnap.user)
    question = consultations.save_consultation(
        user_id=cnap.user.pk, consultation_id=None, office_id=cnap.office, topic="Тема", question="?", uploads=[], at=AT
    ).id
    consultations.send_consultation(user_id=cnap.user.pk, consultation_id=question, at=AT)
    pk = cnap.sent()

    desk.answer(town_ids=cnap.town_ids, consultation_id=question, text="Так.", user_id=cnap.admin.pk, at=LATER)
    application_desk.ask_document(**cnap.by(pk), text="Копія паспорта")

    assert [(channel, body.split(". ")[0]) for channel, _, body in outgoing()] == [
        ("sms", f"ЦНАП: Надано відповідь на консультацію № {question}"),
        ("sms", f"ЦНАП: До заяви № {pk} потрібен документ"),
    ]


def test_whoever_has_an_email_gets_no_sms(cnap: Desks) -> None:
    User.objects.filter(pk=cnap.user.pk).update(phone="+380661234567")
    EmailAddress.objects.create(user=cnap.user, email="resident@example.org", verified=True, primary=True)
    pk = cnap.sent()

    application_desk.decide(**cnap.by(pk), granted=True, reason="", text="Довідка готова.")

    assert [channel for channel, _, _ in outgoing()] == ["email"]


def test_whoever_has_neither_still_has_the_message_in_the_cabinet(cnap: Desks) -> None:
    only_phone(cnap.user, None)
    pk = cnap.sent()

    application_desk.decide(**cnap.by(pk), granted=True, reason="", text="Довідка готова.")

    assert outgoing() == []
    assert Message.objects.get().user_id == cnap.user.pk
