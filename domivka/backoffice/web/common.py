"""What all staff pages share: their frame, pages of long lists."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domivka.backoffice.accounts import AccountPage
from domivka.backoffice.scope import ProviderScope
from domivka.identity.access import is_operator
from domivka.identity.models import Role, User
from domivka.kernel import audit, clock


def person(request: HttpRequest) -> User:
    """The signed-in member of staff; the access middleware let nobody else through."""
    return cast(User, request.user)


def acting_role(request: HttpRequest) -> str:
    """As whom this person looks at a provider's accounts; the audit keeps it, for roles are taken away."""
    return str(Role.OPERATOR if is_operator(person(request)) else Role.PROVIDER)


def note_account_read(
    request: HttpRequest, account: AccountPage, provider: ProviderScope, action: str = "account.read"
) -> None:
    """Keep that this person looked at an account of a provider."""
    audit.record(
        at=clock.now(), actor_id=person(request).pk, action=action, object_kind="account", object_id=account.id,
        town_id=provider.town_id, is_read=True, detail={"provider": provider.id, "role": acting_role(request)},
        premises_ids=[account.premises_id],
    )  # fmt: skip


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A staff page in its frame."""
    return render(request, template, context or {}, status=status)


ANY_STAFF = (Role.PROVIDER, Role.AUTHORITY, Role.OPERATOR, Role.CNAP)
