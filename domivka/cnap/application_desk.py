"""The administrator's desk for applications. `town_ids` are the towns of the role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from domivka.cnap import letters, phrases
from domivka.cnap.applications import APPLICATIONS, ApplicationView, view
from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.models import Application, Offer
from domivka.cnap.offices import open_on
from domivka.cnap.queue import Queue, name_of
from domivka.cnap.rules.states import APPLICATION, Event, State, next_state
from domivka.cnap.words import status
from domivka.identity import api as identity
from domivka.kernel.clock import KYIV

QUEUE: Final = Queue(APPLICATIONS, office="offer__office", service="offer__service")


def opened(*, town_ids: Collection[int], application_id: int, user_id: int, at: dt.datetime) -> ApplicationView:
    """An application as the desk sees it; the reading is audited. `NotFoundError` for other towns' and for drafts."""
    return view(QUEUE.opened(town_ids=town_ids, number=application_id, user_id=user_id, at=at), inside=True)


@transaction.atomic
def forward(
    *, town_ids: Collection[int], application_id: int, offer_id: int, note: str, user_id: int, at: dt.datetime
) -> None:
    """To another ЦНАП or СНАП that provides the same service. Errors: `NotFoundError`, `NotNow`, `InOtherHands`, `TextMissing`."""
    if not note.strip():
        raise TextMissing(_("Напишіть, чому передаєте."))
    row = QUEUE.locked(town_ids=town_ids, number=application_id, what=Event.FORWARD, user_id=user_id)
    on = at.astimezone(KYIV).date()
    rows = Offer.objects.filter(open_on(on, "office__"), open_on(on, "subject__"), is_active=True)
    rows = rows.filter(service_id=row.offer.service_id).exclude(pk=row.offer_id)
    target = rows.select_related("office", "subject").filter(pk=offer_id).first()
    if target is None:
        raise TextMissing(_("Виберіть інше місце, де надають цю послугу."))
    row.offer, row.taken_by_id = target, None
    note = f"{target.office.name}, {target.subject.name}: {note.strip()}"
    APPLICATIONS.step(row, Event.FORWARD, user_id=user_id, at=at, note=note)


@transaction.atomic
def ask_document(*, town_ids: Collection[int], application_id: int, text: str, user_id: int, at: dt.datetime) -> None:
    """Ask for a document that is missing; the resident gets a message. Errors: `NotFoundError`, `NotNow`, `InOtherHands`, `TextMissing`."""
    if not text.strip():
        raise TextMissing(_("Напишіть, якого документа бракує."))
    row = QUEUE.locked(town_ids=town_ids, number=application_id, what=Event.ASK_DOCUMENT, user_id=user_id)
    row.asked = text.strip()[:500]
    APPLICATIONS.step(row, Event.ASK_DOCUMENT, user_id=user_id, at=at, note=row.asked)

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

    Errors: `NotFoundError`, `NotNow`, `InOtherHands`, `TextMissing`.
    """
    if not text.strip():
        raise TextMissing(_("Напишіть відповідь."))
    if not granted and not reason.strip():
        raise TextMissing(_("Назвіть причину відмови."))
    what = Event.GRANT if granted else Event.REFUSE
    row = QUEUE.locked(town_ids=town_ids, number=application_id, what=what, user_id=user_id)
    sender = name_of(identity.person(user_id=user_id))
    row.answer, row.answered_at, row.answered_by_id, row.answered_by_name = text.strip(), at, user_id, sender
    if not granted:
        row.refusal_reason = phrases.chosen_reason(town_id=row.offer.office.town_id, name=reason)
        row.reason = row.refusal_reason.name
    row.taken_by_id = row.taken_by_id or user_id
    APPLICATIONS.step(row, what, user_id=user_id, at=at, note=row.reason)

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
    row = QUEUE.locked(town_ids=town_ids, number=application_id, what=Event.WITHDRAW, user_id=user_id)
    APPLICATIONS.step(row, Event.WITHDRAW, user_id=user_id, at=at, note=row.asked)

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
