"""«Статистика»."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.homes import api as homes
from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page, person_id
from domivka.kernel import clock
from domivka.portal.statistics import statistics_of


@require_GET
@home_page(Right.SEE)
def statistics(request: HttpRequest, home: HomeView) -> HttpResponse:
    found = statistics_of(home=home, today=clock.today())
    return render(request, "portal/statistics.html", {"home": home, "view": found})


@require_POST
@home_page(Right.OWN)
def comparison(request: HttpRequest, home: HomeView) -> HttpResponse:
    """Leave the comparison with similar homes, or come back to it."""
    wanted = request.POST.get("wanted") == "yes"
    homes.set_compared(user_id=person_id(request), home_id=home.id, wanted=wanted, at=clock.now())
    messages.success(
        request, _("Оселя знову в порівнянні.") if wanted else _("Вашу оселю більше ні з ким не порівнюємо.")
    )
    return redirect("portal:statistics", home.id)
