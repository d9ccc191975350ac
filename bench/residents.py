"""Signed-in residents of the bench town."""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore

from bench.http_load import Request
from bench.town import AT
from domivka.homes.models import Home
from domivka.identity.models import User
from domivka.registry.models import Premises

CSRF = "a" * 32


@dataclass(frozen=True)
class Resident:
    """A person, the home and the cookies of a session."""

    user_id: int
    home_id: int
    premises_id: int
    cookie: str

    def get(self, page: str, contains: str = "") -> Request:
        """A page of the home, or of the site when it begins with a slash."""
        path = page if page.startswith("/") else f"/homes/{self.home_id}/{page}"
        return Request("GET", path, {"Cookie": self.cookie}, contains=contains.encode())

    def post(self, page: str, body: str) -> Request:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        sent = f"csrfmiddlewaretoken={CSRF}&{body}".encode()
        return Request("POST", f"/homes/{self.home_id}/{page}", headers, sent, expect=302)


def residents(count: int, tag: str) -> list[Resident]:
    """`count` people, each with a home of their own, signed in."""
    password = make_password(os.urandom(12).hex())
    users = User.objects.bulk_create(
        User(email=f"{tag}{n}@example.org", password=password, surname="Вимір", name="Ірина") for n in range(count)
    )
    taken = Home.objects.values("premises_id")
    premises = list(Premises.objects.exclude(pk__in=taken).order_by("pk").values_list("pk", flat=True)[:count])
    homes = Home.objects.bulk_create(
        Home(user=user, premises_id=pk, state=Home.State.OPEN, added_at=AT, opened_at=AT)
        for user, pk in zip(users, premises, strict=True)
    )
    return [
        Resident(user.pk, home.pk, home.premises_id, f"{_session(user)}; {settings.CSRF_COOKIE_NAME}={CSRF}")
        for user, home in zip(users, homes, strict=True)
    ]


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
