"""«Рахунок до сплати»."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page, note_readings, person_id
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.metering.api import Channel
from domivka.payments import api as payments
from domivka.portal import billform, bills, readings
from domivka.portal.billform import BillForm
from domivka.portal.bills import Bill
from domivka.portal.problems import problems_of
from domivka.portal.readings import Meters
from domivka.registry import api as registry


@require_http_methods(["GET", "POST"])
@home_page(Right.SEE, post=Right.PAY)
def bill(request: HttpRequest, home: HomeView) -> HttpResponse:
    found = bills.bill_of(premises_id=home.premises_id, today=clock.today())
    meters = readings.meters_of(services=[row.service for row in found.rows], today=clock.today())
    meters = readings.with_corrections(meters, at=clock.now())
    if request.method == "GET":
        return _page(request, home, found, billform.with_meters(billform.fresh(found), meters))
    data = request.POST.dict()
    form = billform.typed(found, picks=set(request.POST.getlist(billform.PICK)), data=data)
    meters = readings.with_typed(meters, data if home.may_send_readings else {})
    if request.POST.get("do") == "pay" and form.is_valid and meters.is_valid:
        return _pay(request, home, found, form, meters)
    valid = form.is_valid and meters.is_valid
    return _page(request, home, found, billform.with_meters(form, meters), status=200 if valid else 422)


def _pay(request: HttpRequest, home: HomeView, found: Bill, form: BillForm, meters: Meters) -> HttpResponse:
    """Take the typed readings, then freeze the basket. A reading that asks a question comes back to the form first."""
    taken, meters = readings.submit(
        home=home,
        meters=meters,
        user_id=person_id(request),
        channel=Channel.WEB,
        client_key=request.POST.get("token", "")[:32],
        at=clock.now(),
    )
    note_readings(request, home, taken=taken)
    form = billform.with_meters(form, meters)
    if not meters.is_valid:
        return _page(request, home, found, form, status=422)
    try:
        intent_id = payments.create_intent(
            user_id=person_id(request),
            premises_id=home.premises_id,
            amounts=form.amounts,
            token=request.POST.get("token", ""),
            at=clock.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _page(request, home, found, form, status=422)
    return HttpResponseRedirect(f"/pay/{intent_id}/")


def _page(request: HttpRequest, home: HomeView, found: Bill, form: BillForm, status: int = 200) -> HttpResponse:
    context = {
        "home": home,
        "bill": found,
        "form": form,
        "problems": problems_of(form),
        "premises": registry.premises_view(premises_id=home.premises_id),
        "token": request.POST.get("token") or uuid.uuid4().hex,
    }
    return render(request, "portal/bill.html", context, status=status)
