"""«Звернення»: the resident's list and the page of one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import consultations, offices
from domivka.cnap.consultations import ConsultationView
from domivka.cnap.errors import AlreadySent, OfficeClosed
from domivka.cnap.files import FileView
from domivka.cnap.rules.states import CONSULTATION, states
from domivka.cnap.web.common import ACCEPT, serve, takes_files, uploads
from domivka.cnap.web.lists import listing, newest_and_oldest
from domivka.cnap.words import status
from domivka.homes.door import homes_on, person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError


class ConsultationForm(forms.Form):
    """What a resident writes."""

    office = forms.TypedChoiceField(label=gettext_lazy("ЦНАП"), coerce=int)
    topic = forms.CharField(label=gettext_lazy("Тема консультації"), max_length=200)
    question = forms.CharField(label=gettext_lazy("Питання"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))


def _form(request: HttpRequest, initial: dict[str, object] | None = None) -> ConsultationForm:
    form = ConsultationForm(request.POST if request.method == "POST" else None, initial=initial or {})
    found = offices_for(request)
    form.fields["office"].choices = [(one.id, one.name) for one in found]  # type: ignore[attr-defined]  # a choice field
    return form


def offices_for(request: HttpRequest) -> list[offices.OfficeView]:
    """The centres of the towns where the person has a home; all of them for whoever has none."""
    towns = {home.town_id for home in homes_on(request)}
    return offices.offices(town_ids=towns or None)


@require_GET
@signed_in
def consultation_list(request: HttpRequest) -> HttpResponse:
    found = listing(
        request,
        count=consultations.count_consultations,
        rows=consultations.consultations_of,
        user_id=person_id(request),
        states=[(state, status(state).label) for state in states(CONSULTATION)],
        orders=[*newest_and_oldest(), ("answered", _("За датою відповіді"))],
    )
    return render(request, "cnap/consultations.html", {"list": found})


@require_http_methods(["GET", "POST"])
@takes_files(consultations.FILES_MB)
@signed_in
def new_consultation(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        return _save(request, form, None)
    return _show(request, form, None)


@require_http_methods(["GET", "POST"])
@takes_files(consultations.FILES_MB)
@signed_in
def consultation(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """«Редагувати/Переглянути зміст»."""
    found = consultations.consultation(user_id=person_id(request), consultation_id=consultation_id)
    if not found.is_draft and request.method == "POST":
        messages.error(request, str(AlreadySent()))
        return redirect("cnap:consultation", consultation_id)
    if not found.is_draft:
        return render(request, "cnap/consultation.html", {"consultation": found, "late": found.is_late(clock.today())})
    form = _form(request, {"office": found.office_id, "topic": found.topic, "question": found.question})
    if request.method == "POST" and form.is_valid():
        return _save(request, form, found)
    return _show(request, form, found)


def _show(request: HttpRequest, form: ConsultationForm, found: ConsultationView | None) -> HttpResponse:
    context = {"form": form, "accept": ACCEPT, "consultation": found}
    return render(request, "cnap/consultation_form.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: ConsultationForm, found: ConsultationView | None) -> HttpResponse:
    """Save what was typed, and send it when that was the button and every file was taken."""
    user_id, at = person_id(request), clock.now()
    try:
        saved = consultations.save_consultation(
            user_id=user_id,
            consultation_id=found.id if found else None,
            office_id=form.cleaned_data["office"],
            topic=form.cleaned_data["topic"],
            question=form.cleaned_data["question"],
            uploads=uploads(request, "files", "photo"),
            at=at,
            once=True,
        )
        if saved.refused:
            messages.info(request, _("Написане збережено, але звернення ще не відправлено."))
            for one in saved.refused:
                messages.error(request, str(one))
            return redirect("cnap:consultation", saved.id)
        if saved.again:
            return redirect("cnap:consultation", saved.id)
        if request.POST.get("do") == "send":
            consultations.send_consultation(user_id=user_id, consultation_id=saved.id, at=at)
            messages.success(request, _("Звернення відправлено адміністратору ЦНАП."))
            return redirect("cnap:consultation", saved.id)
    except NotFoundError:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return _show(request, form, found)
    messages.success(request, _("Звернення збережено."))
    return redirect("cnap:consultations")


@require_POST
@signed_in
def delete_consultation(request: HttpRequest, consultation_id: int) -> HttpResponse:
    try:
        consultations.delete_consultation(user_id=person_id(request), consultation_id=consultation_id, at=clock.now())
        messages.success(request, _("Звернення вилучено."))
    except AlreadySent as error:
        messages.error(request, str(error))
    return redirect("cnap:consultations")


@require_POST
@signed_in
def send_consultation(request: HttpRequest, consultation_id: int) -> HttpResponse:
    try:
        consultations.send_consultation(user_id=person_id(request), consultation_id=consultation_id, at=clock.now())
        messages.success(request, _("Звернення відправлено адміністратору ЦНАП."))
    except OfficeClosed as error:
        messages.error(request, str(error))
        return redirect("cnap:consultation", consultation_id)
    except AlreadySent as error:
        messages.error(request, str(error))
    return redirect("cnap:consultations")


@require_POST
@signed_in
def remove_file(request: HttpRequest, consultation_id: int, file_id: int) -> HttpResponse:
    try:
        consultations.remove_file(
            user_id=person_id(request), consultation_id=consultation_id, file_id=file_id, at=clock.now()
        )
        messages.success(request, _("Файл вилучено."))
    except AlreadySent as error:
        messages.error(request, str(error))
    return redirect("cnap:consultation", consultation_id)


@require_GET
@signed_in
def consultation_file(request: HttpRequest, consultation_id: int, file_id: int) -> HttpResponse:
    found = consultations.consultation(user_id=person_id(request), consultation_id=consultation_id)
    return serve(one_of(found, file_id), inline="show" in request.GET)


def one_of(found: ConsultationView, file_id: int) -> FileView:
    """The file of this consultation; `NotFoundError`."""
    for file in found.files:
        if file.id == file_id:
            return file
    raise NotFoundError(_("Такого файлу немає."))
