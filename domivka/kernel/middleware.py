"""What the domain could not find is a page that does not exist; what no text can be is a bad request."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponseBase

from domivka.kernel.errors import NotFoundError


class NotFoundMiddleware:
    """Answers 404 to every `NotFoundError` that a view lets through, so that no view maps it itself, and 400 to a zero byte
    in what was sent: no form sends one, and no text in the database can hold it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, NotFoundError):
            raise Http404(str(exception)) from exception
        if isinstance(exception, (DataError, ValueError)) and "NUL" in str(exception):
            raise SuspiciousOperation("a zero byte where text should be") from exception
