"""The outbox: written in the caller's transaction, delivered by a job."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.notifications import api as notifications
from domivka.notifications.checks import messages_leave
from domivka.notifications.models import Attachment, Message
from domivka.notifications.operations import forget
from domivka.notifications.transports import NotDelivered

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def post(**changes: Any) -> int:
    fields = {"to": "olena@example.com", "template": "test", "subject": "Рахунок", "body": "Ваш рахунок.", "at": AT}
    return notifications.send_email(**{**fields, **changes})


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.deliver'")
        [count] = cursor.fetchone()
    return int(count)


def test_message_and_its_job_vanish_with_the_transaction_that_wrote_them() -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)

    assert (Message.objects.count(), jobs()) == (0, 0)


def test_same_idempotency_key_sends_once() -> None:
    file = notifications.File("чек.pdf", "application/pdf", b"%PDF")

    first = post(idempotency_key="receipt-1", attachments=[file])
    second = post(idempotency_key="receipt-1", attachments=[file])

    assert first == second
    assert (Message.objects.count(), Attachment.objects.count(), jobs()) == (1, 1, 1)


def test_demo_keeps_the_message_in_the_mailbox() -> None:
    message_id = post()

    notifications.deliver(message_id=message_id, at=AT)

    message = Message.objects.get()
    assert (message.state, message.body) == ("sent", "Ваш рахунок.")
    assert mail.outbox == []


def test_town_without_a_mail_server_loses_nothing_and_is_told(settings: Settings) -> None:
    settings.DEMO = False
    message_id = post()

    with pytest.raises(NotDelivered, match="nothing is configured"):
        notifications.deliver(message_id=message_id, at=AT)

    assert Message.objects.get().state == "queued"
    assert [complaint.id for complaint in messages_leave()] == ["domivka.email", "domivka.sms"]
    settings.EMAIL_HOST, settings.SMS_URL = "mail.example.com", "https://sms.example.com/"
    assert messages_leave() == []


def test_mail_server_gets_the_message_once_and_the_outbox_forgets_what_it_said(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    message_id = post(attachments=[notifications.File("чек.pdf", "application/pdf", b"%PDF")])

    notifications.deliver(message_id=message_id, at=AT)
    notifications.deliver(message_id=message_id, at=AT)

    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["olena@example.com"], "Рахунок", "Ваш рахунок.")
    assert sent.attachments == [("чек.pdf", b"%PDF", "application/pdf")]
    message = Message.objects.get()
    assert (message.state, message.sent_at, message.body) == ("sent", AT, "")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("port", [None, 9])
def test_last_word_to_an_address_leaves_nothing_behind(port: int | None, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.MESSAGE_TRIES = "127.0.0.1", 1
    if port is not None:  # nobody answers there, and the message is given up
        settings.EMAIL_PORT, settings.EMAIL_BACKEND = port, "django.core.mail.backends.smtp.EmailBackend"
    message_id = post(template="test.farewell")

    notifications.deliver(message_id=message_id, at=AT)

    assert len(mail.outbox) == (1 if port is None else 0)
    assert not Message.objects.exists()


def test_mail_server_that_does_not_answer_is_tried_again_and_given_up(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MESSAGE_TRIES = "127.0.0.1", 9, 2
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    message_id = post()

    with pytest.raises(NotDelivered):
        notifications.deliver(message_id=message_id, at=AT)
    waiting = Message.objects.get()
    notifications.deliver(message_id=message_id, at=AT)

    given_up = Message.objects.get()
    assert (waiting.state, waiting.attempts) == ("queued", 1)
    assert (given_up.state, given_up.attempts) == ("failed", 2)
    assert "ConnectionRefusedError" in given_up.error


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A real HTTP server that takes SMS as the documentation says."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append({**body, "authorization": self.headers["Authorization"]})
            self.send_response(202 if body["to"] != "+380000000000" else 500)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sms", taken
    server.shutdown()


def test_sms_gateway_gets_json_with_the_token(settings: Settings, gateway: tuple[str, list[dict[str, Any]]]) -> None:
    settings.SMS_URL, settings.SMS_TOKEN = gateway[0], "t0ken"
    message_id = notifications.send_sms(to="+380661234567", template="code", body="Код 123456", at=AT)

    notifications.deliver(message_id=message_id, at=AT)

    assert gateway[1] == [
        {"id": str(message_id), "to": "+380661234567", "text": "Код 123456", "authorization": "Bearer t0ken"}
    ]
    assert Message.objects.get().state == "sent"


def test_sms_gateway_error_leaves_the_message_queued(
    settings: Settings, gateway: tuple[str, list[dict[str, Any]]]
) -> None:
    settings.SMS_URL = gateway[0]
    message_id = notifications.send_sms(to="+380000000000", template="code", body="Код 123456", at=AT)

    with pytest.raises(NotDelivered, match="500"):
        notifications.deliver(message_id=message_id, at=AT)

    assert Message.objects.get().state == "queued"


def test_subject_is_one_line() -> None:
    post(subject="Рахунок\r\nBcc: other@example.com")

    assert Message.objects.get().subject == "Рахунок Bcc: other@example.com"


@pytest.mark.parametrize("count", [1, 3])
def test_mailbox_list_is_two_queries(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for n in range(count):
        post(body=f"Лист {n}", at=AT + dt.timedelta(minutes=n))

    with django_assert_num_queries(2):
        rows = notifications.messages()

    assert [row.body for row in rows] == [f"Лист {n}" for n in reversed(range(count))]


def test_old_messages_are_forgotten() -> None:
    post(at=AT)
    kept = post(at=AT + dt.timedelta(days=1))

    forgotten = forget(before=AT + dt.timedelta(days=1))

    assert forgotten == 1
    assert Message.objects.get().pk == kept
