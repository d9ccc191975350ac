"""The administrator's desk for consultations: a queue, taking, answering, forwarding. `town_ids` are the towns of the role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import letters, offices
from domivka.cnap import queue as hands
from domivka.cnap.consultations import ConsultationView, missing, step, view
from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.models import Consultation
from domivka.cnap.queue import Filter, Now, QueueRow, name_of, narrowed, queue_row
from domivka.cnap.rules.states import CONSULTATION, Event, State, next_state
from domivka.identity import api as identity
from domivka.kernel import audit


def _of_towns(town_ids: Collection[int]) -> QuerySet[Consultation]:
    return Consultation.objects.filter(office__town_id__in=town_ids).exclude(state=State.DRAFT)


def _wanted(town_ids: Collection[int], wanted: Filter) -> QuerySet[Consultation]:
    return narrowed(_of_towns(town_ids), wanted, office="office")


def now(*, town_ids: Collection[int], today: dt.date, user_id: int) -> Now:
    """The queue in numbers. One query."""
    return hands.now(_of_towns(town_ids), today=today, user_id=user_id)


def count_queue(*, town_ids: Collection[int], wanted: Filter) -> int:
    return _wanted(town_ids, wanted).count()


def queue(*, town_ids: Collection[int], wanted: Filter, today: dt.date, limit: int, offset: int = 0) -> list[QueueRow]:
    """What waits, the nearest term first unless `wanted` says otherwise. One query."""
    rows = _wanted(town_ids, wanted).select_related("office", "user", "taken_by")
    return [
        queue_row(row, topic=row.topic, office=row.office.name, today=today) for row in rows[offset : offset + limit]
    ]


def opened(*, town_ids: Collection[int], consultation_id: int, user_id: int, at: dt.datetime) -> ConsultationView:
    """A consultation as the desk sees it; the reading is audited. `NotFoundError` for other towns' and for drafts."""
    row = _of_towns(town_ids).select_related("office").filter(pk=consultation_id).first()
    if row is None:
        raise missing()
    audit.record(
        at=at, actor_id=user_id, action="cnap.consultation_read", object_kind="consultation", object_id=row.pk,
        town_id=row.office.town_id, is_read=True, person_ids=[row.user_id],
    )  # fmt: skip
    return view(row, inside=True)


def _locked(town_ids: Collection[int], consultation_id: int, what: Event) -> Consultation:
    rows = _of_towns(town_ids).select_for_update(of=("self",)).select_related("office")
    row = rows.filter(pk=consultation_id).first()
    if row is None:
        raise missing()
    if next_state(CONSULTATION, row.state, what) is None:
        raise NotNow
    return row


@transaction.atomic
def take(*, town_ids: Collection[int], consultation_id: int, user_id: int, at: dt.datetime, note: str = "") -> None:
    """Take it to oneself, with a reason from a colleague. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    row = _locked(town_ids, consultation_id, Event.TAKE)
    hands.take(row, _saves(row, user_id, at), user_id=user_id, note=note)


@transaction.atomic
def take_many(*, town_ids: Collection[int], consultation_ids: Collection[int], user_id: int, at: dt.datetime) -> int:
    """Take of these all that wait and are nobody's; how many."""
    rows = _of_towns(town_ids).filter(pk__in=consultation_ids, state__in=hands.OPEN, taken_by=None).order_by("pk")
    found = list(rows.select_for_update(of=("self",)).select_related("office"))
    for row in found:
        hands.take(row, _saves(row, user_id, at), user_id=user_id, note="")
    return len(found)


@transaction.atomic
def hand_over(
    *, town_ids: Collection[int], consultation_id: int, colleague_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """Give it to a colleague of the same town. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    row = _locked(town_ids, consultation_id, Event.HAND_OVER)
    hands.hand_over(
        row, _saves(row, user_id, at), town_id=row.office.town_id, colleague_id=colleague_id, user_id=user_id, note=note,
    )  # fmt: skip


@transaction.atomic
def release(*, town_ids: Collection[int], consultation_id: int, user_id: int, at: dt.datetime) -> None:
    """Put one's own back into the queue. Errors: `NotFoundError`, `NotNow`."""
    row = _locked(town_ids, consultation_id, Event.RELEASE)
    hands.release(row, _saves(row, user_id, at), user_id=user_id)


def _saves(row: Consultation, user_id: int, at: dt.datetime) -> hands.Step:
    return lambda what, note: step(row, what, user_id=user_id, at=at, note=note)


@transaction.atomic
def forward(
    *, town_ids: Collection[int], consultation_id: int, office_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """Give it to another centre of the same towns; it is nobody's again. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    if not note.strip():
        raise TextMissing(_("Напишіть, чому передаєте."))
    row = _locked(town_ids, consultation_id, Event.FORWARD)
    target = offices.office(office_id=office_id)
    if target.town_id != row.office.town_id or target.id == row.office_id:
        raise TextMissing(_("Виберіть інший ЦНАП цього міста."))
    row.office_id, row.taken_by_id = office_id, None
    step(row, Event.FORWARD, user_id=user_id, at=at, note=f"{target.name}: {note.strip()}")


@transaction.atomic
def answer(*, town_ids: Collection[int], consultation_id: int, text: str, user_id: int, at: dt.datetime) -> None:
    """Answer; the resident gets a message and an e-mail. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    if not text.strip():
        raise TextMissing(_("Напишіть відповідь."))
    row = _locked(town_ids, consultation_id, Event.ANSWER)
    sender = name_of(identity.person(user_id=user_id))
    row.answer, row.answered_at, row.answered_by_id, row.answered_by_name = text.strip(), at, user_id, sender
    row.taken_by_id = row.taken_by_id or user_id
    step(row, Event.ANSWER, user_id=user_id, at=at)

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
