"""Reading the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max

from domivka.kernel.errors import NotFoundError
from domivka.notifications.models import Attachment, Message


@dataclass(frozen=True)
class AttachmentView:
    id: int
    name: str
    content_type: str


@dataclass(frozen=True)
class MessageView:
    """One message of the outbox as the demo mailbox shows it."""

    id: int
    channel: str
    recipient: str
    template: str
    subject: str
    body: str
    created_at: dt.datetime
    state: str
    attachments: tuple[AttachmentView, ...]


@dataclass(frozen=True)
class Recipient:
    address: str
    messages: int


def already_written(*, idempotency_keys: Sequence[str]) -> set[str]:
    """Those of the keys with which a message was written before; one query."""
    rows = Message.objects.filter(idempotency_key__in=idempotency_keys)
    return {key for key in rows.values_list("idempotency_key", flat=True) if key}


def messages(*, recipient: str = "", limit: int = 20, offset: int = 0) -> Sequence[MessageView]:
    """Newest first, of one recipient or of all."""
    rows = Message.objects.order_by("-created_at", "-id")
    if recipient:
        rows = rows.filter(recipient=recipient)
    page = list(rows[offset : offset + limit])
    files: dict[int, list[AttachmentView]] = {}
    for file in Attachment.objects.filter(message__in=page).defer("content").order_by("id"):
        files.setdefault(file.message_id, []).append(AttachmentView(file.pk, file.name, file.content_type))
    return [
        MessageView(
            id=row.pk,
            channel=row.channel,
            recipient=row.recipient,
            template=row.template,
            subject=row.subject,
            body=row.body,
            created_at=row.created_at,
            state=row.state,
            attachments=tuple(files.get(row.pk, ())),
        )
        for row in page
    ]


def count_messages(*, recipient: str = "") -> int:
    rows = Message.objects.all()
    return rows.filter(recipient=recipient).count() if recipient else rows.count()


def recipients(*, limit: int = 50) -> list[Recipient]:
    """Who was written to, most recent first."""
    rows = Message.objects.values("recipient").annotate(messages=Count("id"), last=Max("id")).order_by("-last")[:limit]
    return [Recipient(row["recipient"], row["messages"]) for row in rows]


def attachment(*, attachment_id: int) -> tuple[AttachmentView, bytes]:
    """A file of a message; `NotFoundError`."""
    row = Attachment.objects.filter(pk=attachment_id).first()
    if row is None:
        raise NotFoundError("Такого вкладення немає.")
    return AttachmentView(row.pk, row.name, row.content_type), bytes(row.content)
