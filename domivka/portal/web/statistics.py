"""«Статистика»."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.homes.api import HomeView
from domivka.homes.door import home_page
from domivka.kernel import clock
from domivka.portal.statistics import statistics_of


@require_GET
@home_page
def statistics(request: HttpRequest, home: HomeView) -> HttpResponse:
    found = statistics_of(home=home, today=clock.today())
    return render(request, "portal/statistics.html", {"home": home, "view": found})
