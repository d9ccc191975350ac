"""«Послуги міста»: what the town does for a person, on one page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from domivka.cnap import api as cnap
from domivka.homes.door import person_id
from domivka.identity.access import signed_in


@dataclass(frozen=True, slots=True)
class Choice:
    url: str
    label: str
    text: str
    note: str = ""


@require_GET
@signed_in
def services(request: HttpRequest) -> HttpResponse:
    unread = cnap.count_unread(user_id=person_id(request))
    offered = [
        Choice(
            reverse("cnap:consultations"),
            _("Звернення"),
            _("Запитайте адміністратора ЦНАП, не приходячи: які документи потрібні, скільки чекати."),
        ),
        Choice(
            reverse("cnap:applications"),
            _("Заяви"),
            _("Подайте заяву на послугу з документами й стежте, що з нею."),
        ),
        Choice(
            reverse("appointments:list"),
            _("Попередній запис"),
            _("Оберіть день і час візиту до ЦНАП, щоб не чекати в черзі."),
        ),
        Choice(
            reverse("cnap:cases"),
            _("Справи"),
            _("На якому етапі ваша справа й хто її розглядає."),
        ),
        Choice(
            reverse("cnap:documents"),
            _("Документи"),
            _("Ваша бібліотека файлів: збережіть раз і приєднуйте до заяв."),
        ),
        Choice(
            reverse("cnap:messages"),
            _("Повідомлення"),
            _("Що вам відповіла адміністрація."),
            _("Непрочитаних: %(count)s") % {"count": unread} if unread else "",
        ),
    ]
    return render(request, "portal/services.html", {"services": offered})
