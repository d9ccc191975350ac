"""The administrator's page of terms («строки»)."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from domivka.cnap import catalogue, terms
from domivka.cnap.rules.terms import DAYS
from domivka.cnap.web.common import done, here
from domivka.cnap.web.towns import TownChoice, in_town
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock

CONSULTATIONS: Final = "consultation"
APPLICATIONS: Final = "application"


class TermForm(forms.Form):
    """A term from a day on."""

    what = forms.ChoiceField(label=gettext_lazy("Для чого"))
    length = forms.IntegerField(label=gettext_lazy("Календарних днів"), min_value=1, max_value=365)
    valid_from = forms.DateField(
        label=gettext_lazy("Діє з"),
        help_text=gettext_lazy("Те, що відправлено раніше, зберігає свій строк."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, request: HttpRequest, town_id: int) -> None:
        initial = {"what": request.GET.get("what"), "valid_from": clock.today()}
        super().__init__(request.POST if request.method == "POST" else None, initial=initial)
        services = catalogue.services(town_ids=[town_id], also_closed=True)
        self.fields["what"].choices = [  # type: ignore[attr-defined]  # a choice field
            (CONSULTATIONS, _("Звернення")),
            (APPLICATIONS, _("Заяви: усі послуги")),
            *((str(one.id), _("Заяви: %(name)s") % {"name": one.name}) for one in services),
        ]


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
@in_town
def term_list(request: HttpRequest, town: TownChoice) -> HttpResponse:
    """Terms in force, planned and past, and a new one."""
    form = TermForm(request, town.id)
    if request.method == "POST" and form.is_valid():
        what = form.cleaned_data["what"]

        def save() -> None:
            terms.set_term(
                town_id=town.id,
                kind=what if what == CONSULTATIONS else APPLICATIONS,
                service_id=int(what) if what.isdecimal() else None,
                length=form.cleaned_data["length"],
                valid_from=form.cleaned_data["valid_from"],
                user_id=person_id(request),
                at=clock.now(),
            )

        if done(request, form, save, _("Строк встановлено.")):
            return here(request, without="what")
    rows = terms.terms(town_id=town.id, on=clock.today())
    now = {one.kind for one in rows if one.is_now and one.service_id is None}
    context = {
        "terms": rows,
        "by_law": [label for kind, label in ((CONSULTATIONS, _("Звернення")), (APPLICATIONS, _("Заяви"))) if kind not in now],
        "law_days": DAYS,
        "form": form,
        "town": town,
    }  # fmt: skip
    return render(request, "cnap/desk_terms.html", context)


@require_POST
@staff(Role.CNAP)
@in_town
def remove_term(request: HttpRequest, term_id: int, town: TownChoice) -> HttpResponse:
    """Take back what is only planned."""

    def remove() -> None:
        terms.remove_term(town_id=town.id, term_id=term_id, user_id=person_id(request), at=clock.now())

    done(request, None, remove, _("Запланований строк скасовано."))
    return redirect(f"{reverse('cnap:desk_terms')}?town={town.id}")
