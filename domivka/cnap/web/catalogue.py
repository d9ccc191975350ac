"""The administrator's pages of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import catalogue, offices
from domivka.cnap.errors import TextMissing
from domivka.cnap.web.common import number
from domivka.cnap.web.towns import TownChoice, in_town, towns_of
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock


def _rows(count: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": count})


class ServiceForm(forms.Form):
    """The card of a service."""

    name = forms.CharField(label=gettext_lazy("Назва послуги"), max_length=300)
    about = forms.CharField(label=gettext_lazy("Що це за послуга"), required=False, widget=_rows(3))
    who = forms.CharField(label=gettext_lazy("Хто може звернутися"), required=False, widget=_rows(3))
    card = forms.CharField(label=gettext_lazy("Як подати й отримати"), required=False, widget=_rows(5))
    result = forms.CharField(label=gettext_lazy("Результат послуги"), max_length=300, required=False)
    fee = forms.DecimalField(
        label=gettext_lazy("Плата, грн"), min_value=Decimal(0), max_value=Decimal(1_000_000), decimal_places=2
    )
    days = forms.IntegerField(label=gettext_lazy("Строк, календарних днів"), min_value=1, max_value=365)
    law = forms.CharField(label=gettext_lazy("Правові підстави"), required=False, widget=_rows(3))
    is_active = forms.BooleanField(label=gettext_lazy("Опубліковано: мешканці бачать послугу"), required=False)


@require_GET
@staff(Role.CNAP)
@in_town
def service_list(request: HttpRequest, town: TownChoice) -> HttpResponse:
    found = catalogue.services(town_ids=[town.id], also_closed=True)
    return render(request, "cnap/desk_services.html", {"services": found, "town": town})


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
@in_town
def new_service(request: HttpRequest, town: TownChoice) -> HttpResponse:
    form = ServiceForm(request.POST or None, initial={"fee": 0, "days": 30})
    if request.method == "POST" and form.is_valid():
        pk = _save(request, form, town.id, None)
        if pk is not None:
            return redirect("cnap:desk_service", pk)
    return render(request, "cnap/desk_service.html", {"form": form, "service": None, "town": town})


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
def service(request: HttpRequest, service_id: int) -> HttpResponse:
    found = catalogue.service(service_id=service_id, on=clock.today(), town_ids=towns_of(request))
    initial = {
        "name": found.name,
        "about": found.about,
        "who": found.who,
        "card": found.card,
        "law": found.law,
        "result": found.result,
        "fee": Decimal(found.fee.kop).scaleb(-2),
        "days": found.days,
        "is_active": found.is_active,
    }
    form = ServiceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _save(request, form, found.town_id, found.id) is not None:
        return redirect("cnap:desk_service", found.id)
    shown = replace(
        found,
        slots=tuple(one for one in found.slots if one.is_active),
        offers=tuple(one for one in found.offers if one.is_open),
    )
    context = {"form": form, "service": found, "shown": shown, "places": _places(found)}
    return render(request, "cnap/desk_service.html", context)


def _places(found: catalogue.ServiceView) -> list[tuple[str, str]]:
    """Pairs of an open ЦНАП and an open СНАП of it where the service is not asked for yet: value and words."""
    today, used = clock.today(), {(one.office_id, one.subject) for one in found.offers}
    return [
        (f"{card.office.id}:{body.name}", f"{card.office.name} – {body.name}")
        for card in offices.cards(town_id=found.town_id)
        for body in card.subjects
        if not offices.is_closed(card.office, today)
        and not offices.is_closed(body, today)
        and (card.office.id, body.name) not in used
    ]


@require_POST
@staff(Role.CNAP)
def copy_service(request: HttpRequest, service_id: int) -> HttpResponse:
    """A draft like this service, opened at once to be given its name."""
    found = catalogue.service(service_id=service_id, on=clock.today(), town_ids=towns_of(request))
    made = catalogue.copy_service(
        town_id=found.town_id, service_id=service_id, user_id=person_id(request), at=clock.now()
    )
    messages.success(request, _("Послугу скопійовано як чернетку. Змініть назву й опублікуйте."))
    return redirect("cnap:desk_service", made)


@require_POST
@staff(Role.CNAP)
def move_slot(request: HttpRequest, service_id: int, slot_id: int) -> HttpResponse:
    """One place up (`up`), or down."""
    found = catalogue.service(service_id=service_id, on=clock.today(), town_ids=towns_of(request))
    catalogue.move_slot(
        town_id=found.town_id,
        service_id=service_id,
        slot_id=slot_id,
        up="up" in request.POST,
        user_id=person_id(request),
        at=clock.now(),
    )
    return redirect(f"{reverse('cnap:desk_service', args=[service_id])}#slots_title")


def _save(request: HttpRequest, form: ServiceForm, town_id: int, service_id: int | None) -> int | None:
    """The service's id; None when the form says what is wrong."""
    words = form.cleaned_data
    try:
        pk = catalogue.save_service(
            town_id=town_id,
            service_id=service_id,
            name=words["name"],
            about=words["about"],
            who=words["who"],
            card=words["card"],
            law=words["law"],
            result=words["result"],
            fee_kop=int(words["fee"] * 100),
            is_active=words["is_active"],
            days=words["days"],
            user_id=person_id(request),
            at=clock.now(),
        )
    except TextMissing as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Послугу збережено."))
    return pk


@require_POST
@staff(Role.CNAP)
def save_offer(request: HttpRequest, service_id: int) -> HttpResponse:
    found = catalogue.service(service_id=service_id, on=clock.today(), town_ids=towns_of(request))
    office, _colon, subject = request.POST.get("place", "").partition(":")
    try:
        catalogue.save_offer(
            town_id=found.town_id,
            service_id=service_id,
            office_id=number(office),
            subject=subject,
            is_active="closed" not in request.POST,
            user_id=person_id(request),
            at=clock.now(),
        )
        messages.success(request, _("Місце надання збережено."))
    except TextMissing as error:
        messages.error(request, str(error))
    return redirect("cnap:desk_service", service_id)


@require_POST
@staff(Role.CNAP)
def save_slot(request: HttpRequest, service_id: int) -> HttpResponse:
    found = catalogue.service(service_id=service_id, on=clock.today(), town_ids=towns_of(request))
    try:
        catalogue.save_slot(
            town_id=found.town_id,
            service_id=service_id,
            name=request.POST.get("name", ""),
            needed_when=request.POST.get("needed_when", ""),
            who_may_skip=request.POST.get("who_may_skip", ""),
            is_active="closed" not in request.POST,
            slot_id=number(request.POST["slot"]) if "slot" in request.POST else None,
            user_id=person_id(request),
            at=clock.now(),
        )
        messages.success(request, _("Документ збережено."))
    except TextMissing as error:
        messages.error(request, str(error))
    return redirect("cnap:desk_service", service_id)
