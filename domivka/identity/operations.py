"""Changing people."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from domivka.identity.errors import LoginTaken, NoLogin
from domivka.identity.models import Role, RoleGrant, User
from domivka.kernel import audit


def create_person(
    *,
    at: dt.datetime,
    email: str = "",
    phone: str = "",
    password: str | None = None,
    surname: str = "",
    name: str = "",
    patronymic: str = "",
    birth_on: dt.date | None = None,
    language: str = "uk",
    actor_id: int | None = None,
) -> int:
    """A person whose e-mail and phone (`+380…`) count as confirmed: for staff and the demo; the person's id.

    Errors: `NoLogin`, `LoginTaken`.
    """
    if not email and not phone:
        raise NoLogin
    with transaction.atomic():
        try:
            with transaction.atomic():
                user = User.objects.create_user(
                    email=email.lower(),
                    phone=phone,
                    password=password,
                    surname=surname,
                    name=name,
                    patronymic=patronymic,
                    birth_on=birth_on,
                    language=language,
                )
                if email:
                    EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
        except IntegrityError as error:
            raise LoginTaken from error
        _record("identity.created", user.pk, at, actor_id)
    return user.pk


def save_profile(
    *,
    user_id: int,
    surname: str,
    name: str,
    patronymic: str,
    birth_on: dt.date | None,
    language: str,
    at: dt.datetime,
) -> None:
    """Save the personal data of the profile."""
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(
            surname=surname, name=name, patronymic=patronymic, birth_on=birth_on, language=language
        )
        _record("identity.profile_saved", user_id, at, user_id)


def grant_role(*, user_id: int, role: Role, scope_id: int | None, at: dt.datetime, actor_id: int | None) -> None:
    """Give a role for a provider or town (`scope_id`), or the operator's for everything (None); twice is once."""
    with transaction.atomic():
        _, made = RoleGrant.objects.get_or_create(user_id=user_id, role=role, scope_id=scope_id)
        if made:
            _record("identity.role_granted", user_id, at, actor_id, role=str(role), scope_id=scope_id)


def revoke_role(*, user_id: int, role: Role, scope_id: int | None, at: dt.datetime, actor_id: int | None) -> None:
    """Take a role away; the next request already lacks it."""
    with transaction.atomic():
        gone, _ = RoleGrant.objects.filter(user_id=user_id, role=role, scope_id=scope_id).delete()
        if gone:
            _record("identity.role_revoked", user_id, at, actor_id, role=str(role), scope_id=scope_id)


def _record(action: str, user_id: int, at: dt.datetime, actor_id: int | None, **detail: object) -> None:
    audit.record(at=at, actor_id=actor_id, action=action, object_kind="user", object_id=user_id, detail=detail)
