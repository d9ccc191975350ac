"""The demo mailbox page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings

from domivka.notifications import api as notifications
from tests.database.identity.pages import AT, text_of

pytestmark = pytest.mark.django_db


def test_mailbox_shows_letters_and_files_in_the_demo_only(client: Client, settings: Settings) -> None:
    file = notifications.File("чек.pdf", "application/pdf", b"%PDF-1")
    notifications.send_email(
        to="olena@example.com",
        template="t",
        subject="Чек",
        body="Дивіться http://testserver/x/ <b>",
        at=AT,
        attachments=[file],
    )
    notifications.send_sms(to="+380661234567", template="t", body="Код 123456", at=AT + dt.timedelta(minutes=1))

    everyone = client.get("/mailbox/")
    one = client.get("/mailbox/", {"recipient": "+380661234567"})
    attached = client.get(f"/mailbox/attachments/{notifications.messages()[1].attachments[0].id}/")
    settings.DEMO = False

    html = everyone.content.decode()
    assert html.index("Код 123456") < html.index("Чек")
    assert '<a href="http://testserver/x/" rel="nofollow">http://testserver/x/</a> &lt;b&gt;' in html
    assert "Чек" not in text_of(one)
    assert (attached.content, attached["Content-Type"]) == (b"%PDF-1", "application/pdf")
    assert "attachment; filename*=UTF-8''%D1%87" in attached["Content-Disposition"]
    assert client.get("/mailbox/").status_code == 404
    assert client.get("/mailbox/attachments/1/").status_code == 404
