"""`domivka role`: how the first operator comes about."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from domivka.identity import api as identity
from domivka.identity.models import Role
from tests.database.identity.pages import make_person

pytestmark = pytest.mark.django_db


def role(*args: str) -> str:
    out = StringIO()
    call_command("role", *args, stdout=out)
    return out.getvalue().strip()


def test_role_is_given_and_taken_away() -> None:
    user_id = make_person(phone="+380661234567")

    given = role("066 123 45 67", "operator")
    more = role("Olena@Example.com", "provider", "--scope", "7")
    less = role("olena@example.com", "operator", "--revoke")

    assert (given, more, less) == ("operator", "operator, provider:7", "provider:7")
    assert identity.roles_of(user_id=user_id) == [(Role.PROVIDER, 7)]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nobody@example.com", "operator"), "they sign up first"),
        (("olena@example.com", "provider"), "--scope is needed: the provider's id"),
        (("olena@example.com", "operator", "--scope", "7"), "the operator has no --scope"),
    ],
)
def test_role_that_cannot_be_given_is_explained(args: tuple[str, ...], words: str) -> None:
    user_id = make_person()

    with pytest.raises(CommandError, match=words):
        role(*args)

    assert identity.roles_of(user_id=user_id) == []
