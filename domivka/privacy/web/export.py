"""«Вивантажити мої дані»."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.privacy import exports


@require_http_methods(["GET", "POST"])
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """What will be in the archive and how far it is; posting orders it."""
    user_id, now = person_id(request), clock.now()
    if request.method == "POST":
        exports.ask_export(user_id=user_id, at=now)
        messages.success(request, _("Готуємо архів. Напишемо вам, коли він буде готовий."))
        return redirect("privacy:export")
    found = exports.export_of(user_id=user_id, at=now)
    return render(request, "privacy/export.html", {"export": found})


@require_GET
@signed_in
def progress(request: HttpRequest) -> HttpResponse:
    """The progress alone, for htmx; when the archive is ready, the page is asked to load again."""
    found = exports.export_of(user_id=person_id(request), at=clock.now())
    response = render(request, "privacy/export_progress.html", {"export": found})
    if found is None or not found.is_on_its_way:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@signed_in
def download(request: HttpRequest, export_id: int) -> FileResponse:
    """The archive, for its owner alone."""
    now = clock.now()
    path = exports.download(user_id=person_id(request), export_id=export_id, at=now)
    name = f"domivka-{now.astimezone(clock.KYIV):%Y-%m-%d}.zip"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
