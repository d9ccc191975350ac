"""Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from domivka.identity import access
from domivka.kernel import rows


class AccessMiddleware:
    """Asks `access` before every view; provider staff at work see their provider's accounts only (kernel/rows.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        rows.widen()  # a streamed answer of the request before may have left it narrow
        response = self.get_response(request)
        if not response.streaming:
            rows.widen()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        decision = access.decision(view)
        if decision is None:
            raise ImproperlyConfigured(f"{view} has no permission decision (domivka.identity.access)")
        if access.may(request, decision):
            providers = access.only_providers(request, decision)
            if providers is not None:
                rows.narrow(provider_ids=providers)
            return None
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())
