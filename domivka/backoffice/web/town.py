"""The first page of all staff, and the pages of the town's authority."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.backoffice import runs, settlements
from domivka.backoffice.jobs import verification
from domivka.backoffice.scope import providers_for, town_for, towns_for
from domivka.backoffice.web.common import ANY_STAFF, page, person
from domivka.identity.access import grants, is_operator, staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.listing import page_number, pages
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.metering import api as metering

BUILDINGS_PAGE = 50


@require_GET
@staff(*ANY_STAFF)
def dashboard(request: HttpRequest) -> HttpResponse:
    user, now = person(request), clock.now()
    if {role for role, _scope in grants(user)} <= {Role.CNAP, Role.RESIDENT}:
        return redirect("cnap:desk")  # a desk of its own: nothing of the dashboard is theirs
    operator = is_operator(user)
    providers = providers_for(user)
    context = {
        "operator": operator,
        "providers": providers,
        "waiting": [settlements.clearing(provider_id=p.id, at=now) for p in providers] if len(providers) == 1 else [],
        "corrections": metering.count_waiting_corrections(provider_id=providers[0].id) if len(providers) == 1 else 0,
        "towns": towns_for(user),
        "runs": runs.recent(3) if operator else [],
        "job": verification() if operator else None,
    }
    return page(request, "backoffice/dashboard.html", context)


def _period(request: HttpRequest) -> Period:
    try:
        return Period.parse(request.GET.get("period", ""))
    except ValueError:
        return clock.current_period().previous


@require_GET
@staff(Role.AUTHORITY, Role.OPERATOR)
def town_settlements(request: HttpRequest, town_id: int) -> HttpResponse:
    town, period = town_for(person(request), town_id), _period(request)
    rows = settlements.settlements(town_id=town.id, period=period)
    context = {"town": town, "period": period, "rows": rows, "total": settlements.settlements_total(rows, "")}
    context["summary"] = ledger.summary_state(town_id=town.id, period=period)
    return page(request, "backoffice/settlements.html", context)


@require_GET
@staff(Role.AUTHORITY, Role.OPERATOR)
def town_buildings(request: HttpRequest, town_id: int) -> HttpResponse:
    town, period = town_for(person(request), town_id), _period(request)
    sort = request.GET.get("sort", "debt")
    sort = sort if sort in settlements.BUILDING_SORTS else "debt"
    number = page_number(request)
    rows = settlements.buildings(town_id=town.id, period=period, sort=sort, page=number, size=BUILDINGS_PAGE)
    summary = ledger.summary_state(town_id=town.id, period=period)
    shown = pages(rows[0].total if rows else 0, number, BUILDINGS_PAGE)
    context = {"town": town, "period": period, "rows": rows, "page": shown, "query": f"&period={period}&sort={sort}"}
    return page(request, "backoffice/buildings.html", {**context, "sort": sort, "summary": summary})


@require_POST
@staff(Role.AUTHORITY, Role.OPERATOR)
def refresh_summary(request: HttpRequest, town_id: int) -> HttpResponse:
    """Queue the sums of a month anew, and back to the page where it was asked."""
    town, period = town_for(person(request), town_id), _period(request)
    ledger.summarise_later(town_id=town.id, period=period, asked_at=clock.now())
    messages.info(request, _("Зведення оновлюється. Для великого міста це до хвилини: відкрийте сторінку ще раз."))
    back = "buildings" if request.GET.get("back") == "buildings" else "settlements"
    return redirect(f"{reverse(f'backoffice:{back}', args=[town.id])}?period={period}")
