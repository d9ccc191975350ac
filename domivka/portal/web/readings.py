"""«Показання»: the page, its offline twin, and adding a meter."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page, note_readings, person_id
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.metering import api as metering
from domivka.metering.api import Channel
from domivka.portal import readings as typed
from domivka.portal.accounts import account_of
from domivka.portal.meterform import CorrectionForm, MeterForm
from domivka.portal.problems import problem_of
from domivka.portal.readings import Meters

_KEY_LENGTH = 36


@require_http_methods(["GET", "POST"])
@home_page(Right.SEE, post=Right.READINGS)
def readings(request: HttpRequest, home: HomeView) -> HttpResponse:
    meters = typed.meters_of_home(home=home, today=clock.today())
    if request.method == "GET":
        return _page(request, home, meters)
    taken, meters = typed.submit(
        home=home,
        meters=typed.with_typed(meters, request.POST.dict()),
        user_id=person_id(request),
        channel=Channel.APP if request.POST.get("channel") == "app" else Channel.WEB,
        client_key=request.POST.get("client_key", "")[:_KEY_LENGTH],
        at=clock.now(),
    )
    note_readings(request, home, taken=taken)
    for_script = request.headers.get("Accept") == "application/json"
    if taken and (not for_script or request.POST.get("announce")):
        messages.success(request, _taken_words(taken))
    if for_script:
        return _answer(taken, meters)
    if not meters.is_valid:
        return _page(request, home, meters, status=422)
    if not taken:
        messages.warning(request, _("Нових показань не введено. Впишіть числа з лічильників у поля «Поточні»."))
    return HttpResponseRedirect(reverse("portal:readings", args=[home.id]))


def _taken_words(taken: int) -> str:
    return ngettext("Передано %(count)s показання.", "Передано показань: %(count)s.", taken) % {"count": taken}


def _answer(taken: int, meters: Meters) -> JsonResponse:
    """What the offline queue needs: what was taken and, field by field, what was not."""
    refused = [
        {"name": one.name, "confirm": one.confirm_name if one.warning else "", "message": one.error or one.warning}
        for one in meters.problems
    ]
    return JsonResponse({"taken": taken, "message": _taken_words(taken) if taken else "", "refused": refused})


def _page(request: HttpRequest, home: HomeView, meters: Meters, status: int = 200) -> HttpResponse:
    meters = typed.with_corrections(meters, at=clock.now())
    context = {
        "home": home,
        "meters": meters,
        "due": meters.verification_due(clock.today()),
        "problems": [problem_of(one) for one in meters.problems],
        "client_key": request.POST.get("client_key") or uuid.uuid4().hex,
    }
    return render(request, "portal/readings.html", context, status=status)


@require_http_methods(["GET", "POST"])
@home_page(Right.OWN)
def add_meter(request: HttpRequest, home: HomeView, *, account_service_id: int) -> HttpResponse:
    service = account_of(home=home, account_service_id=account_service_id)
    form = MeterForm(request.POST or None, service=service, today=clock.today())
    if request.method == "POST" and form.is_valid():
        try:
            metering.add_meter(
                town_id=home.town_id,
                account_service_id=account_service_id,
                on=clock.today(),
                user_id=person_id(request),
                at=clock.now(),
                by_resident=True,
                **form.meter(),
            )
        except DomainError:
            form.add_error("number", _("Лічильник з таким номером уже є на цьому рахунку."))
        else:
            messages.success(request, _("Лічильник додано. Надавач послуги перевірить його дані."))
            return HttpResponseRedirect(reverse("portal:readings", args=[home.id]))
    status = 422 if form.errors else 200
    return render(request, "portal/add_meter.html", {"home": home, "service": service, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@home_page(Right.OWN)
def correct_meter(request: HttpRequest, home: HomeView, *, meter_id: int) -> HttpResponse:
    """«Виправити дані лічильника»: asked of the provider, never changed at once."""
    meters = typed.meters_of_home(home=home, today=clock.today())
    meter = next((one.meter for one in meters.inputs if one.meter.id == meter_id), None)
    if meter is None:
        raise metering.MeterNotFound
    form = CorrectionForm(request.POST or None, meter=meter)
    if request.method == "POST" and form.is_valid():
        try:
            metering.ask_correction(
                town_id=home.town_id,
                account_service_ids=[meter.account_service_id],
                meter_id=meter.id,
                user_id=person_id(request),
                at=clock.now(),
                **form.correction(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Виправлення передано надавачеві. Поки він перевіряє, усе лишається як було."))
            return HttpResponseRedirect(reverse("portal:readings", args=[home.id]))
    context = {"home": home, "meter": meter, "form": form}
    return render(request, "portal/correct_meter.html", context, status=422 if form.errors else 200)
