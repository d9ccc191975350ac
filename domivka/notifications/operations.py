"""Writing to the outbox and delivering from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from domivka.notifications import tasks, transports
from domivka.notifications.models import Attachment, Message

FAREWELL: Final = ".farewell"
"""The end of the name of a template that is the last word to an address: nothing of it is kept."""


@dataclass(frozen=True)
class File:
    """A file that goes with an e-mail."""

    name: str
    content_type: str
    content: bytes


def send_email(
    *,
    to: str,
    template: str,
    subject: str,
    body: str,
    at: dt.datetime,
    attachments: Sequence[File] = (),
    idempotency_key: str | None = None,
) -> int:
    """Write an e-mail to the outbox and order its delivery, both in the caller's transaction; the message's id.

    `template` says what it is about (`homes.pin`). A second call with the same `idempotency_key` changes nothing
    and returns the first message.
    """
    draft = Message(
        channel=Message.Channel.EMAIL,
        recipient=to,
        template=template,
        subject=" ".join(subject.split())[:200],
        body=body,
    )
    return _post(draft, at, attachments, idempotency_key)


def send_sms(*, to: str, template: str, body: str, at: dt.datetime, idempotency_key: str | None = None) -> int:
    """Write an SMS to `to` (`+380…`) to the outbox and order its delivery; the message's id."""
    return _post(
        Message(channel=Message.Channel.SMS, recipient=to, template=template, body=body), at, (), idempotency_key
    )


def _post(draft: Message, at: dt.datetime, attachments: Sequence[File], idempotency_key: str | None) -> int:
    draft.created_at = at
    draft.idempotency_key = idempotency_key
    with transaction.atomic():
        try:
            with transaction.atomic():
                draft.save()
        except IntegrityError:
            if idempotency_key is None:
                raise
            return Message.objects.only("id").get(idempotency_key=idempotency_key).pk
        Attachment.objects.bulk_create(
            Attachment(message=draft, name=file.name, content_type=file.content_type, content=file.content)
            for file in attachments
        )
        tasks.deliver.defer(message_id=draft.pk)
    return draft.pk


def deliver(*, message_id: int, at: dt.datetime) -> None:
    """Send a message that is still queued.

    Sent messages keep their envelope as the delivery log; what they said is erased, as it may hold codes and keys.
    Of a farewell, sent or given up, nothing is kept.
    In the demo, where nothing is configured, the outbox is the mailbox and keeps everything. `NotDelivered` asks for
    another try; after `MESSAGE_TRIES` tries the message is marked as failed.
    """
    failure: transports.NotDelivered | None = None
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id, state=Message.State.QUEUED).first()
        if message is None:
            return
        message.attempts += 1
        leaves = transports.is_configured(message.channel)
        if leaves:
            try:
                transports.send(message)
            except transports.NotDelivered as error:
                failure = error
        elif not settings.DEMO:
            failure = transports.NotDelivered("nothing is configured for this channel (docs/people.md)")
        if failure is None:
            message.state, message.sent_at, message.error = Message.State.SENT, at, ""
            if leaves:
                message.body = ""
                message.attachments.all().delete()
        else:
            message.error = str(failure)
            if message.attempts >= settings.MESSAGE_TRIES:
                message.state = Message.State.FAILED
        message.save()
        in_mailbox = settings.DEMO and not leaves
        if message.template.endswith(FAREWELL) and message.state != Message.State.QUEUED and not in_mailbox:
            message.delete()
    if failure is not None and message.state == Message.State.QUEUED:
        raise failure


def forget(*, before: dt.datetime) -> int:
    """Delete messages written before that moment, with their files; how many."""
    return Message.objects.filter(created_at__lt=before).delete()[1].get("notifications.Message", 0)
