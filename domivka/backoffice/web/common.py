"""What all staff pages share: their frame, pages of long lists."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domivka.identity.models import Role, User


def person(request: HttpRequest) -> User:
    """The signed-in member of staff; the access middleware let nobody else through."""
    return cast(User, request.user)


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A staff page in its frame."""
    return render(request, template, context or {}, status=status)


def page_number(request: HttpRequest) -> int:
    """The page that was asked for; 1 for nonsense."""
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def pages(total: int, number: int, size: int) -> Page[int]:
    """What the pager component shows for a list that the database cut itself."""
    paginator = Paginator(range(total), size)
    return paginator.get_page(number)


ANY_STAFF = (Role.PROVIDER, Role.AUTHORITY, Role.OPERATOR, Role.CNAP)
