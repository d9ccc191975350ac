"""How a message leaves Domivka: SMTP, an SMS gateway over HTTP, or not at all (the demo mailbox)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from django.conf import settings
from django.core.mail import EmailMessage

from domivka.notifications.models import Message

TIMEOUT_S = 20


class NotDelivered(Exception):
    """The mail server or the SMS gateway did not take the message; it will be tried again."""


def is_configured(channel: str) -> bool:
    """Whether messages of this channel leave Domivka."""
    return bool(settings.SMS_URL if channel == Message.Channel.SMS else settings.EMAIL_HOST)


def send(message: Message) -> None:
    """Hand the message over; `NotDelivered` when that failed."""
    if message.channel == Message.Channel.SMS:
        _send_sms(message)
    else:
        _send_email(message)


def _send_email(message: Message) -> None:
    email = EmailMessage(subject=message.subject, body=message.body, to=[message.recipient])
    for attachment in message.attachments.all():
        email.attach(attachment.name, bytes(attachment.content), attachment.content_type)
    try:
        email.send()
    except OSError as error:  # every error of smtplib and of the socket is one
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


def _send_sms(message: Message) -> None:
    """POST {"id", "to", "text"} as JSON with a bearer token; any 2xx answer means taken (docs/people.md)."""
    body = json.dumps({"id": str(message.pk), "to": message.recipient, "text": message.body}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(message.pk)}
    if settings.SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
    request = urllib.request.Request(settings.SMS_URL, data=body, headers=headers)  # noqa: S310 - the operator's own URL
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 - the operator's own URL
            pass
    except (urllib.error.URLError, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error
