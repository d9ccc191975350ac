"""«Документи»: the person's library of files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.cnap import files
from domivka.cnap.errors import DocumentInUse, FileRefused
from domivka.cnap.web.common import ACCEPT, serve, takes_files, uploads
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.listing import PAGE_SIZE, page_number, pages


@require_http_methods(["GET", "POST"])
@takes_files(files.DOCUMENT_MB)
@signed_in
def library(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _add(request)
    user_id, number = person_id(request), page_number(request)
    page = pages(files.count_documents(user_id=user_id), number)
    rows = files.documents_of(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    return render(request, "cnap/documents.html", {"rows": rows, "page": page, "accept": ACCEPT})


def _add(request: HttpRequest) -> HttpResponse:
    try:
        made = files.add_documents(
            user_id=person_id(request), uploads=uploads(request, "files", "photo"), at=clock.now()
        )
    except FileRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Додано документів: %(count)s.") % {"count": len(made)})
    return redirect("cnap:documents")


@require_GET
@signed_in
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    found = files.document(user_id=person_id(request), document_id=document_id)
    return render(request, "cnap/document.html", {"file": found})


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
