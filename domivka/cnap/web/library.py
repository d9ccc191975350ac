"""«Документи»: the person's library of files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import files
from domivka.cnap.errors import DocumentInUse, FileRefused, NoFile
from domivka.cnap.files import RefusedFile
from domivka.cnap.rules.files import shown_name
from domivka.cnap.web.common import ACCEPT, serve, takes_files, uploads
from domivka.cnap.web.lists import listing, newest_and_oldest
from domivka.cnap.web.preview import look_at
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock


@require_http_methods(["GET", "POST"])
@takes_files(files.DOCUMENT_MB)
@signed_in
def library(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _add(request)
    found = listing(
        request,
        count=files.count_documents,
        rows=files.documents_of,
        user_id=person_id(request),
        orders=[*newest_and_oldest(), ("name", _("За назвою")), ("size", _("Спочатку великі"))],
    )
    return render(request, "cnap/documents.html", {"list": found, "accept": ACCEPT})


def _add(request: HttpRequest) -> HttpResponse:
    """Every file on its own: one that is refused does not take the others with it."""
    given, added = uploads(request, "files", "photo"), 0
    for upload in given:
        try:
            files.add_documents(user_id=person_id(request), uploads=[upload], at=clock.now())
            added += 1
        except FileRefused as error:
            messages.error(request, str(RefusedFile(shown_name(upload.name), str(error))))
    if added:
        messages.success(request, _("Додано документів: %(count)s.") % {"count": added})
    if not given:
        messages.error(request, str(NoFile()))
    return redirect("cnap:documents")


@require_GET
@signed_in
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    found = files.document(user_id=person_id(request), document_id=document_id)
    url = reverse("cnap:document_file", args=[document_id])
    return render(
        request, "cnap/document.html", {"file": found, "file_url": url, "shown": look_at(request, found, url)}
    )


@require_GET
@signed_in
def document_file(request: HttpRequest, document_id: int) -> HttpResponse:
    """The content to save; `?show` shows a picture in the preview."""
    found = files.document(user_id=person_id(request), document_id=document_id)
    return serve(found, inline="show" in request.GET)


@require_POST
@signed_in
def delete_document(request: HttpRequest, document_id: int) -> HttpResponse:
    try:
        files.delete_document(user_id=person_id(request), document_id=document_id, at=clock.now())
    except DocumentInUse as error:
        messages.error(request, str(error))
        return redirect("cnap:document", document_id)
    messages.success(request, _("Документ вилучено."))
    return redirect("cnap:documents")
