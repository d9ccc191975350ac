"""The administrator's desk for consultations: a queue, taking, answering, forwarding. `town_ids` are the towns of the role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from domivka.cnap import letters, offices
from domivka.cnap.consultations import CONSULTATIONS, ConsultationView, view
from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.queue import Queue, name_of
from domivka.cnap.rules.states import Event
from domivka.identity import api as identity

QUEUE: Final = Queue(CONSULTATIONS, office="office")


def opened(*, town_ids: Collection[int], consultation_id: int, user_id: int, at: dt.datetime) -> ConsultationView:
    """A consultation as the desk sees it; the reading is audited. `NotFoundError` for other towns' and for drafts."""
    return view(QUEUE.opened(town_ids=town_ids, number=consultation_id, user_id=user_id, at=at), inside=True)


@transaction.atomic
def forward(
    *, town_ids: Collection[int], consultation_id: int, office_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """Give it to another centre of the same towns; it is nobody's again. Errors: `NotFoundError`, `NotNow`, `InOtherHands`, `TextMissing`."""
    if not note.strip():
        raise TextMissing(_("Напишіть, чому передаєте."))
    row = QUEUE.locked(town_ids=town_ids, number=consultation_id, what=Event.FORWARD, user_id=user_id)
    target = offices.office(office_id=office_id)
    if target.town_id != row.office.town_id or target.id == row.office_id:
        raise TextMissing(_("Виберіть інший ЦНАП цього міста."))
    row.office_id, row.taken_by_id = office_id, None
    CONSULTATIONS.step(row, Event.FORWARD, user_id=user_id, at=at, note=f"{target.name}: {note.strip()}")


@transaction.atomic
def answer(*, town_ids: Collection[int], consultation_id: int, text: str, user_id: int, at: dt.datetime) -> None:
    """Answer; the resident gets a message and an e-mail. Errors: `NotFoundError`, `NotNow`, `InOtherHands`, `TextMissing`."""
    if not text.strip():
        raise TextMissing(_("Напишіть відповідь."))
    row = QUEUE.locked(town_ids=town_ids, number=consultation_id, what=Event.ANSWER, user_id=user_id)
    sender = name_of(identity.person(user_id=user_id))
    row.answer, row.answered_at, row.answered_by_id, row.answered_by_name = text.strip(), at, user_id, sender
    row.taken_by_id = row.taken_by_id or user_id
    CONSULTATIONS.step(row, Event.ANSWER, user_id=user_id, at=at)

    letters.tell(
        user_id=row.user_id, sender=sender, path=f"/services/consultations/{row.pk}/", words=_words(row.pk),
        template="cnap.consultation", at=at,
    )  # fmt: skip


def _words(number: int) -> letters.Words:
    def words(dear: str) -> tuple[str, str]:
        subject = _("Надано відповідь на консультацію № %(number)s") % {"number": number}
        return subject, f"{dear} " + _("Ваше звернення було розглянуто та надано відповідь.")

    return words


def preview(*, found: ConsultationView, text: str) -> letters.Preview:
    """What the resident would get with this answer. Errors: `NotNow`, `TextMissing`."""
    if not text.strip():
        raise TextMissing(_("Напишіть відповідь."))
    if not found.is_waiting:
        raise NotNow
    return letters.preview(user_id=found.user_id, words=_words(found.id))


@dataclass(frozen=True, slots=True)
class PersonWords:
    """Whom the administrator answers."""

    name: str
    phone: str
    email: str


def person_words(*, user_id: int) -> PersonWords:
    who = identity.person(user_id=user_id)
    return PersonWords(who.full_name, identity.shown_phone(who.phone) if who.phone else "", who.email)
