"""The door of every page of a home, whichever context the page belongs to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from domivka.homes.errors import HomeLocked
from domivka.homes.queries import HomeView, homes_of, open_home
from domivka.identity.access import signed_in
from domivka.identity.models import User


class Opened(Protocol):
    def __call__(self, request: HttpRequest, home_id: int, **kwargs: Any) -> HttpResponseBase: ...


def person_id(request: HttpRequest) -> int:
    """The signed-in person of a view that `signed_in` guards."""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return request.user.pk


def homes_on(request: HttpRequest) -> list[HomeView]:
    """The homes of the signed-in person, in whatever state; one query a request, whoever asks."""
    known: dict[str, list[HomeView]] = request.__dict__
    if _KNOWN not in known:
        known[_KNOWN] = homes_of(user_id=person_id(request))
    return known[_KNOWN]


_KNOWN: Final = "homes_of_person"


def home_page(view: Callable[..., HttpResponseBase]) -> Opened:
    """A view of one open home of the person: other people's homes are 404, a locked one asks for its code or key."""

    @signed_in
    @functools.wraps(view)
    def opened(request: HttpRequest, home_id: int, **kwargs: Any) -> HttpResponseBase:
        try:
            home = open_home(homes=homes_on(request), home_id=home_id)
        except HomeLocked as error:
            messages.info(request, str(error))
            return HttpResponseRedirect(f"/homes/{home_id}/{'pin' if error.pending else 'key'}/")
        return view(request, home, **kwargs)

    return opened
