"""Changing people."""

from __future__ import annotations

import datetime as dt

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from domivka.identity.errors import LoginTaken, NoLogin
from domivka.identity.models import Role, RoleGrant, User, new_sessions_key
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


def ask_to_confirm_email(*, request: HttpRequest, user: User, email: str) -> None:
    """Send a link to `email`; following it makes it the person's e-mail instead of the old one.

    Another person's e-mail gets a letter about that instead, and nothing here shows the difference.
    """
    if EmailAddress.objects.filter(email=email, verified=True).exclude(user=user).exists():
        get_adapter(request).send_account_already_exists_mail(email)
    else:
        EmailAddress.objects.add_new_email(request, user, email)


def sign_out_elsewhere(*, user_id: int, at: dt.datetime) -> None:
    """End every session of the person; the caller keeps its own by renewing its session hash."""
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(sessions_key=new_sessions_key())
        _record("identity.signed_out_elsewhere", user_id, at, user_id)


def forget_unconfirmed(*, before: dt.datetime) -> int:
    """Delete people who signed up before that moment and never confirmed a phone or e-mail; how many."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    rows = User.objects.filter(created_at__lt=before, phone__isnull=True, last_login__isnull=True)
    return rows.filter(~Exists(confirmed)).exclude(grants__isnull=False).delete()[1].get("identity.User", 0)


def _record(action: str, user_id: int, at: dt.datetime, actor_id: int | None, **detail: object) -> None:
    audit.record(
        at=at, actor_id=actor_id, action=action, object_kind="user", object_id=user_id, detail=detail,
        person_ids=[user_id],
    )  # fmt: skip
