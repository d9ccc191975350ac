"""Reading people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from domivka.identity.models import Role, RoleGrant, User
from domivka.identity.rules import phones
from domivka.kernel.errors import NotFoundError

FULL_PROFILE = ("email", "phone", "surname", "name", "birth_on")


@dataclass(frozen=True)
class PersonView:
    """A person: `email` and `phone` are the confirmed ones, or empty."""

    id: int
    surname: str
    name: str
    patronymic: str
    birth_on: dt.date | None
    language: str
    email: str
    phone: str

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


def person(*, user_id: int) -> PersonView:
    """The person; `NotFoundError`."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFoundError(_("Такої людини немає."))
    return _view(user, confirmed_email(user_id=user_id))


def _view(user: User, email: str) -> PersonView:
    return PersonView(
        id=user.pk,
        surname=user.surname,
        name=user.name,
        patronymic=user.patronymic,
        birth_on=user.birth_on,
        language=user.language,
        email=email,
        phone=user.phone or "",
    )


def people(*, user_ids: Sequence[int]) -> dict[int, PersonView]:
    """Active persons by id. Two queries, whatever the number."""
    rows = EmailAddress.objects.filter(user_id__in=user_ids, verified=True).order_by("primary")
    emails: dict[int, str] = dict(rows.values_list("user_id", "email"))  # the primary one comes last and stays
    return {
        user.pk: _view(user, emails.get(user.pk, "")) for user in User.objects.filter(pk__in=user_ids, is_active=True)
    }


def find_person(*, login: str) -> int | None:
    """The id of whoever confirmed this e-mail or phone (written in any way), or None."""
    phone = phones.normalise(login)
    if phone is not None:
        return User.objects.filter(phone=phone).values_list("pk", flat=True).first()
    rows = EmailAddress.objects.filter(email=login.strip().lower(), verified=True)
    found: int | None = rows.values_list("user_id", flat=True).first()
    return found


def typed_logins(*, user_id: int) -> list[str]:
    """Every e-mail and phone that the person typed, confirmed or not, but those that somebody else confirmed."""
    user = User.objects.get(pk=user_id)
    emails = EmailAddress.objects.filter(user_id=user_id).values_list("email", flat=True)
    found = {one for one in (*emails, user.email, user.phone, user.new_phone) if one}
    return sorted(one for one in found if find_person(login=one) in (None, user_id))


def confirmed_email(*, user_id: int) -> str:
    """The e-mail the person confirmed by link, or an empty text."""
    rows = EmailAddress.objects.filter(user_id=user_id, verified=True).order_by("-primary")
    return rows.values_list("email", flat=True).first() or ""


def missing_profile_fields(*, user_id: int, needed: Sequence[str] = FULL_PROFILE) -> tuple[str, ...]:
    """Which of `needed` (`email`, `phone`, `surname`, `name`, `patronymic`, `birth_on`) the profile lacks.

    An e-mail or phone that is not confirmed counts as lacking.
    """
    view = person(user_id=user_id)
    return tuple(field for field in needed if not getattr(view, field))


def profile_field_words(field: str) -> str:
    """What a profile field is called on screen."""
    return {
        "email": _("підтверджена електронна пошта"),
        "phone": _("підтверджений телефон"),
        "surname": _("прізвище"),
        "name": _("імʼя"),
        "patronymic": _("по батькові"),
        "birth_on": _("дата народження"),
    }[field]


def lock_person(*, user_id: int) -> None:
    """Serialise changes of what belongs to one person, until the transaction ends."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("lock_person outside a transaction holds nothing")
    User.objects.select_for_update(of=("self",)).only("id").get(pk=user_id)


def holders(*, role: Role, scope_id: int) -> list[PersonView]:
    """Active people who hold a role for this provider or town, by name, without their e-mails. One query."""
    rows = User.objects.filter(grants__role=role, grants__scope_id=scope_id, is_active=True)
    return [_view(user, "") for user in rows.order_by("surname", "name", "pk")]


def roles_of(*, user_id: int) -> list[tuple[Role, int | None]]:
    """The person's roles with the id of the provider or town each is for (None: everything)."""
    rows = RoleGrant.objects.filter(user_id=user_id).order_by("role", "scope_id").values_list("role", "scope_id")
    return [(Role(role), scope_id) for role, scope_id in rows]
