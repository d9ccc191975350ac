"""The provider's desk for recalculations: the list, a new act in two steps, its preview, apply, undo, print, file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.backoffice import recalculations as desk
from domivka.backoffice.recalculation_forms import ActFilter, ActForm, Place, WhatForm
from domivka.backoffice.scope import ProviderScope, provider_for
from domivka.backoffice.web.common import acting_role, page, person
from domivka.billing import api as billing
from domivka.billing.api import BadRecalculation, RecalculationView, TakenOff
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import page_number, pages, rest_of
from domivka.registry.api import SupplyView

_desk = staff(Role.PROVIDER, Role.OPERATOR)


@require_GET
@_desk
def recalculation_list(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = provider_for(person(request), provider_id)
    form = ActFilter(request.GET, months=billing.charged_months(town_id=provider.town_id))
    wanted, number = form.wanted(), page_number(request)
    total, acts = billing.recalculations(
        provider_id=provider.id, limit=desk.PAGE_SIZE, offset=(number - 1) * desk.PAGE_SIZE, **wanted
    )
    own, imported = desk.calculated(provider.id)
    context = {
        "provider": provider, "form": form, "acts": acts, "page": pages(total, number, desk.PAGE_SIZE),
        "query": rest_of(request), "filtered": any(wanted.values()), "own": own, "imported": _names(imported),
    }  # fmt: skip
    return page(request, "backoffice/recalculations.html", context)


def _names(supplies: Sequence[SupplyView]) -> str:
    return ", ".join(supply.name for supply in supplies)


@require_http_methods(["GET", "POST"])
@_desk
def new_recalculation(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Step one asks what by GET; with that in the address step two asks the rest and keeps the draft."""
    provider = provider_for(person(request), provider_id)
    own, imported = desk.calculated(provider.id)
    months = billing.charged_months(town_id=provider.town_id)
    context: dict[str, Any] = {"provider": provider, "own": own, "imported": _names(imported), "months": months}
    what = WhatForm(request.GET if "service" in request.GET else None, supplies=own)
    if not (own and months and what.is_bound and what.is_valid()):
        return page(request, "backoffice/recalculation_what.html", {**context, "form": what})
    asked = what.cleaned_data
    form = ActForm(
        request.POST if request.method == "POST" else None,
        what=asked,
        months=months,
        streets=desk.streets_of(asked["service"]) if asked["place"] == Place.BUILDINGS else [],
        percent=billing.outage_percent(provider_service_id=asked["service"], on=clock.today()),
    )
    if request.method == "POST" and form.is_valid():
        try:
            act = billing.draft_recalculation(asked=form.asked(), user_id=person(request).pk, at=clock.now())
            return redirect("backoffice:recalculation", provider.id, act)
        except BadRecalculation as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except DomainError as error:
            form.add_error(None, str(error))
    service = next(one.name for one in own if one.provider_service_id == asked["service"])
    context |= {"form": form, "service": service, "what": what, "query": request.GET.urlencode()}
    return page(request, "backoffice/recalculation_new.html", context, status=400 if form.errors else 200)


def _act(request: HttpRequest, provider_id: int, recalculation_id: int) -> tuple[ProviderScope, RecalculationView]:
    provider = provider_for(person(request), provider_id)
    return provider, billing.recalculation(provider_id=provider.id, recalculation_id=recalculation_id)


def _note_read(request: HttpRequest, provider: ProviderScope, act: RecalculationView, homes: list[int]) -> None:
    audit.record(
        at=clock.now(), actor_id=person(request).pk, action="billing.recalculation_read", object_kind="recalculation",
        object_id=act.id, town_id=provider.town_id, is_read=True,
        detail={"provider": provider.id, "role": acting_role(request)}, premises_ids=homes,
    )  # fmt: skip


def _context(provider: ProviderScope, act: RecalculationView, rows: list[TakenOff]) -> dict[str, Any]:
    return {
        "provider": provider, "act": act, "rows": rows, "place": desk.place_of(act), "people": desk.people_of(act),
    }  # fmt: skip


@require_GET
@_desk
def recalculation(request: HttpRequest, provider_id: int, recalculation_id: int) -> HttpResponse:
    """One act: of a draft what it would take off, with the reasons where that is nothing; later what was posted."""
    provider, act = _act(request, provider_id, recalculation_id)
    number, size = page_number(request), desk.ROWS_PER_PAGE
    rows = billing.taken_off(
        provider_id=provider.id, recalculation_id=act.id, start=(number - 1) * size, limit=size
    )  # fmt: skip
    _note_read(request, provider, act, desk.homes_of(rows))
    total = act.rows if act.state == "draft" else act.taken
    several = act.period != act.last_period  # of one account, so all on one page
    context = _context(provider, act, rows) | {
        "page": pages(min(total, size) if several else total, number, size),
        "job": billing.recalculation_progress(act.id),
    }
    return page(request, "backoffice/recalculation.html", context)


@require_POST
@_desk
def recalculation_act(request: HttpRequest, provider_id: int, recalculation_id: int, action: str) -> HttpResponse:
    """`apply`, `undo` or `remove`."""
    provider, act = _act(request, provider_id, recalculation_id)
    user_id = person(request).pk

    def remove() -> str:
        billing.remove_recalculation(recalculation_id=act.id, user_id=user_id, at=clock.now())
        return _("Чернетку видалено.")

    def post(*, undo: bool) -> str:
        if not desk.start(act=act, undo=undo, user_id=user_id):
            return _("Рахунків багато, тому це робить черга завдань. Сторінка покаже, коли все готово.")
        return _("Перерахунок скасовано, суми повернено.") if undo else _("Перерахунок застосовано.")

    deeds: dict[str, Callable[[], str]] = {
        "apply": lambda: post(undo=False),
        "undo": lambda: post(undo=True),
        "remove": remove,
    }
    if action not in deeds:
        raise NotFoundError(_("Такої дії немає."))
    try:
        messages.success(request, deeds[action]())
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("backoffice:recalculation", provider.id, act.id)
    if action == "remove":
        return redirect("backoffice:recalculations", provider.id)
    return redirect("backoffice:recalculation", provider.id, act.id)


@require_GET
@_desk
def recalculation_print(request: HttpRequest, provider_id: int, recalculation_id: int) -> HttpResponse:
    """The act on paper with its accounts; a very large one with the first of them."""
    provider, act = _act(request, provider_id, recalculation_id)
    rows = billing.taken_off(
        provider_id=provider.id, recalculation_id=act.id, limit=desk.PRINTED_ROWS, only_taken=True
    )  # fmt: skip
    _note_read(request, provider, act, desk.homes_of(rows))
    return page(request, "backoffice/recalculation_print.html", _context(provider, act, rows))


@require_GET
@_desk
def recalculation_csv(request: HttpRequest, provider_id: int, recalculation_id: int) -> StreamingHttpResponse:
    """All accounts of the act as CSV, those that keep everything too while it is a draft."""
    provider, act = _act(request, provider_id, recalculation_id)
    homes, chunks = billing.all_taken_off(provider_id=provider.id, recalculation_id=act.id)
    _note_read(request, provider, act, homes)
    response = StreamingHttpResponse(desk.csv_of(chunks), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="recalculation-{act.id}.csv"'
    return response
