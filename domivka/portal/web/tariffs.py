"""Public tariffs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.identity.access import public
from domivka.kernel import clock
from domivka.portal.context import Frame
from domivka.portal.tariffs import groups, price_figure, price_lines, share_figure
from domivka.tariffs import api as tariffs_api
from domivka.tariffs.api import PlanView


def _plans(request: HttpRequest) -> list[PlanView]:
    """Plans of the reader's town."""
    town = Frame(request).town
    return tariffs_api.plans_of(town_id=town.id) if town else []


@public
@require_GET
def tariffs(request: HttpRequest) -> HttpResponse:
    found = groups(_plans(request), today=clock.today())
    return render(request, "portal/tariffs.html", {"groups": list(found)})


@public
@require_GET
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    found = next((one for one in _plans(request) if one.id == plan_id), None)
    if found is None:
        raise Http404
    today = clock.today()
    current = found.version_on(today)
    context = {
        "plan": found,
        "current": current,
        "prices": price_lines(current, found.unit) if current else (),
        "shares": share_figure(current, unit=found.unit) if current else None,
        "history": price_figure(found, today=today),
        "versions": [(version, price_lines(version, found.unit)) for version in found.versions],
    }
    return render(request, "portal/tariff.html", context)
