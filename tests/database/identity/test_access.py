"""Deny by default: what the access middleware lets through (feature A5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from domivka.identity import api as identity
from domivka.identity.access import public, signed_in, staff
from domivka.identity.models import Role, User
from tests.database.identity.pages import AT, make_person, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("served")


def _undecided(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never")


def _copy() -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request)

    return view


urlpatterns = [
    path("", include("domivka.config.urls")),
    path("t/undecided/", _undecided),
    path("t/public/", public(_copy())),
    path("t/own/", signed_in(_copy())),
    path("t/provider/", staff(Role.PROVIDER)(_copy())),
    path("t/any-staff/", staff(Role.PROVIDER, Role.AUTHORITY, Role.OPERATOR)(_copy())),
]


def test_view_without_a_decision_is_never_served(client: Client) -> None:
    with pytest.raises(ImproperlyConfigured, match="no permission decision"):
        client.get("/t/undecided/")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (None, {"public"}),
        (Role.RESIDENT, {"public", "own"}),
        (Role.PROVIDER, {"public", "own", "provider", "any-staff"}),
        (Role.AUTHORITY, {"public", "own", "any-staff"}),
        (Role.OPERATOR, {"public", "own", "any-staff"}),
    ],
)
def test_roles_open_only_their_pages(client: Client, role: Role | None, allowed: set[str]) -> None:
    if role is not None:
        user_id = make_person()
        scope = None if role == Role.OPERATOR else 7
        identity.grant_role(user_id=user_id, role=role, scope_id=scope, at=AT, actor_id=None)
        client.force_login(User.objects.get(pk=user_id))

    statuses = {name: client.get(f"/t/{name}/").status_code for name in ("public", "own", "provider", "any-staff")}

    assert {name for name, status in statuses.items() if status == 200} == allowed
    assert {status for status in statuses.values() if status != 200} <= ({302} if role is None else {403})


def test_person_switched_off_loses_every_page(client: Client) -> None:
    user_id = make_person()
    client.force_login(User.objects.get(pk=user_id))
    User.objects.filter(pk=user_id).update(is_active=False)

    assert client.get("/t/own/").status_code == 302


def test_too_many_requests_are_answered_kindly(client: Client) -> None:
    answers = [post(client, "/accounts/signup/", login="нічого", password1="") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "Зачекайте хвилину" in text_of(answers[-1])


def test_session_ends_with_the_browser_unless_asked_to_remember(client: Client, settings: Settings) -> None:
    make_person()
    data = {"login": "olena@example.com", "password": "вишневий Сад 7"}

    client.post("/accounts/login/", data)
    forgetful = client.cookies["sessionid"]["max-age"]
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {**data, "remember": "on"})
    remembering = client.cookies["sessionid"]["max-age"]

    assert forgetful == ""
    assert dt.timedelta(seconds=remembering) == dt.timedelta(days=30)
