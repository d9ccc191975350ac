"""Helpers: a browser without scripts and the mailbox."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.test import Client

from domivka.identity.api import create_person
from domivka.notifications.models import Message

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
PASSWORD = "вишневий Сад 7"


def last_code() -> str:
    """The six digits of the newest SMS or letter."""
    message = Message.objects.latest("id")
    [code] = re.findall(r"\b(\d{6})\b", message.subject + "\n" + message.body.split("http")[0])[:1]
    return str(code)


def last_link() -> str:
    """The path of the link in the newest letter."""
    [link] = re.findall(r"http://testserver(/\S+)", Message.objects.latest("id").body)
    return str(link)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, data, follow=True)


def text_of(response: Any) -> str:
    """The words of a page without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def make_person(email: str = "olena@example.com", phone: str = "", password: str = PASSWORD) -> int:
    return create_person(at=AT, email=email, phone=phone, password=password, surname="Коваль", name="Олена")


def signed_in_id(client: Client) -> int | None:
    value = client.session.get("_auth_user_id")
    return int(value) if value else None
