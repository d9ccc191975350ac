"""What all staff pages share: the rail of sections by role, 404 for what is not theirs, pages of long lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from domivka.backoffice import scope
from domivka.identity.models import Role, User
from domivka.kernel.errors import NotFoundError

PHONE_SECTIONS = 5
StaffView = Callable[..., HttpResponseBase]


def person(request: HttpRequest) -> User:
    """The signed-in member of staff; the access middleware let nobody else through."""
    return cast(User, request.user)


def not_found_is_404(view: StaffView) -> StaffView:
    """What is not this person's to see answers as what does not exist."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotFoundError as error:
            raise Http404(str(error)) from error

    return wrapped


def sections(request: HttpRequest) -> list[dict[str, object]]:
    """The rail: each role's queues. Only sections that exist are shown."""
    user = person(request)
    operator = scope.is_operator(user)
    rows: list[tuple[str, str, str]] = [(_url("backoffice:dashboard"), "home", _("Огляд"))]
    own = scope.providers_for(user)
    if len(own) == 1:
        rows += [
            (_url("backoffice:accounts", own[0].id), "account", _("Рахунки")),
            (_url("backoffice:clearing", own[0].id), "wallet", _("Зібрані кошти")),
            (_url("backoffice:tariffs", own[0].id), "tariff", _("Тарифи")),
        ]
    if own:
        rows.append((_url("exchange:list"), "upload", _("Файли")))
    rows += [
        (_url("backoffice:settlements", town.id), "chart", _("Розрахунки міста")) for town in scope.towns_for(user)
    ]
    if operator:
        rows += [
            (_url("backoffice:runs"), "clock", _("Нарахування")),
            (_url("backoffice:ledger"), "check", _("Перевірка журналу")),
            (_url("backoffice:audit"), "lock", _("Журнал доступу")),
        ]
    path = request.path
    root = rows[0][0]
    return [
        {
            "url": url,
            "icon": icon,
            "label": label,
            "current": path == url or (url != root and path.startswith(url)),
            "wide_only": place >= PHONE_SECTIONS,  # the first page has links to all of them
        }
        for place, (url, icon, label) in enumerate(row for row in rows if row[0])
    ]


def _url(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A staff page in its frame."""
    return render(request, template, {**(context or {}), "staff_sections": sections(request)}, status=status)


def page_number(request: HttpRequest) -> int:
    """The page that was asked for; 1 for nonsense."""
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def pages(total: int, number: int, size: int) -> Page[int]:
    """What the pager component shows for a list that the database cut itself."""
    paginator = Paginator(range(total), size)
    return paginator.get_page(number)


ANY_STAFF = (Role.PROVIDER, Role.AUTHORITY, Role.OPERATOR)
