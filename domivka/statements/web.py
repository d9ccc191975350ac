"""Papers of a home: its bills, receipts, certificates."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page, note_bill, person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.payments import api as payments
from domivka.statements import issuing, papers, queries
from domivka.statements.fill import bills_pdf
from domivka.statements.look import look_of


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _period(text: str) -> Period | None:
    if not text:
        return None
    try:
        return Period.parse(text)
    except ValueError as error:
        raise Http404 from error


@home_page(Right.SEE)
def bills(request: HttpRequest, home: HomeView) -> HttpResponse:
    """Every bill that was issued, newest first."""
    found = queries.bills_of(premises_id=home.premises_id)
    return render(request, "statements/bills.html", {"home": home, "bills": found})


@home_page(Right.SEE)
def bill_pdf(request: HttpRequest, home: HomeView) -> HttpResponse:
    """One bill as PDF: of the month asked for, else the newest."""
    period = _period(request.GET.get("period", ""))
    content = queries.bill_content(premises_id=home.premises_id, period=period)
    if not home.is_own:
        content = replace(content, key="")  # the key would open the home in the helper's own cabinet
        note_bill(request, home)
    return _pdf(bills_pdf([content], look=look_of(town_id=home.town_id)), f"rakhunok-{content.number}")


@require_POST
@home_page(Right.OWN)
def choose_paper(request: HttpRequest, home: HomeView) -> HttpResponseBase:
    """Turn the paper bill on or off."""
    on_paper = request.POST.get("paper") == "yes"
    issuing.choose_paper(
        premises_id=home.premises_id,
        town_id=home.town_id,
        on_paper=on_paper,
        user_id=person_id(request),
        at=clock.now(),
    )
    messages.success(
        request, _("Рахунок приходитиме на папері.") if on_paper else _("Паперового рахунка більше не буде.")
    )
    return redirect("statements:bills", home.id)


@signed_in
def receipt(request: HttpRequest, intent_id: uuid.UUID) -> HttpResponse:
    """The receipt of the person's own payment."""
    paid = payments.intent_view(user_id=person_id(request), intent_id=intent_id)
    if paid.confirmed_at is None:
        raise Http404("not paid")
    return _pdf(papers.receipt(intent=paid), f"kvytantsiia-{paid.receipt_number}")


@home_page(Right.OWN)
def certificate(request: HttpRequest, home: HomeView) -> HttpResponse:
    """«Довідка про платежі» for the months and provider asked for; a year back when none."""
    last = _period(request.GET.get("last", "")) or clock.current_period()
    first = _period(request.GET.get("first", "")) or last.shift(-11)
    provider = request.GET.get("provider", "")
    made = papers.payment_certificate_pdf(
        home=home,
        first=min(first, last),
        last=last,
        provider_id=int(provider) if provider.isdecimal() else None,
        at=clock.now(),
    )
    return _pdf(made, f"dovidka-{first}-{last}")
