"""What `domivka check --deploy` says about messages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Warning as Complaint

from domivka.notifications import transports
from domivka.notifications.models import Message


def messages_leave(**kwargs: Any) -> list[Complaint]:
    """A town without a mail server or SMS gateway could not confirm anybody."""
    if settings.DEMO:
        return []
    return [
        Complaint(
            f"No {channel} leaves this installation: nobody can confirm one.",
            hint="docs/people.md",
            id=f"domivka.{channel}",
        )
        for channel in Message.Channel.values
        if not transports.is_configured(channel)
    ]
