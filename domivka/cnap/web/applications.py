"""«Заяви»: the resident's list and the page of one; `web.apply` begins it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import applications, files
from domivka.cnap.applications import ApplicationView, FilledSlot
from domivka.cnap.errors import AlreadySent, Incomplete
from domivka.cnap.files import DOCUMENT_MB, FileView
from domivka.cnap.rules.states import APPLICATION, states
from domivka.cnap.web.apply import steps
from domivka.cnap.web.common import ACCEPT, serve, takes_files, uploads
from domivka.cnap.web.lists import listing, newest_and_oldest
from domivka.cnap.words import status
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError

_SLOTS_MB = 20  # one sending of the form with several documents


@require_GET
@signed_in
def application_list(request: HttpRequest) -> HttpResponse:
    found = listing(
        request,
        count=applications.count_applications,
        rows=applications.applications_of,
        user_id=person_id(request),
        states=[(state, status(state).label) for state in states(APPLICATION)],
        orders=[*newest_and_oldest(), ("answered", _("За датою відповіді"))],
    )
    return render(request, "cnap/applications.html", {"list": found})


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
    if request.method == "POST":
        return _save(request, found)
    if not found.is_draft:
        return render(
            request,
            "cnap/application.html",
            {
                "application": found,
                "accept": ACCEPT,
                "late": found.is_late(clock.today()),
            },
        )
    checked = "check" in request.GET
    context = {
        "application": found,
        "accept": ACCEPT,
        "steps": steps(),
        "missing": found.missing if checked else [],
        "fields": [SlotField(one, checked and one.slot.is_missing) for one in found.slots],
        "library": files.documents_of(user_id=person_id(request), limit=settings.CNAP_DOCUMENTS),
    }
    return render(request, "cnap/application_form.html", context)


def _save(request: HttpRequest, found: ApplicationView) -> HttpResponse:
    """Save what was chosen, and send it when that was the button; whatever could not be taken is said on the next page."""
    posted, user_id = request.POST, person_id(request)
    ids = [one.slot.id for one in found.slots]
    chosen = {slot: posted.get(f"document_{slot}", "") for slot in ids}
    given = {slot: uploads(request, f"file_{slot}", f"photo_{slot}")[:1] for slot in ids}
    back = redirect("cnap:application", found.id)
    try:
        refused = applications.save_documents(
            user_id=user_id,
            application_id=found.id,
            uploads={slot: one[0] for slot, one in given.items() if one},
            documents={slot: int(one) for slot, one in chosen.items() if one.isdecimal() and len(one) < 12},
            skipped=[slot for slot in ids if posted.get(f"skip_{slot}")],
            cleared=[slot for slot in ids if posted.get(f"clear_{slot}")],
            at=clock.now(),
        )
        for one in refused:
            messages.error(request, str(one))
        if refused:
            return back
        if posted.get("do") == "send":
            applications.send_application(user_id=user_id, application_id=found.id, at=clock.now())
            messages.success(request, _("Заяву відправлено адміністратору ЦНАП."))
        else:
            messages.success(request, _("Заяву збережено."))
    except Incomplete:
        return redirect(f"{request.path}?check")
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return back


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
@takes_files(DOCUMENT_MB, back="cnap:application")
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
    return serve(file_of(found, file_id), inline="show" in request.GET)


def file_of(found: ApplicationView, file_id: int) -> FileView:
    """The file of this application; `NotFoundError`."""
    for one in found.slots:
        if one.file is not None and one.file.id == file_id:
            return one.file
    raise NotFoundError(_("Такого файлу немає."))
