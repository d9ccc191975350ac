"""«Історія нарахувань»."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page
from domivka.kernel import clock
from domivka.portal.history import HistoryForm, months_of
from domivka.registry import api as registry


@require_GET
@home_page(Right.SEE)
def history(request: HttpRequest, home: HomeView) -> HttpResponse:
    services = registry.services_of(premises_ids=[home.premises_id], on=clock.today())
    form = HistoryForm(request.GET.dict(), services=services, last=clock.current_period().previous)
    first, last = form.periods()
    months = months_of(services=services, first=first, last=last, provider_id=form.provider_id())
    return render(request, "portal/history.html", {"home": home, "form": form, "months": months})
