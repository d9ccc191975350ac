"""The administrator's desk for applications. `town_ids` are the towns of the role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import letters, phrases
from domivka.cnap.applications import ApplicationView, no_application, step, view
from domivka.cnap.desk import Filter, QueueRow, name_of
from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.models import Application, Offer
from domivka.cnap.rules.states import APPLICATION, Event, State, next_state
from domivka.cnap.words import status
from domivka.identity import api as identity
from domivka.kernel import audit

OPEN = (State.WAITING, State.INCOMPLETE)


def _of_towns(town_ids: Collection[int]) -> QuerySet[Application]:
    return Application.objects.filter(offer__office__town_id__in=town_ids).exclude(state=State.DRAFT)


def _filtered(town_ids: Collection[int], wanted: Filter) -> QuerySet[Application]:
    rows = _of_towns(town_ids)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.office_id:
        rows = rows.filter(offer__office_id=wanted.office_id)
    if wanted.taken_by_id:
        rows = rows.filter(taken_by_id=wanted.taken_by_id)
    if wanted.overdue_on:
        rows = rows.filter(Q(state__in=OPEN), due_on__lt=wanted.overdue_on)
    return rows


def count_queue(*, town_ids: Collection[int], wanted: Filter) -> int:
    return _filtered(town_ids, wanted).count()


def queue(*, town_ids: Collection[int], wanted: Filter, today: dt.date, limit: int, offset: int = 0) -> list[QueueRow]:
    """What waits, the nearest term first. One query."""
    rows = _filtered(town_ids, wanted).select_related("offer__office", "user", "taken_by")
    return [_row(row, today) for row in rows.order_by("due_on", "pk")[offset : offset + limit]]


def _row(row: Application, today: dt.date) -> QueueRow:
    assert row.sent_at is not None and row.due_on is not None  # noqa: S101, PT018 - the database's constraint says so
    return QueueRow(
        id=row.pk,
        topic=row.service_name,
        person_id=row.user_id,
        person=row.user.full_name,
        office=row.offer.office.name,
        state=row.state,
        sent_at=row.sent_at,
        due_on=row.due_on,
        taken_by=name_of(row.taken_by) if row.taken_by else "",
        is_overdue=row.state in OPEN and row.due_on < today,
    )


def opened(*, town_ids: Collection[int], application_id: int, user_id: int, at: dt.datetime) -> ApplicationView:
    """An application as the desk sees it; the reading is audited. `NotFoundError` for other towns' and for drafts."""
    rows = _of_towns(town_ids).select_related("offer__office", "offer__service", "offer__subject")
    row = rows.filter(pk=application_id).first()
    if row is None:
        raise no_application()
    audit.record(
        at=at, actor_id=user_id, action="cnap.application_read", object_kind="application", object_id=row.pk,
        town_id=row.offer.office.town_id, is_read=True, person_ids=[row.user_id],
    )  # fmt: skip
    return view(row, inside=True)


def _locked(town_ids: Collection[int], application_id: int, what: Event) -> Application:
    rows = _of_towns(town_ids).select_for_update(of=("self",)).select_related("offer__office", "offer__service")
    row = rows.filter(pk=application_id).first()
    if row is None:
        raise no_application()
    if next_state(APPLICATION, row.state, what) is None:
        raise NotNow
    return row


@transaction.atomic
def take(*, town_ids: Collection[int], application_id: int, user_id: int, at: dt.datetime) -> None:
    """Take it to oneself, also from a colleague. Errors: `NotFoundError`, `NotNow`."""
    row = _locked(town_ids, application_id, Event.TAKE)
    row.taken_by_id = user_id
    step(row, Event.TAKE, user_id=user_id, at=at)


@transaction.atomic
def forward(
    *, town_ids: Collection[int], application_id: int, offer_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """To another ЦНАП or СНАП that provides the same service. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    if not note.strip():
        raise TextMissing(_("Напишіть, чому передаєте."))
    row = _locked(town_ids, application_id, Event.FORWARD)
    rows = Offer.objects.filter(service_id=row.offer.service_id, is_active=True).exclude(pk=row.offer_id)
    target = rows.select_related("office", "subject").filter(pk=offer_id).first()
    if target is None:
        raise TextMissing(_("Виберіть інше місце, де надають цю послугу."))
    row.offer, row.taken_by_id = target, None
    note = f"{target.office.name}, {target.subject.name}: {note.strip()}"
    step(row, Event.FORWARD, user_id=user_id, at=at, note=note)


@transaction.atomic
def ask_document(*, town_ids: Collection[int], application_id: int, text: str, user_id: int, at: dt.datetime) -> None:
    """Ask for a document that is missing; the resident gets a message. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    if not text.strip():
        raise TextMissing(_("Напишіть, якого документа бракує."))
    row = _locked(town_ids, application_id, Event.ASK_DOCUMENT)
    row.asked = text.strip()[:500]
    step(row, Event.ASK_DOCUMENT, user_id=user_id, at=at, note=row.asked)

    def words(dear: str) -> tuple[str, str]:
        subject = _("До заяви № %(number)s потрібен документ") % {"number": row.pk}
        return subject, f"{dear} " + _("щоб розглянути вашу заяву, потрібен документ: %(asked)s") % {"asked": row.asked}

    _tell(row, name_of(identity.person(user_id=user_id)), words, at)


@transaction.atomic
def decide(
    *,
    town_ids: Collection[int],
    application_id: int,
    granted: bool,
    reason: str,
    text: str,
    user_id: int,
    at: dt.datetime,
) -> None:
    """Grant, or refuse for a reason of the town's list (see `phrases`); either with words for the resident, who gets a message.

    Errors: `NotFoundError`, `NotNow`, `TextMissing`.
    """
    if not text.strip():
        raise TextMissing(_("Напишіть відповідь."))
    if not granted and not reason.strip():
        raise TextMissing(_("Назвіть причину відмови."))
    what = Event.GRANT if granted else Event.REFUSE
    row = _locked(town_ids, application_id, what)
    sender = name_of(identity.person(user_id=user_id))
    row.answer, row.answered_at, row.answered_by_id, row.answered_by_name = text.strip(), at, user_id, sender
    if not granted:
        row.refusal_reason = phrases.chosen_reason(town_id=row.offer.office.town_id, name=reason)
        row.reason = row.refusal_reason.name
    row.taken_by_id = row.taken_by_id or user_id
    step(row, what, user_id=user_id, at=at, note=row.reason)

    def words(dear: str) -> tuple[str, str]:
        result = {"result": status(row.state).label}
        body = _("Вашу заяву було розглянуто. Результат: %(result)s.") % result
        if not granted:
            body += " " + _("Причину відмови дивіться у особистому кабінеті.")
        return _("Заяву № %(number)s розглянуто") % {"number": row.pk}, f"{dear} {body}"

    _tell(row, sender, words, at)


def _tell(row: Application, sender: str, words: letters.Words, at: dt.datetime) -> None:
    letters.tell(
        user_id=row.user_id, sender=sender, path=f"/services/applications/{row.pk}/", words=words,
        template="cnap.application", at=at,
    )  # fmt: skip
