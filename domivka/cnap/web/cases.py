"""«Справи» of the resident and the administrator's pages of them."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import cases
from domivka.cnap.web.common import number as id_of
from domivka.cnap.web.towns import several, towns_of
from domivka.homes.door import person_id
from domivka.identity.access import signed_in, staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages, rest_of

A_MINUTE: Final = 60
LOOKUPS_A_MINUTE: Final = 20  # numbers are not to be guessed one after another


@require_GET
@signed_in
def case_list(request: HttpRequest) -> HttpResponse:
    """«Пошук за номером справи», and the person's own cases without typing."""
    user_id, number = person_id(request), request.GET.get("number", "").strip()[:40]
    page = pages(cases.count_cases(user_id=user_id), page_number(request))
    own = cases.cases_of(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    found, problem = None, ""
    if number:
        try:
            found = cases.case_by_number(number=number) if _may_look(user_id) else None
            problem = "" if found else _("Забагато пошуків. Спробуйте за хвилину.")
        except NotFoundError as error:
            problem = str(error)
    context = {"number": number, "found": found, "problem": problem, "own": own, "page": page}
    return render(request, "cnap/cases.html", context)


def _may_look(user_id: int) -> bool:
    key = f"cnap:case:{user_id}:{int(clock.now().timestamp()) // A_MINUTE}"
    cache.add(key, 0, A_MINUTE * 2)
    return cache.incr(key) <= LOOKUPS_A_MINUTE


class StageForm(forms.Form):
    """A stage of a case."""

    name = forms.CharField(label=gettext_lazy("Етап розгляду"), max_length=300)
    subject = forms.CharField(label=gettext_lazy("Назва СНАП"), max_length=200)
    handed_on = forms.DateField(
        label=gettext_lazy("Передано заяву"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    result = forms.CharField(label=gettext_lazy("Результат розгляду"), max_length=200, required=False)
    document_on = forms.DateField(
        label=gettext_lazy("Дата документу"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), required=False
    )
    returned_on = forms.DateField(
        label=gettext_lazy("Дата передачі оригіналу"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        required=False,
    )


@require_GET
@staff(Role.CNAP)
def desk_list(request: HttpRequest) -> HttpResponse:
    town_ids, number = towns_of(request), request.GET.get("number", "").strip()[:40]
    page = pages(cases.count_town_cases(town_ids=town_ids, number=number), page_number(request))
    offset = (page.number - 1) * PAGE_SIZE
    rows = cases.town_cases(town_ids=town_ids, number=number, limit=PAGE_SIZE, offset=offset)
    context = {"rows": rows, "page": page, "number": number, "query": rest_of(request), "towns": several(request)}
    return render(request, "cnap/desk_cases.html", context)


@require_POST
@staff(Role.CNAP)
def open_case(request: HttpRequest) -> HttpResponse:
    """With the number of an application, or without: the application came on paper, to the town that is chosen."""
    held, town_id = towns_of(request), id_of(request.POST.get("town", ""))
    about = request.POST.get("application", "").strip()
    if about and (not about.isdecimal() or len(about) > 12):
        raise NotFoundError(_("Такої заяви немає."))
    try:
        pk = cases.open_case(
            town_ids=held if about or town_id not in held else [town_id],
            number=request.POST.get("number", ""),
            application_id=int(about) if about else None,
            user_id=person_id(request),
            at=clock.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("cnap:desk_cases")
    messages.success(request, _("Справу відкрито."))
    return redirect("cnap:desk_case", pk)


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
def desk_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Its stages; `?stage=` changes one of them, without it the form adds one."""
    found = cases.opened(town_ids=towns_of(request), case_id=case_id, user_id=person_id(request), at=clock.now())
    asked = request.GET.get("stage", "")
    stage = next((one for one in found.stages if str(one.id) == asked), None)
    fields = ("name", "subject", "handed_on", "result", "document_on", "returned_on")
    initial = {field: getattr(stage, field) for field in fields} if stage else {"handed_on": clock.today()}
    form = StageForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _save_stage(request, form, case_id, stage):
        return redirect("cnap:desk_case", case_id)
    return render(request, "cnap/desk_case.html", {"case": found, "form": form, "stage": stage})


@require_POST
@staff(Role.CNAP)
def remove_stage(request: HttpRequest, case_id: int, stage_id: int) -> HttpResponse:
    cases.remove_stage(
        town_ids=towns_of(request), case_id=case_id, stage_id=stage_id, user_id=person_id(request), at=clock.now()
    )
    messages.success(request, _("Етап вилучено."))
    return redirect("cnap:desk_case", case_id)


def _save_stage(request: HttpRequest, form: StageForm, case_id: int, stage: cases.StageView | None) -> bool:
    try:
        cases.save_stage(
            **form.cleaned_data,
            town_ids=towns_of(request),
            case_id=case_id,
            stage_id=stage.id if stage else None,
            user_id=person_id(request),
            at=clock.now(),
        )
    except NotFoundError:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Етап збережено."))
    return True
