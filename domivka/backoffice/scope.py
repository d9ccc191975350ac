"""What a member of staff may look at: providers, towns or everything. Others' things do not exist for them (404)."""

from __future__ import annotations

from dataclasses import dataclass

from domivka.identity.access import is_operator, scopes
from domivka.identity.models import Role, User
from domivka.kernel.errors import NotFoundError
from domivka.registry import api as registry
from domivka.registry.models import Provider


@dataclass(frozen=True, slots=True)
class ProviderScope:
    """A provider that this person works for."""

    id: int
    town_id: int
    code: str
    name: str


def providers_for(user: User) -> list[ProviderScope]:
    """Providers whose accounts the person may see, by name; the operator sees all."""
    rows = Provider.objects.order_by("short_name")
    if not is_operator(user):
        rows = rows.filter(pk__in=scopes(user, Role.PROVIDER))
    return [ProviderScope(*row) for row in rows.values_list("pk", "town_id", "code", "short_name")]


def provider_for(user: User, provider_id: int) -> ProviderScope:
    """The provider, when the person works for it. Raises `NotFoundError`."""
    rows = Provider.objects.filter(pk=provider_id)
    if not is_operator(user):
        rows = rows.filter(pk__in=scopes(user, Role.PROVIDER))
    row = rows.values_list("pk", "town_id", "code", "short_name").first()
    if row is None:
        raise NotFoundError("Немає такого надавача.")
    return ProviderScope(*row)


def towns_for(user: User) -> list[registry.TownView]:
    """Towns whose settlements the person may see: the authority's own, the operator's all."""
    found = registry.towns()
    if is_operator(user):
        return found
    own = scopes(user, Role.AUTHORITY)
    return [town for town in found if town.id in own]


def town_for(user: User, town_id: int) -> registry.TownView:
    """The town, when the person may see it. Raises `NotFoundError`."""
    for town in towns_for(user):
        if town.id == town_id:
            return town
    raise NotFoundError("Немає такого міста.")
