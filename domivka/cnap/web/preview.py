"""The page on which a file is looked at: a picture, a page of PDF as a picture, or a plain word why not."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from domivka.cnap import applications, consultations
from domivka.cnap.errors import NotShown
from domivka.cnap.files import FileView
from domivka.cnap.preview import page_of
from domivka.cnap.web import application_desk, desk
from domivka.cnap.web.applications import file_of
from domivka.cnap.web.consultations import one_of
from domivka.homes.door import person_id
from domivka.identity.access import signed_in, staff
from domivka.identity.models import Role
from domivka.kernel.listing import page_number, pages


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the place of the document: a picture, or words. `page` is of a PDF."""

    picture: str = ""
    words: str = ""
    page: Page[int] | None = None


def look_at(request: HttpRequest, file: FileView, file_url: str) -> Shown:
    """A picture is shown from its own address; a page of PDF comes inside the page, so nothing of the PDF is served."""
    if file.is_picture:
        return Shown(picture=f"{file_url}?show")
    try:
        found = page_of(file=file, number=page_number(request))
    except NotShown as error:
        return Shown(words=str(error))
    return Shown(
        f"data:image/png;base64,{base64.b64encode(found.png).decode()}", "", pages(found.count, found.number, 1)
    )


def _page(request: HttpRequest, file: FileView, base: str, url_name: str, pk: int, back_words: str) -> HttpResponse:
    """`url_name` of the page that the file belongs to; the file's own address has it with `_file`."""
    file_url = reverse(f"cnap:{url_name}_file", args=[pk, file.id])
    context = {
        "base": base,
        "file": file,
        "file_url": file_url,
        "shown": look_at(request, file, file_url),
        "back_url": reverse(f"cnap:{url_name}", args=[pk]),
        "back_words": back_words % {"number": pk},
    }
    return render(request, "cnap/file_page.html", context)


@require_GET
@signed_in
def application_file(request: HttpRequest, application_id: int, file_id: int) -> HttpResponse:
    found = applications.application(user_id=person_id(request), application_id=application_id)
    words = _("Заява № %(number)s")
    return _page(request, file_of(found, file_id), "cnap/base.html", "application", application_id, words)


@require_GET
@signed_in
def consultation_file(request: HttpRequest, consultation_id: int, file_id: int) -> HttpResponse:
    found = consultations.consultation(user_id=person_id(request), consultation_id=consultation_id)
    words = _("Звернення № %(number)s")
    return _page(request, one_of(found, file_id), "cnap/base.html", "consultation", consultation_id, words)


@require_GET
@staff(Role.CNAP)
def desk_application_file(request: HttpRequest, application_id: int, file_id: int) -> HttpResponse:
    found = application_desk.opened(request, application_id)
    words = _("Заява № %(number)s")
    return _page(request, file_of(found, file_id), "cnap/desk_base.html", "desk_application", application_id, words)


@require_GET
@staff(Role.CNAP)
def desk_consultation_file(request: HttpRequest, consultation_id: int, file_id: int) -> HttpResponse:
    found = desk.opened(request, consultation_id)
    words = _("Звернення № %(number)s")
    return _page(request, one_of(found, file_id), "cnap/desk_base.html", "desk_consultation", consultation_id, words)
