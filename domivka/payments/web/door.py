"""Who stands before a page: the owner of a home or of a payment; anyone else gets 404."""

from __future__ import annotations

import functools
import uuid
from typing import Any, Protocol

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from domivka.homes import api as homes
from domivka.homes.api import HomeView
from domivka.identity.access import signed_in
from domivka.identity.models import User
from domivka.kernel.errors import NotFoundError
from domivka.payments import api
from domivka.payments.types import IntentView


class _HomePage(Protocol):
    def __call__(self, request: HttpRequest, home: HomeView, /) -> HttpResponseBase: ...


class _PaymentPage(Protocol):
    def __call__(self, request: HttpRequest, intent: IntentView, /) -> HttpResponseBase: ...


def person_id(request: HttpRequest) -> int:
    """The signed-in person of a view that `signed_in` guards."""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return request.user.pk


def home_page(view: _HomePage) -> Any:
    """A page of one open home of the person."""

    @signed_in
    @functools.wraps(view)
    def opened(request: HttpRequest, home_id: int) -> HttpResponseBase:
        try:
            home = homes.home_for(user_id=person_id(request), home_id=home_id)
        except homes.HomeLocked as error:
            messages.info(request, str(error))
            return HttpResponseRedirect(f"/homes/{home_id}/{'pin' if error.pending else 'key'}/")
        except NotFoundError as error:
            raise Http404(str(error)) from error
        return view(request, home)

    return opened


def payment_page(view: _PaymentPage) -> Any:
    """A page of one payment of the person."""

    @signed_in
    @functools.wraps(view)
    def opened(request: HttpRequest, intent_id: uuid.UUID) -> HttpResponseBase:
        try:
            intent = api.intent_view(user_id=person_id(request), intent_id=intent_id)
        except NotFoundError as error:
            raise Http404(str(error)) from error
        return view(request, intent)

    return opened
