"""The administrator's pages of centres (ЦНАП) and providing bodies (СНАП)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from domivka.cnap import offices
from domivka.cnap.errors import TextMissing
from domivka.cnap.web.common import day, done, here
from domivka.cnap.web.towns import TownChoice, in_town, towns_of
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock


class SubjectForm(forms.Form):
    """A providing body."""

    name = forms.CharField(label=gettext_lazy("Назва"), max_length=200)
    address = forms.CharField(label=gettext_lazy("Адреса"), max_length=200, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Телефон"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    email = forms.EmailField(label=gettext_lazy("Електронна пошта"), max_length=254, required=False)


class OfficeForm(SubjectForm):
    """A centre."""

    address = forms.CharField(label=gettext_lazy("Адреса"), max_length=200)
    hours_text = forms.CharField(
        label=gettext_lazy("Години роботи"),
        help_text=gettext_lazy("Як їх прочитає мешканець. Час для запису ведуть у розділі «Візити»."),
        max_length=400,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    subject_ids = forms.TypedMultipleChoiceField(
        label=gettext_lazy("СНАП, послуги яких тут приймають"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, request: HttpRequest, town_id: int, initial: dict[str, object] | None = None) -> None:
        super().__init__(request.POST if request.method == "POST" else None, initial=initial)
        found = offices.subjects(town_ids=[town_id])
        bodies = self.fields["subject_ids"]
        bodies.choices = [(one.id, one.name) for one in found]  # type: ignore[attr-defined]  # a choice field


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
@in_town
def office_list(request: HttpRequest, town: TownChoice) -> HttpResponse:
    """Every centre of the town, and one more."""
    form = OfficeForm(request, town.id)
    if request.method == "POST" and form.is_valid():
        words = {**form.cleaned_data, "town_id": town.id, "user_id": person_id(request), "at": clock.now()}
        if done(request, form, lambda: offices.save_office(**words), _("ЦНАП додано.")):
            return here(request)
    context = {"cards": offices.cards(town_id=town.id), "form": form, "town": town, "today": clock.today()}
    return render(request, "cnap/desk_offices.html", context)


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
def office(request: HttpRequest, office_id: int) -> HttpResponse:
    """One centre: what people read about it, and whose services are asked for there."""
    found = offices.card(town_ids=towns_of(request), office_id=office_id)
    fields = ("name", "address", "phone", "email", "hours_text")
    initial: dict[str, object] = {field: getattr(found.office, field) for field in fields}
    initial["subject_ids"] = [one.id for one in found.subjects]
    form = OfficeForm(request, found.office.town_id, initial)
    if request.method == "POST" and form.is_valid():
        about = {"town_id": found.office.town_id, "office_id": office_id, "user_id": person_id(request)}
        words = {**form.cleaned_data, **about, "at": clock.now()}
        if done(request, form, lambda: offices.save_office(**words), _("ЦНАП збережено.")):
            return here(request)
    return render(request, "cnap/desk_office.html", {"office": found.office, "form": form, "today": clock.today()})


@require_POST
@staff(Role.CNAP)
def close_office(request: HttpRequest, office_id: int) -> HttpResponse:
    """From the day of the form on; `open`: it works on."""
    found = offices.card(town_ids=towns_of(request), office_id=office_id).office

    close = partial(offices.close_office, town_id=found.town_id, office_id=office_id)
    _close(request, close, _("ЦНАП працює далі."))
    return redirect("cnap:desk_office", office_id)


def _close(request: HttpRequest, close: Callable[..., None], works_on: str) -> None:
    def from_the_day() -> None:
        close(closed_from=_closing(request), user_id=person_id(request), at=clock.now())

    done(request, None, from_the_day, works_on if "open" in request.POST else _("День закриття збережено."))


def _closing(request: HttpRequest) -> dt.date | None:
    if "open" in request.POST:
        return None
    last = day(request.POST.get("closed_from", ""))
    if last is None:
        raise TextMissing(_("Виберіть день."))
    return last


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
@in_town
def subject_list(request: HttpRequest, town: TownChoice) -> HttpResponse:
    """Every providing body of the town, and one more; `?subject=` changes one."""
    found = offices.subjects(town_ids=[town.id])
    changed = next((one for one in found if str(one.id) == request.GET.get("subject")), None)
    fields = ("name", "address", "phone", "email")
    initial = {field: getattr(changed, field) for field in fields} if changed else None
    form = SubjectForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        about = {"town_id": town.id, "subject_id": changed.id if changed else None, "user_id": person_id(request)}
        words = {**form.cleaned_data, **about, "at": clock.now()}
        if done(request, form, lambda: offices.save_subject(**words), _("СНАП збережено.")):
            return here(request, without="subject")
    context = {"subjects": found, "changed": changed, "form": form, "town": town, "today": clock.today()}
    return render(request, "cnap/desk_subjects.html", context)


@require_POST
@staff(Role.CNAP)
def close_subject(request: HttpRequest, subject_id: int) -> HttpResponse:
    """From the day of the form on; `open`: it works on."""
    found = offices.subject(town_ids=towns_of(request), subject_id=subject_id)

    close = partial(offices.close_subject, town_id=found.town_id, subject_id=subject_id)
    _close(request, close, _("СНАП працює далі."))
    return redirect(f"{reverse('cnap:desk_subjects')}?town={found.town_id}")
