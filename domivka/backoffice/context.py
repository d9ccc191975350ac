"""What the frame of every staff page needs, whichever context makes the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from domivka.backoffice import scope
from domivka.identity.access import is_operator, scopes
from domivka.identity.models import Role, User

PHONE_SECTIONS = 5
OPERATOR_PHONE_SECTIONS = 4  # the operator's have longer names


def staff(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `staff_sections`, looked up only where a page shows the rail."""
    return {"staff_sections": SimpleLazyObject(lambda: sections(request))}


def sections(request: HttpRequest) -> list[dict[str, object]]:
    """The rail: each role's queues. Only sections that exist are shown."""
    user = request.user
    if not isinstance(user, User):
        return []
    operator = is_operator(user)
    rows: list[tuple[str, str, str]] = [(_url("backoffice:dashboard"), "home", _("Огляд"))]
    own = scope.providers_for(user)
    if len(own) == 1 and not operator:
        rows += [
            (_url("backoffice:accounts", own[0].id), "account", _("Особові рахунки")),
            (_url("backoffice:clearing", own[0].id), "wallet", _("Зібрані кошти")),
            (_url("backoffice:tariffs", own[0].id), "tariff", _("Тарифи")),
            (_url("backoffice:penalty", own[0].id), "clock", _("Пеня")),
        ]
    if own:
        rows.append((_url("exchange:list"), "upload", _("Файли")))
    if len(own) == 1 and not operator:
        rows += [
            (_url("backoffice:corrections", own[0].id), "meter", _("Виправлення лічильників")),
            (_url("backoffice:recalculations", own[0].id), "edit", _("Перерахунки")),
            (_url("backoffice:benefits", own[0].id), "check", _("Пільги")),
        ]
    rows += [
        (_url("backoffice:settlements", town.id), "chart", _("Розрахунки міста")) for town in scope.towns_for(user)
    ]
    if scopes(user, Role.CNAP):
        rows += [
            (_url("cnap:desk_consultations"), "help", _("Звернення")),
            (_url("cnap:desk_applications"), "file", _("Заяви")),
            (_url("appointments:desk"), "clock", _("Візити")),
            (_url("cnap:desk_cases"), "search", _("Справи")),
            (_url("cnap:desk_services"), "building", _("Каталог послуг")),
            (_url("cnap:desk_reports"), "chart", _("Звіти")),
            (_url("cnap:desk_offices"), "edit", _("ЦНАП і СНАП")),
        ]
    if operator:
        rows += [
            (_url("backoffice:runs"), "clock", _("Нарахування")),
            (_url("backoffice:bills"), "account", _("Видача рахунків")),
            (_url("backoffice:prints"), "file", _("Друк рахунків")),
            (_url("backoffice:ledger"), "check", _("Перевірка журналу")),
            (_url("backoffice:audit"), "lock", _("Журнал доступу")),
        ]
    path, fitting = request.path, OPERATOR_PHONE_SECTIONS if operator else PHONE_SECTIONS
    root = rows[0][0]
    return [
        {
            "url": url,
            "icon": icon,
            "label": label,
            "current": path == url or (url != root and path.startswith(url)),
            "wide_only": place >= fitting,  # the first page has links to all of them
        }
        for place, (url, icon, label) in enumerate(row for row in rows if row[0])
    ]


def _url(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
