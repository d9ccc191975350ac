"""Addresses of notifications: the demo mailbox."""

from django.urls import path

from domivka.notifications import web

app_name = "notifications"

urlpatterns = [
    path("mailbox/", web.mailbox, name="mailbox"),
    path("mailbox/attachments/<int:attachment_id>/", web.attachment, name="attachment"),
]
