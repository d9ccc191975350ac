"""A provider's pages: accounts, one account, readings on behalf of a resident, tariffs, clearing account."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from domivka.backoffice import accounts, benefits, settlements
from domivka.backoffice.forms import AccountFilter, readings_form
from domivka.backoffice.scope import provider_for
from domivka.backoffice.web.common import acting_role, note_account_read, page, person
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock
from domivka.kernel.listing import page_number, pages
from domivka.metering import api as metering
from domivka.payments import api as payments
from domivka.tariffs import api as tariffs


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def account_list(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = provider_for(person(request), provider_id)
    form = AccountFilter(request.GET)
    wanted = form.wanted()
    number = page_number(request)
    found = accounts.account_list(provider_id=provider.id, page=number, **wanted)
    audit.record(
        at=clock.now(), actor_id=person(request).pk, action="accounts.listed", object_kind="provider",
        object_id=provider.id, town_id=provider.town_id, is_read=True,
        detail={"rows": len(found.rows), "page": number, "role": acting_role(request)},
        premises_ids=[row.premises_id for row in found.rows],
    )  # fmt: skip
    query = "&" + urlencode({"q": wanted["text"], "state": wanted["state"], "sort": wanted["sort"]})
    context = {"provider": provider, "found": found, "form": form, "query": query}
    return page(
        request,
        "backoffice/accounts.html",
        {**context, "page": pages(found.total, number, accounts.PAGE_SIZE)},
    )


@require_http_methods(["GET", "POST"])
@staff(Role.PROVIDER, Role.OPERATOR)
def account(request: HttpRequest, provider_id: int, account_id: int) -> HttpResponseBase:
    """One account; posting takes readings that a resident said by phone or at the cash desk."""
    provider = provider_for(person(request), provider_id)
    now = clock.now()
    found = accounts.account_page(provider_id=provider.id, account_id=account_id, today=clock.today())
    meters = metering.meters_of(account_service_ids=found.account_service_ids, on=clock.today())
    form = readings_form(meters, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        taken = metering.submit_readings(
            town_id=provider.town_id,
            account_service_ids=found.account_service_ids,
            readings=form.readings(),
            channel=metering.Channel(form.cleaned_data["channel"]),
            user_id=person(request).pk,
            at=now,
        )
        for error in taken.refused:
            messages.warning(request, str(error))
        if taken.taken:
            messages.success(request, _("Показання прийнято."))
        return redirect("backoffice:account", provider_id, account_id)
    note_account_read(request, found, provider)
    month = clock.current_period()
    own = set(found.account_service_ids)
    paid = payments.payments_of(premises_ids=[found.premises_id], first=month.shift(-12), last=month)
    context = {
        "provider": provider,
        "account": found,
        "meters": meters,
        "benefits": tariffs.benefits_of(account_ids=[found.id]),
        "calculated": benefits.is_calculated(provider_id=provider.id),
        "today": clock.today(),
        "form": form,
        "payments": [payment for payment in paid if payment.account_service_id in own],
        "consumption": metering.consumption(
            account_service_ids=found.account_service_ids, first=month.shift(-6), last=month
        ),
    }
    return page(request, "backoffice/account.html", context, status=400 if form.errors else 200)


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def tariff_list(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = provider_for(person(request), provider_id)
    plans = tariffs.plans_of(town_id=provider.town_id, provider_id=provider.id)
    return page(request, "backoffice/tariffs.html", {"provider": provider, "plans": plans, "today": clock.today()})


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def clearing(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = provider_for(person(request), provider_id)
    found = settlements.clearing(provider_id=provider.id, at=clock.now())
    return page(request, "backoffice/clearing.html", {"provider": provider, "clearing": found})
