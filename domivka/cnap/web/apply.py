"""The beginning of an application, in the seed's order: service, ЦНАП, СНАП, object and its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from domivka.cnap import applications, catalogue
from domivka.cnap.errors import AlreadySent, NotOffered
from domivka.homes.api import HomeView
from domivka.homes.door import homes_on, person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Place:
    """Where an application goes and what it is about, as typed so far."""

    office: int
    offer: int
    object: str = ""
    address: str = ""


class PlaceForm(forms.Form):
    """ЦНАП, then СНАП of that ЦНАП, then the object."""

    office = forms.TypedChoiceField(label=gettext_lazy("ЦНАП"), coerce=int)
    offer = forms.TypedChoiceField(
        label=gettext_lazy("СНАП"),
        coerce=int,
        error_messages={
            "invalid_choice": gettext_lazy("Цей СНАП не приймає через обраний ЦНАП. Оберіть його зі списку.")
        },
    )
    object = forms.CharField(
        label=gettext_lazy("Об'єкт"),
        max_length=200,
        help_text=gettext_lazy("Наприклад: квартира, будинок, земельна ділянка."),
    )
    address = forms.CharField(
        label=gettext_lazy("Фактична адреса об'єкта"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_address(self) -> str:
        return " ".join(self.cleaned_data["address"].split())


def place_form(request: HttpRequest, service: catalogue.ServiceView, start: Place, *, check: bool) -> PlaceForm:
    """The form with the СНАП of the chosen ЦНАП only; `check` says that the person sends it, not only looks on."""
    typed = request.POST if request.method == "POST" else {}
    initial = {
        "office": typed.get("office", start.office),
        "offer": typed.get("offer", start.offer),
        "object": typed.get("object", start.object),
        "address": _address(request) or typed.get("address", start.address),
    }
    centres = {one.office_id: one.office for one in service.offers}
    if centres and str(initial["office"]) not in map(str, centres):  # closed since
        initial["office"] = next(iter(centres))
    form = PlaceForm(request.POST if check else None, initial=initial)
    form.fields["office"].choices = list(centres.items())  # type: ignore[attr-defined]  # a choice field
    form.fields["offer"].choices = [  # type: ignore[attr-defined]  # a choice field
        (one.id, one.subject) for one in service.offers if str(one.office_id) == str(initial["office"])
    ]
    return form


def homes_in(request: HttpRequest, service: catalogue.ServiceView) -> list[HomeView]:
    """The person's homes in the town of the service: their addresses need no typing."""
    return [home for home in homes_on(request) if home.town_id == service.town_id]


def _address(request: HttpRequest) -> str:
    """The address of the home whose button was pressed."""
    chosen = request.POST.get("home")
    return next((home.address for home in homes_on(request) if str(home.id) == chosen), "")


def _only_looks(request: HttpRequest) -> bool:
    """A ЦНАП or a home was chosen; nothing is saved yet."""
    return request.method != "POST" or "look" in request.POST or "home" in request.POST


def _said(request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    """Where an application goes and what it is about, who says so and when."""
    words = form.cleaned_data
    where = {"offer_id": words["offer"], "object": words["object"], "address": words["address"]}
    return {**where, "user_id": person_id(request), "at": clock.now()}


@require_GET
@signed_in
def catalogue_list(request: HttpRequest) -> HttpResponse:
    """Step 1: the service."""
    towns = {home.town_id for home in homes_on(request)}
    found = catalogue.services(town_ids=towns or None)
    words = " ".join(request.GET.get("q", "").split())[:80]
    shown = [one for one in found if words.casefold() in one.name.casefold()]
    return render(
        request, "cnap/catalogue.html", {"services": shown, "words": words, "count": len(found), "steps": steps()}
    )


def steps() -> list[str]:
    return [_("Послуга"), _("ЦНАП і СНАП"), _("Об'єкт"), _("Документи")]


@require_http_methods(["GET", "POST"])
@signed_in
def service(request: HttpRequest, service_id: int) -> HttpResponse:
    """The information card, and steps 2 to 4."""
    found = catalogue.service(service_id=service_id, on=clock.today())
    homes = homes_in(request, found)
    first = next(iter(found.offers), None)
    start = Place(
        office=first.office_id if first else 0,
        offer=first.id if first else 0,
        address=homes[0].address if len(homes) == 1 else "",
    )
    form = place_form(request, found, start, check=not _only_looks(request))
    if form.is_bound and form.is_valid():
        pk = applications.start_application(service_id=service_id, **_said(request, form))
        messages.success(request, _("Заяву збережено. Тепер додайте документи."))
        return redirect("cnap:application", pk)
    context = {"service": found, "form": form, "homes": homes, "steps": steps()}
    return render(request, "cnap/service.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def place(request: HttpRequest, application_id: int) -> HttpResponse:
    """Change the ЦНАП, СНАП or object of a draft."""
    draft = applications.application(user_id=person_id(request), application_id=application_id)
    if not draft.is_draft:
        messages.error(request, str(AlreadySent()))
        return redirect("cnap:application", application_id)
    try:
        found = catalogue.service(service_id=draft.service_id, on=clock.today())
    except NotFoundError:  # unpublished since
        messages.error(request, str(NotOffered()))
        return redirect("cnap:application", application_id)
    start = Place(draft.office_id, draft.offer_id, draft.object, draft.address)
    form = place_form(request, found, start, check=not _only_looks(request))
    if form.is_bound and form.is_valid():
        applications.change_place(application_id=application_id, **_said(request, form))
        messages.success(request, _("Заяву збережено."))
        return redirect("cnap:application", application_id)
    context = {"application": draft, "form": form, "homes": homes_in(request, found), "steps": steps()}
    return render(request, "cnap/application_place.html", context, status=422 if form.is_bound else 200)
