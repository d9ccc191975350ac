"""Who may open what: the one place of permissions. A view without a decision is never served.

Every view carries exactly one of `public`, `signed_in` or `staff(...)`. Views of other packages are named in
`OTHER_PACKAGES`. What a signed-in person may see *inside* a page (whose home, whose account) is asked of
`homes.api` and of `scopes` here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.http import HttpRequest

from domivka.identity.models import Role, User
from domivka.identity.queries import roles_of

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """A decision: everyone, whoever has signed in, or holders of one of `roles`."""

    anonymous: bool = False
    roles: frozenset[Role] = frozenset()


PUBLIC: Final = Access(anonymous=True)
SIGNED_IN: Final = Access()

OTHER_PACKAGES: Final = {
    "django.views.i18n": PUBLIC,
    "allauth.account": PUBLIC,  # its own pages check the sign-in themselves
    "domivka.notifications.web": PUBLIC,  # the demo mailbox; stands below identity and cannot say so itself
}


def _decide(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]  # functions carry attributes
    return view


def public(view: View) -> View:
    """Anyone may open it."""
    return _decide(view, PUBLIC)


def signed_in(view: View) -> View:
    """Any signed-in person; the view itself shows only what is theirs."""
    return _decide(view, SIGNED_IN)


def staff(*roles: Role) -> Callable[[View], View]:
    """Holders of one of `roles`; `scopes` says for which provider or town."""

    def decorate(view: View) -> View:
        return _decide(view, Access(roles=frozenset(roles)))

    return decorate


def decision(view: Callable[..., Any]) -> Access | None:
    """The decision a view carries, or None."""
    target: Any = getattr(view, "view_class", view)
    found: Access | None = getattr(view, "access", None) or getattr(target, "access", None)
    if found is None:
        module = getattr(view, "__module__", "")
        for package, access in OTHER_PACKAGES.items():
            if module == package or module.startswith(package + "."):
                return access
    return found


def grants(user: User) -> tuple[tuple[Role, int | None], ...]:
    """Every role of the person with its provider's or town's id; asked of the database once a request."""
    cached: tuple[tuple[Role, int | None], ...] | None = user.__dict__.get("_grants")
    if cached is None:
        cached = user.__dict__["_grants"] = tuple(roles_of(user_id=user.pk))
    return cached


def scopes(user: User, role: Role) -> frozenset[int]:
    """Ids of the providers or towns for which the person holds the role."""
    return frozenset(scope_id for held, scope_id in grants(user) if held == role and scope_id is not None)


def is_operator(user: User) -> bool:
    """Whether the person runs the data centre: no provider or town limits what they see."""
    return (Role.OPERATOR, None) in grants(user)


def is_staff(user: User) -> bool:
    """Whether the person has any work here besides being a resident."""
    return any(role != Role.RESIDENT for role, _ in grants(user))


def may(request: HttpRequest, access: Access) -> bool:
    """May whoever sends this request open a view of this decision."""
    if access.anonymous:
        return True
    if not isinstance(request.user, User) or not request.user.is_active:
        return False
    return not access.roles or any(role in access.roles for role, _ in grants(request.user))


def only_providers(request: HttpRequest, access: Access) -> frozenset[int] | None:
    """The providers whose accounts this request may see, when it is opened by a provider's staff as such; else None."""
    if not access.roles or not isinstance(request.user, User):
        return None
    held = {role for role, _ in grants(request.user)} & access.roles
    return scopes(request.user, Role.PROVIDER) if held == {Role.PROVIDER} else None
