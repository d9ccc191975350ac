"""Errors as problem+json (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from domivka.kernel.errors import DomainError, ForbiddenError, NotFoundError


class TooManyRequests(DomainError):
    """The key made more requests in a minute than it may."""


def problem(status: int, title: str, detail: str = "", **more: Any) -> HttpResponse:
    """A problem document. `more` are extra members, such as `errors`."""
    body = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {}), **more}
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")


def _answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if isinstance(error, TooManyRequests):
        response = problem(429, "Забагато запитів", str(error))
        response["Retry-After"] = "60"
        return response
    if isinstance(error, ValidationError):
        errors = [{"where": [str(step) for step in row["loc"]], "message": row["msg"]} for row in error.errors]
        return problem(422, "Запит не відповідає опису", errors=errors)
    if isinstance(error, AuthenticationError):
        return problem(401, "Потрібен ключ", "Надішліть заголовок X-API-Key.")
    if isinstance(error, HttpError):
        return problem(error.status_code, "Не виконано", str(error))
    if isinstance(error, NotFoundError | Http404):
        return problem(404, "Немає такого", str(error) if isinstance(error, NotFoundError) else "")
    return problem(403 if isinstance(error, ForbiddenError) else 422, "Не виконано", str(error))


def register(api: NinjaAPI) -> None:
    """Make every error of the API a problem document."""
    for kind in (DomainError, ValidationError, AuthenticationError, HttpError, Http404):
        api.add_exception_handler(kind, _answer)
