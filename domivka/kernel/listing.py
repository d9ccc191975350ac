"""What pages of lists, and of actions on their rows, share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError, NotFoundError

PAGE_SIZE: Final = 20


def page_number(request: HttpRequest) -> int:
    """The page that was asked for; 1 for nonsense."""
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def pages(total: int, number: int, size: int = PAGE_SIZE) -> Page[int]:
    """What the pager component shows for a list that the database cut itself."""
    return Paginator(range(total), size).get_page(number)


def rest_of(request: HttpRequest) -> str:
    """The rest of the address for the pager."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"&{query.urlencode()}" if query else ""


Actions = Mapping[str, tuple[Callable[[], object], str]]
"""What a page may do, by name: the deed, and the words when it is done."""


def act(request: HttpRequest, actions: Actions, what: str, back: str) -> HttpResponse:
    """Do one of the actions and say how it went; 404 for a name that is none of them."""
    if what not in actions:
        raise NotFoundError(_("Такої дії немає."))
    do, words = actions[what]
    try:
        do()
        messages.success(request, words)
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(back)
