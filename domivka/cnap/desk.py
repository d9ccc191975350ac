"""The administrator's desk for consultations: a queue, taking, answering, forwarding. `town_ids` are the towns of the role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import letters, offices
from domivka.cnap.consultations import ConsultationView, missing, step, view
from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.models import Consultation
from domivka.cnap.rules.states import CONSULTATION, Event, State, next_state
from domivka.cnap.words import Status, short_name, status
from domivka.identity import api as identity
from domivka.kernel import audit


@dataclass(frozen=True, slots=True)
class Filter:
    """What a queue shows: `state` empty is everything that was sent; `taken_by_id` — only that administrator's."""

    state: str = State.WAITING
    office_id: int | None = None
    taken_by_id: int | None = None
    overdue_on: dt.date | None = None  # only what should have been answered before this day


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A line of a queue."""

    id: int
    topic: str
    person_id: int
    person: str
    office: str
    state: str
    sent_at: dt.datetime
    due_on: dt.date
    taken_by: str
    is_overdue: bool

    @property
    def status(self) -> Status:
        return status(self.state)


def _of_towns(town_ids: Collection[int]) -> QuerySet[Consultation]:
    return Consultation.objects.filter(office__town_id__in=town_ids).exclude(state=State.DRAFT)


def _filtered(town_ids: Collection[int], wanted: Filter) -> QuerySet[Consultation]:
    rows = _of_towns(town_ids)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.office_id:
        rows = rows.filter(office_id=wanted.office_id)
    if wanted.taken_by_id:
        rows = rows.filter(taken_by_id=wanted.taken_by_id)
    if wanted.overdue_on:
        rows = rows.filter(Q(state=State.WAITING), due_on__lt=wanted.overdue_on)
    return rows


def count_queue(*, town_ids: Collection[int], wanted: Filter) -> int:
    return _filtered(town_ids, wanted).count()


def queue(*, town_ids: Collection[int], wanted: Filter, today: dt.date, limit: int, offset: int = 0) -> list[QueueRow]:
    """What waits, the nearest term first. One query."""
    rows = _filtered(town_ids, wanted).select_related("office", "user", "taken_by").order_by("due_on", "pk")
    return [_row(row, today) for row in rows[offset : offset + limit]]


def _row(row: Consultation, today: dt.date) -> QueueRow:
    assert row.sent_at is not None and row.due_on is not None  # noqa: S101, PT018 - the database's constraint says so
    return QueueRow(
        id=row.pk,
        topic=row.topic,
        person_id=row.user_id,
        person=row.user.full_name,
        office=row.office.name,
        state=row.state,
        sent_at=row.sent_at,
        due_on=row.due_on,
        taken_by=name_of(row.taken_by) if row.taken_by else "",
        is_overdue=row.state == State.WAITING and row.due_on < today,
    )


def note_queue_read(
    *, kind: str, rows: Collection[QueueRow], town_ids: Collection[int], user_id: int, at: dt.datetime
) -> None:
    """Audit that somebody looked at a list with people's names: one entry for all of them. `kind` of what is listed."""
    if rows:
        audit.record(
            at=at, actor_id=user_id, action=f"cnap.{kind}s_listed", object_kind="list", object_id=kind, is_read=True,
            town_id=min(town_ids) if len(town_ids) == 1 else None, detail={"rows": len(rows)},
            person_ids=[row.person_id for row in rows],
        )  # fmt: skip


def name_of(user: identity.User | identity.PersonView) -> str:
    return short_name(surname=user.surname, name=user.name, patronymic=user.patronymic)


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
def take(*, town_ids: Collection[int], consultation_id: int, user_id: int, at: dt.datetime) -> None:
    """Take it to oneself, also from a colleague. Errors: `NotFoundError`, `NotNow`."""
    row = _locked(town_ids, consultation_id, Event.TAKE)
    row.taken_by_id = user_id
    step(row, Event.TAKE, user_id=user_id, at=at)


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

    def words(dear: str) -> tuple[str, str]:
        subject = _("Надано відповідь на консультацію № %(number)s") % {"number": row.pk}
        return subject, f"{dear} " + _("Ваше звернення було розглянуто та надано відповідь.")

    letters.tell(
        user_id=row.user_id, sender=sender, path=f"/services/consultations/{row.pk}/", words=words,
        template="cnap.consultation", at=at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonWords:
    """Whom the administrator answers."""

    name: str
    phone: str
    email: str


def person_words(*, user_id: int) -> PersonWords:
    who = identity.person(user_id=user_id)
    return PersonWords(who.full_name, identity.shown_phone(who.phone) if who.phone else "", who.email)
