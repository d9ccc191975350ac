"""What the outbox keeps of a person."""

from __future__ import annotations

from collections.abc import Collection

from domivka.kernel.personal import PersonalData, rows
from domivka.notifications.models import Message


def personal_data(*, recipients: Collection[str]) -> PersonalData:
    """Letters and SMS to these addresses that the log still has."""
    found = Message.objects.filter(recipient__in=recipients).order_by("pk")
    fields = ("channel", "recipient", "template", "subject", "body", "created_at", "state", "sent_at")
    return PersonalData({"letters": rows(found, *fields)})


def forget_recipients(*, recipients: Collection[str], waiting_too: bool = True) -> int:
    """Delete all messages to these addresses, by default also those that wait to be sent; how many."""
    found = Message.objects.filter(recipient__in=recipients)
    if not waiting_too:
        found = found.exclude(state=Message.State.QUEUED)
    return found.delete()[1].get("notifications.Message", 0)
