"""The administrator's pages of what is written again and again: texts of answers, reasons of refusals."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from domivka.cnap import phrases
from domivka.cnap.rules.phrases import PLACES
from domivka.cnap.web.common import done, here
from domivka.cnap.web.towns import TownChoice, in_town
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock


class TemplateForm(forms.Form):
    """A text of answers."""

    name = forms.CharField(label=gettext_lazy("Назва"), max_length=120)
    text = forms.CharField(label=gettext_lazy("Текст"), widget=forms.Textarea({"rows": 6}))


class ReasonForm(forms.Form):
    """A reason of refusals."""

    name = forms.CharField(
        label=gettext_lazy("Причина відмови"), help_text=gettext_lazy("Коротко: за нею групують звіти."), max_length=120
    )


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
@in_town
def templates(request: HttpRequest, town: TownChoice) -> HttpResponse:
    """Texts that answers begin with; `?template=` changes one."""
    found = phrases.templates(town_ids=[town.id])
    changed = next((one for one in found if str(one.id) == request.GET.get("template")), None)
    initial = {"name": changed.name, "text": changed.text} if changed else None
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():

        def save() -> None:
            phrases.save_template(
                town_id=town.id,
                template_id=changed.id if changed else None,
                name=form.cleaned_data["name"],
                text=form.cleaned_data["text"],
                user_id=person_id(request),
                at=clock.now(),
            )

        if done(request, form, save, _("Зразок збережено.")):
            return here(request, without="template")
    context = {"templates": found, "changed": changed, "places": PLACES, "form": form, "town": town}
    return render(request, "cnap/desk_templates.html", context)


@require_POST
@staff(Role.CNAP)
@in_town
def remove_template(request: HttpRequest, template_id: int, town: TownChoice) -> HttpResponse:
    def remove() -> None:
        phrases.remove_template(town_id=town.id, template_id=template_id, user_id=person_id(request), at=clock.now())

    done(request, None, remove, _("Зразок вилучено."))
    return redirect(f"{reverse('cnap:desk_templates')}?town={town.id}")


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
@in_town
def reasons(request: HttpRequest, town: TownChoice) -> HttpResponse:
    """Reasons of refusals; `?reason=` renames one."""
    found = phrases.reasons(town_ids=[town.id], also_retired=True)
    changed = next((one for one in found if str(one.id) == request.GET.get("reason")), None)
    initial = {"name": changed.name} if changed else None
    form = ReasonForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():

        def save() -> None:
            phrases.save_reason(
                town_id=town.id,
                reason_id=changed.id if changed else None,
                name=form.cleaned_data["name"],
                user_id=person_id(request),
                at=clock.now(),
            )

        if done(request, form, save, _("Причину збережено.")):
            return here(request, without="reason")
    context = {"reasons": found, "changed": changed, "form": form, "town": town}
    return render(request, "cnap/desk_reasons.html", context)


@require_POST
@staff(Role.CNAP)
@in_town
def retire_reason(request: HttpRequest, reason_id: int, town: TownChoice) -> HttpResponse:
    """Retire it, or (`restore`) offer it again."""
    is_active = "restore" in request.POST

    def retire() -> None:
        phrases.retire_reason(
            town_id=town.id, reason_id=reason_id, is_active=is_active, user_id=person_id(request), at=clock.now()
        )

    done(request, None, retire, _("Причину знову пропонуємо.") if is_active else _("Причину більше не пропонуємо."))
    return redirect(f"{reverse('cnap:desk_reasons')}?town={town.id}")
