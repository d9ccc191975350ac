"""For which town an administrator of several works: asked for, kept for the session, never the first one silently."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from domivka.identity.access import scopes
from domivka.identity.models import Role, User
from domivka.registry import api as registry

_KEPT = "cnap_town"


def towns_of(request: HttpRequest) -> frozenset[int]:
    """The towns whose administrator this is."""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return scopes(request.user, Role.CNAP)


def several(request: HttpRequest) -> tuple[registry.TownView, ...]:
    """The towns to choose from; none when there is one only."""
    held = towns_of(request)
    return tuple(one for one in registry.towns() if one.id in held) if len(held) > 1 else ()


@dataclass(frozen=True, slots=True)
class TownChoice:
    """The town that a page is about; `towns` is empty when there is nothing to choose."""

    id: int
    towns: tuple[registry.TownView, ...] = ()


View = Callable[..., HttpResponse]


def in_town(view: View) -> View:
    """Give the view its `town`. With several towns it stands in the address (`?town=`), so a form goes where it was opened."""

    @functools.wraps(view)
    def chosen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        held = towns_of(request)
        if len(held) == 1:
            return view(request, *args, town=TownChoice(min(held)), **kwargs)
        asked = request.GET.get("town", "")
        named = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        towns = several(request)
        if named in held:
            request.session[_KEPT] = named
            return view(request, *args, town=TownChoice(named, towns), **kwargs)
        kept = request.session.get(_KEPT)
        if kept in held and request.method == "GET":
            return redirect(f"{request.path}?{urlencode({**request.GET.dict(), 'town': kept})}")
        return render(request, "cnap/desk_choose_town.html", {"town": TownChoice(0, towns)})

    return chosen
