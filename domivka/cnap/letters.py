"""«Повідомлення»: what the administration tells a person, here and by e-mail, or by SMS to whoever has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from domivka.cnap.lists import ALL, Wanted, has_words
from domivka.cnap.models import Message
from domivka.cnap.words import short_name
from domivka.identity import api as identity
from domivka.kernel.errors import NotFoundError
from domivka.notifications import api as notifications


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message; `read_at` is None while nobody opened it. `path` is the page it is about."""

    id: int
    subject: str
    body: str
    path: str
    sent_at: dt.datetime
    sender: str
    read_at: dt.datetime | None


UNREAD: Final = "unread"
"""The state of a message that nobody opened, for `Wanted`."""

Words = Callable[[str], tuple[str, str]]
"""From how the person is addressed to subject and text."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person would get: the message, and by what (`to` is an e-mail, a phone, or empty: in the cabinet only)."""

    to: str
    subject: str
    body: str


def preview(*, user_id: int, words: Words) -> Preview:
    """In the person's language; nothing is sent."""
    who = identity.person(user_id=user_id)
    with translation.override(who.language):
        subject, body = words(_dear(who))
    return Preview(who.email or (identity.shown_phone(who.phone) if who.phone else ""), subject, body)


def _dear(who: identity.PersonView) -> str:
    named = short_name(surname=who.surname, name=who.name, patronymic=who.patronymic) if who.surname else ""
    return _("Шановний(на) %(name)s,") % {"name": named} if named else _("Вітаємо!")


def tell(*, user_id: int, sender: str, path: str, words: Words, template: str, at: dt.datetime) -> None:
    """Leave a message and order an e-mail or an SMS, in the caller's transaction and in the person's language."""
    who = identity.person(user_id=user_id)
    with translation.override(who.language):
        subject, body = words(_dear(who))
        url = f"{settings.BASE_URL.rstrip('/')}{path}"
        short = _("ЦНАП: %(subject)s. %(url)s") % {"subject": subject, "url": url}
    row = Message.objects.create(
        user_id=user_id, subject=subject[:200], body=body, path=path, sent_at=at, sender_name=sender
    )
    key = f"cnap.message:{row.pk}"
    if who.email:
        notifications.send_email(
            to=who.email, template=template, subject=subject, body=f"{body}\n\n{url}", at=at, idempotency_key=key
        )
    elif who.phone:
        notifications.send_sms(to=who.phone, template=template, body=short, at=at, idempotency_key=key)


def _wanted(user_id: int, wanted: Wanted) -> QuerySet[Message]:
    rows = Message.objects.filter(user_id=user_id).filter(has_words(wanted.text, "subject", "body", "sender_name"))
    return rows.filter(read_at=None) if wanted.state == UNREAD else rows


def messages_of(*, user_id: int, limit: int, offset: int = 0, wanted: Wanted = ALL) -> list[MessageView]:
    """Messages of a person, newest first unless `wanted` says otherwise. One query."""
    order = ("sent_at", "pk") if wanted.order == "old" else ("-sent_at", "-pk")
    return [_view(row) for row in _wanted(user_id, wanted).order_by(*order)[offset : offset + limit]]


def count_messages(*, user_id: int, wanted: Wanted = ALL) -> int:
    return _wanted(user_id, wanted).count()


def count_unread(*, user_id: int) -> int:
    return Message.objects.filter(user_id=user_id, read_at=None).count()


def read_message(*, user_id: int, message_id: int, at: dt.datetime) -> MessageView:
    """Open a message; from now on it is read. `NotFoundError` for other people's."""
    row = Message.objects.filter(user_id=user_id, pk=message_id).first()
    if row is None:
        raise NotFoundError(_("Такого повідомлення немає."))
    if row.read_at is None:
        Message.objects.filter(pk=row.pk, read_at=None).update(read_at=at)
    return _view(row)


def _view(row: Message) -> MessageView:
    return MessageView(row.pk, row.subject, row.body, row.path, row.sent_at, row.sender_name, row.read_at)
