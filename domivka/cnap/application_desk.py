"""The administrator's desk for applications. `town_ids` are the towns of the role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import letters, phrases
from domivka.cnap import queue as hands
from domivka.cnap.applications import ApplicationView, no_application, step, view
from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.models import Application, Offer
from domivka.cnap.offices import open_on
from domivka.cnap.queue import Filter, Now, QueueRow, name_of, narrowed, queue_row
from domivka.cnap.rules.states import APPLICATION, Event, State, next_state
from domivka.cnap.words import status
from domivka.identity import api as identity
from domivka.kernel import audit
from domivka.kernel.clock import KYIV


def _of_towns(town_ids: Collection[int]) -> QuerySet[Application]:
    return Application.objects.filter(offer__office__town_id__in=town_ids).exclude(state=State.DRAFT)


def _wanted(town_ids: Collection[int], wanted: Filter) -> QuerySet[Application]:
    return narrowed(_of_towns(town_ids), wanted, office="offer__office", service="offer__service")


def now(*, town_ids: Collection[int], today: dt.date, user_id: int) -> Now:
    """The queue in numbers. One query."""
    return hands.now(_of_towns(town_ids), today=today, user_id=user_id)


def count_queue(*, town_ids: Collection[int], wanted: Filter) -> int:
    return _wanted(town_ids, wanted).count()


def queue(*, town_ids: Collection[int], wanted: Filter, today: dt.date, limit: int, offset: int = 0) -> list[QueueRow]:
    """What waits, the nearest term first unless `wanted` says otherwise. One query."""
    rows = _wanted(town_ids, wanted).select_related("offer__office", "user", "taken_by")
    return [
        queue_row(row, topic=row.service_name, office=row.offer.office.name, today=today)
        for row in rows[offset : offset + limit]
    ]


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
def take(*, town_ids: Collection[int], application_id: int, user_id: int, at: dt.datetime, note: str = "") -> None:
    """Take it to oneself, with a reason from a colleague. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    row = _locked(town_ids, application_id, Event.TAKE)
    hands.take(row, _saves(row, user_id, at), user_id=user_id, note=note)


@transaction.atomic
def take_many(*, town_ids: Collection[int], application_ids: Collection[int], user_id: int, at: dt.datetime) -> int:
    """Take of these all that wait and are nobody's; how many."""
    rows = _of_towns(town_ids).filter(pk__in=application_ids, state__in=hands.OPEN, taken_by=None).order_by("pk")
    found = list(rows.select_for_update(of=("self",)).select_related("offer__office", "offer__service"))
    for row in found:
        hands.take(row, _saves(row, user_id, at), user_id=user_id, note="")
    return len(found)


@transaction.atomic
def hand_over(
    *, town_ids: Collection[int], application_id: int, colleague_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """Give it to a colleague of the same town. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    row = _locked(town_ids, application_id, Event.HAND_OVER)
    hands.hand_over(
        row, _saves(row, user_id, at), town_id=row.offer.office.town_id, colleague_id=colleague_id, user_id=user_id, note=note,
    )  # fmt: skip


@transaction.atomic
def release(*, town_ids: Collection[int], application_id: int, user_id: int, at: dt.datetime) -> None:
    """Put one's own back into the queue. Errors: `NotFoundError`, `NotNow`."""
    row = _locked(town_ids, application_id, Event.RELEASE)
    hands.release(row, _saves(row, user_id, at), user_id=user_id)


def _saves(row: Application, user_id: int, at: dt.datetime) -> hands.Step:
    return lambda what, note: step(row, what, user_id=user_id, at=at, note=note)


@transaction.atomic
def forward(
    *, town_ids: Collection[int], application_id: int, offer_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """To another ЦНАП or СНАП that provides the same service. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
    if not note.strip():
        raise TextMissing(_("Напишіть, чому передаєте."))
    row = _locked(town_ids, application_id, Event.FORWARD)
    on = at.astimezone(KYIV).date()
    rows = Offer.objects.filter(open_on(on, "office__"), open_on(on, "subject__"), is_active=True)
    rows = rows.filter(service_id=row.offer.service_id).exclude(pk=row.offer_id)
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

    _tell(row, sender, _decided(row.pk, row.state), at)


def _decided(number: int, state: str) -> letters.Words:
    def words(dear: str) -> tuple[str, str]:
        body = _("Вашу заяву було розглянуто. Результат: %(result)s.") % {"result": status(state).label}
        if state == State.REFUSED:
            body += " " + _("Причину відмови дивіться у особистому кабінеті.")
        return _("Заяву № %(number)s розглянуто") % {"number": number}, f"{dear} {body}"

    return words


def preview(*, found: ApplicationView, granted: bool, reason: str, text: str) -> letters.Preview:
    """What the resident would get with this decision. Errors: `NotNow`, `TextMissing`."""
    if not text.strip():
        raise TextMissing(_("Напишіть відповідь."))
    after = next_state(APPLICATION, found.state, Event.GRANT if granted else Event.REFUSE)
    if after is None:
        raise NotNow
    if not granted:
        phrases.chosen_reason(town_id=found.town_id, name=reason)
    return letters.preview(user_id=found.user_id, words=_decided(found.id, after))


@transaction.atomic
def withdraw(*, town_ids: Collection[int], application_id: int, user_id: int, at: dt.datetime) -> None:
    """The document that was asked for is not needed after all; the resident is told. Errors: `NotFoundError`, `NotNow`."""
    row = _locked(town_ids, application_id, Event.WITHDRAW)
    step(row, Event.WITHDRAW, user_id=user_id, at=at, note=row.asked)

    def words(dear: str) -> tuple[str, str]:
        subject = _("До заяви № %(number)s документ більше не потрібен") % {"number": row.pk}
        return subject, f"{dear} " + _("документ більше не потрібен: %(asked)s. Розгляд вашої заяви триває.") % {
            "asked": row.asked
        }

    _tell(row, name_of(identity.person(user_id=user_id)), words, at)


def _tell(row: Application, sender: str, words: letters.Words, at: dt.datetime) -> None:
    letters.tell(
        user_id=row.user_id, sender=sender, path=f"/services/applications/{row.pk}/", words=words,
        template="cnap.application", at=at,
    )  # fmt: skip
