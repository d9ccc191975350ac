"""What other contexts may use of notifications."""

from domivka.notifications.operations import File, deliver, send_email, send_sms
from domivka.notifications.personal import forget_recipients, personal_data
from domivka.notifications.queries import (
    AttachmentView,
    MessageView,
    Recipient,
    already_written,
    attachment,
    count_messages,
    messages,
    recipients,
)

__all__ = [
    "AttachmentView",
    "File",
    "MessageView",
    "Recipient",
    "already_written",
    "attachment",
    "count_messages",
    "deliver",
    "forget_recipients",
    "messages",
    "personal_data",
    "recipients",
    "send_email",
    "send_sms",
]
