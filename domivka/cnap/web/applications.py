"""«Заяви»: the catalogue, the resident's list and the page of one."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import applications, catalogue, files
from domivka.cnap.applications import ApplicationView, FilledSlot
from domivka.cnap.errors import AlreadySent, Incomplete
from domivka.cnap.files import DOCUMENT_MB, FileView
from domivka.cnap.web.common import ACCEPT, serve, takes_files, uploads
from domivka.homes.door import homes_on, person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages

_SLOTS_MB = 20  # one sending of the form with several documents


class ApplicationForm(forms.Form):
    """Where, and about what."""

    offer = forms.TypedChoiceField(label=gettext_lazy("ЦНАП і СНАП"), coerce=int)
    object = forms.CharField(label=gettext_lazy("Об'єкт"), max_length=200)
    address = forms.CharField(label=gettext_lazy("Фактична адреса об'єкта"), max_length=300)


def _form(request: HttpRequest, service: catalogue.ServiceView, initial: dict[str, object]) -> ApplicationForm:
    form = ApplicationForm(request.POST if request.method == "POST" else None, initial=initial)
    places = [(one.id, f"{one.office} – {one.subject}") for one in service.offers]
    form.fields["offer"].choices = places  # type: ignore[attr-defined]  # a choice field
    return form


@require_GET
@signed_in
def catalogue_list(request: HttpRequest) -> HttpResponse:
    towns = {home.town_id for home in homes_on(request)}
    return render(request, "cnap/catalogue.html", {"services": catalogue.services(town_ids=towns or None)})


@require_http_methods(["GET", "POST"])
@signed_in
def service(request: HttpRequest, service_id: int) -> HttpResponse:
    """The information card, and the beginning of an application."""
    found = catalogue.service(service_id=service_id, on=clock.today())
    first = next(iter(homes_on(request)), None)
    initial: dict[str, object] = {"object": _("Квартира або будинок"), "address": first.address} if first else {}
    form = _form(request, found, initial)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        pk = applications.start_application(
            user_id=person_id(request),
            service_id=service_id,
            offer_id=words["offer"],
            object=words["object"],
            address=words["address"],
            at=clock.now(),
        )
        messages.success(request, _("Заяву збережено. Тепер додайте документи."))
        return redirect("cnap:application", pk)
    return render(request, "cnap/service.html", {"service": found, "form": form})


@require_GET
@signed_in
def application_list(request: HttpRequest) -> HttpResponse:
    user_id = person_id(request)
    page = pages(applications.count_applications(user_id=user_id), page_number(request))
    rows = applications.applications_of(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    return render(request, "cnap/applications.html", {"rows": rows, "page": page})


@dataclass(frozen=True, slots=True)
class SlotField:
    """A slot in the form; `lacking` is shown after a check that failed."""

    filled: FilledSlot
    lacking: bool


@require_http_methods(["GET", "POST"])
@takes_files(_SLOTS_MB)
@signed_in
def application(request: HttpRequest, application_id: int) -> HttpResponse:
    """A draft to fill in, or what was sent."""
    found = applications.application(user_id=person_id(request), application_id=application_id)
    if not found.is_draft:
        return render(request, "cnap/application.html", {"application": found, "accept": ACCEPT})
    offered = catalogue.service(service_id=found.service_id, on=clock.today())
    form = _form(request, offered, {"offer": found.offer_id, "object": found.object, "address": found.address})
    if request.method == "POST" and form.is_valid():
        saved = _save(request, form, found)
        if saved is not None:
            return saved
        found = applications.application(user_id=person_id(request), application_id=application_id)
    checked = "check" in request.GET
    context = {
        "application": found,
        "service": offered,
        "form": form,
        "accept": ACCEPT,
        "missing": found.missing if checked else [],
        "fields": [SlotField(one, checked and one.slot.is_missing) for one in found.slots],
        "library": files.documents_of(user_id=person_id(request), limit=100),
    }
    return render(request, "cnap/application_form.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: ApplicationForm, found: ApplicationView) -> HttpResponse | None:
    """Save what was typed and chosen, and send it when that was the button; None when the form says what is wrong."""
    posted, words = request.POST, form.cleaned_data
    about = {"user_id": person_id(request), "application_id": found.id}
    ids = [one.slot.id for one in found.slots]
    chosen = {slot: posted.get(f"document_{slot}", "") for slot in ids}
    given = {slot: uploads(request, f"file_{slot}", f"photo_{slot}")[:1] for slot in ids}
    try:
        applications.save_application(
            **about,
            offer_id=words["offer"],
            object=words["object"],
            address=words["address"],
            uploads={slot: one[0] for slot, one in given.items() if one},
            documents={slot: int(one) for slot, one in chosen.items() if one.isdecimal() and len(one) < 12},
            skipped=[slot for slot in ids if posted.get(f"skip_{slot}")],
            cleared=[slot for slot in ids if posted.get(f"clear_{slot}")],
            at=clock.now(),
        )
        if posted.get("do") == "send":
            applications.send_application(**about, at=clock.now())
            messages.success(request, _("Заяву відправлено адміністратору ЦНАП."))
            return redirect("cnap:application", found.id)
    except NotFoundError:
        raise
    except Incomplete:
        return redirect(f"{request.path}?check")
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Заяву збережено."))
    return redirect("cnap:application", found.id)


@require_POST
@signed_in
def delete_application(request: HttpRequest, application_id: int) -> HttpResponse:
    try:
        applications.delete_application(user_id=person_id(request), application_id=application_id, at=clock.now())
        messages.success(request, _("Заяву вилучено."))
    except AlreadySent as error:
        messages.error(request, str(error))
    return redirect("cnap:applications")


@require_POST
@takes_files(DOCUMENT_MB)
@signed_in
def supply(request: HttpRequest, application_id: int) -> HttpResponse:
    """The document that the administrator asked for."""
    try:
        applications.supply_document(
            user_id=person_id(request),
            application_id=application_id,
            upload=next(iter(uploads(request, "file", "photo")), None),
            at=clock.now(),
        )
        messages.success(request, _("Документ надіслано."))
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("cnap:application", application_id)


@require_GET
@signed_in
def application_file(request: HttpRequest, application_id: int, file_id: int) -> HttpResponse:
    found = applications.application(user_id=person_id(request), application_id=application_id)
    return serve(file_of(found, file_id))


def file_of(found: ApplicationView, file_id: int) -> FileView:
    """The file of this application; `NotFoundError`."""
    for one in found.slots:
        if one.file is not None and one.file.id == file_id:
            return one.file
    raise NotFoundError(_("Такого файлу немає."))
