"""Tabs of one service: account state, services, payments, consumption."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.billing import api as billing
from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page
from domivka.kernel import clock
from domivka.ledger import api as ledger
from domivka.metering import api as metering
from domivka.payments import api as payments
from domivka.portal.accounts import (
    TABS,
    Span,
    account_of,
    benefits_in_force,
    plan_of,
    price_words,
    service_line,
    span_of,
)
from domivka.portal.readings import zone_words
from domivka.registry import api as registry
from domivka.registry.api import ServiceView
from domivka.tariffs import api as tariffs


@require_GET
@home_page(Right.SEE)
def account(request: HttpRequest, home: HomeView, *, account_service_id: int, tab: str) -> HttpResponse:
    service = account_of(home=home, account_service_id=account_service_id)
    if tab not in TABS:
        raise Http404
    span = span_of(wanted=request.GET.get("year", ""), service=service, current=clock.current_period())
    tabs = [{"code": code, "label": label, "current": code == tab} for code, label in TABS.items()]
    context = {"home": home, "service": service, "tabs": tabs, "tab": tab, "span": span}
    return render(request, f"portal/account_{tab}.html", context | _ROWS[tab](home, service, span))


def _state(home: HomeView, service: ServiceView, span: Span) -> dict[str, Any]:
    ids = [service.account_service_id]
    states = ledger.account_states(account_service_ids=ids, first=span.first, last=span.last)
    lines = billing.charge_lines(account_service_ids=ids, first=span.first, last=span.last)
    return {
        "states": [(state, price_words(lines, state.period)) for state in states],
        "relieved": any(state.covered for state in states),
    }


def _services(home: HomeView, service: ServiceView, span: Span) -> dict[str, Any]:
    lines = billing.charge_lines(account_service_ids=[service.account_service_id], first=span.first, last=span.last)
    premises = registry.premises_view(premises_id=home.premises_id)
    plans = tariffs.plans_of(town_id=home.town_id, provider_id=service.provider.id)
    return {
        "lines": [service_line(service, premises, line) for line in lines],
        "premises": premises,
        "plan": plan_of(service, plans),
        "benefits": benefits_in_force(home, service, clock.today()),
    }


def _payments(home: HomeView, service: ServiceView, span: Span) -> dict[str, Any]:
    found = payments.payments_of(
        premises_ids=[home.premises_id], first=span.first, last=span.last, provider_id=service.provider.id
    )
    return {"payments": [one for one in found if one.account_service_id == service.account_service_id]}


def _consumption(home: HomeView, service: ServiceView, span: Span) -> dict[str, Any]:
    readings = metering.consumption(account_service_ids=[service.account_service_id], first=span.first, last=span.last)
    return {"readings": [(one, zone_words(one.zone)) for one in readings]}


_ROWS = {"state": _state, "services": _services, "payments": _payments, "consumption": _consumption}
