"""The door of every page of a home, whichever context the page belongs to: the one place that says who may what.

A view names the right it asks for, `@home_page(Right.SEE)`, and the one its form asks for where that is another,
`@home_page(Right.SEE, post=Right.PAY)`. The owner has every right; a helper has those the owner gave.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from domivka.homes import sharing
from domivka.homes.errors import HomeLocked
from domivka.homes.queries import HomeView, any_home_of, homes_seen, open_home
from domivka.homes.rules.rights import Right
from domivka.identity.access import signed_in
from domivka.identity.models import User
from domivka.kernel import clock


class Opened(Protocol):
    def __call__(self, request: HttpRequest, home_id: int, **kwargs: Any) -> HttpResponseBase: ...


def person_id(request: HttpRequest) -> int:
    """The signed-in person of a view that `signed_in` guards."""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return request.user.pk


def homes_open_to(request: HttpRequest) -> list[HomeView]:
    """The homes of the signed-in person, in whatever state, then those they help with; one query a request."""
    known: dict[str, list[HomeView]] = request.__dict__
    if _KNOWN not in known:
        known[_KNOWN] = homes_seen(user_id=person_id(request), at=clock.now())
    return known[_KNOWN]


_KNOWN: Final = "homes_of_person"


def homes_on(request: HttpRequest) -> list[HomeView]:
    """The person's own homes, in whatever state: for what a person does for themselves (applications, visits)."""
    return [home for home in homes_open_to(request) if home.is_own]


def may_pay_for(request: HttpRequest, *, premises_id: int) -> bool:
    """Whether the person pays for this premises now: their own open home, or one where they help with payments."""
    found = [home for home in homes_open_to(request) if home.premises_id == premises_id]
    return any(home.is_open and home.may_pay for home in found)


def home_page(needs: Right, *, post: Right | None = None) -> Callable[[Callable[..., HttpResponseBase]], Opened]:
    """A view of one open home: other people's homes are 404, a locked one asks for its code or key, and what the owner
    did not give a helper is 403. A helper's visit is noted for the owner."""

    def guard(view: Callable[..., HttpResponseBase]) -> Opened:
        @signed_in
        @functools.wraps(view)
        def opened(request: HttpRequest, home_id: int, **kwargs: Any) -> HttpResponseBase:
            try:
                home = open_home(homes=homes_open_to(request), home_id=home_id)
            except HomeLocked as error:
                messages.info(request, str(error))
                return HttpResponseRedirect(f"/homes/{home_id}/{'pin' if error.pending else 'key'}/")
            right = needs if post is None or request.method in ("GET", "HEAD") else post
            if right not in home.rights:
                return render(request, "homes/not_given.html", {"home": home}, status=403)
            _note_visit(request, home)
            return view(request, home, **kwargs)

        return opened

    return guard


def own_home(view: Callable[..., HttpResponseBase]) -> Opened:
    """A page of one home of the person's own in whatever state; anybody else's is 404, for its helpers too."""

    @signed_in
    @functools.wraps(view)
    def guarded(request: HttpRequest, home_id: int, **kwargs: Any) -> HttpResponseBase:
        return view(request, any_home_of(user_id=person_id(request), home_id=home_id), **kwargs)

    return guarded


def note_readings(request: HttpRequest, home: HomeView, *, taken: int) -> None:
    """Readings that a helper sent go into the log that the owner sees; the owner's own do not."""
    if home.share_id is not None and taken:
        sharing.note_readings(user_id=person_id(request), share_id=home.share_id, taken=taken, at=clock.now())


def note_bill(request: HttpRequest, home: HomeView) -> None:
    """A bill that a helper took away as a file, likewise."""
    if home.share_id is not None:
        sharing.note_bill(user_id=person_id(request), share_id=home.share_id, at=clock.now())


def _note_visit(request: HttpRequest, home: HomeView) -> None:
    now = clock.now()
    if home.share_id is not None and (home.visited_at is None or now - home.visited_at >= sharing.ONE_VISIT):
        sharing.note_visit(user_id=person_id(request), share_id=home.share_id, at=now)
