"""What identity keeps of a person: for the export, and for oblivion."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress

from domivka.identity.models import RoleGrant, User, new_sessions_key
from domivka.kernel import audit
from domivka.kernel.models import AuditEntry
from domivka.kernel.personal import PersonalData, rows


def personal_data(*, user_id: int) -> PersonalData:
    """Profile, logins, roles, sign-ins with what was changed of the account."""
    events = AuditEntry.objects.filter(object_kind="user", object_id=str(user_id), action__startswith="identity.")
    return PersonalData(
        {
            "profile": rows(
                User.objects.filter(pk=user_id),
                "id",
                "surname",
                "name",
                "patronymic",
                "birth_on",
                "email",
                "phone",
                "language",
                "created_at",
                "last_login",
            ),
            "logins": rows(EmailAddress.objects.filter(user_id=user_id), "email", "verified", "primary"),
            "roles": rows(RoleGrant.objects.filter(user_id=user_id), "role", "scope_id", "granted_at"),
            "sign_ins": rows(events.order_by("pk"), "at", "action"),
        }
    )  # fmt: skip


def erase_person(*, user_id: int, at: dt.datetime) -> None:
    """Sign out everywhere and blank the profile; the row stays, for payments and sent applications point at it."""
    EmailAddress.objects.filter(user_id=user_id).delete()
    RoleGrant.objects.filter(user_id=user_id).delete()
    user = User.objects.get(pk=user_id)
    user.email = user.phone = user.birth_on = None
    user.new_phone = user.surname = user.name = user.patronymic = ""
    user.is_active, user.sessions_key = False, new_sessions_key()
    user.set_unusable_password()
    user.save()
    audit.record(
        at=at, actor_id=None, action="identity.erased", object_kind="user", object_id=user_id, person_ids=[user_id]
    )
