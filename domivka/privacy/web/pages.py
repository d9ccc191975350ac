"""«Мої дані» and «Хто переглядав мої дані»."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel.listing import page_number
from domivka.privacy import erasures, trail


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/home.html", {"waiting": erasures.erasure_of(user_id=person_id(request))})


@require_GET
@signed_in
def trail_page(request: HttpRequest) -> HttpResponse:
    """Looks of others only, or (`?all=1`) everything that was done, also by the person."""
    user_id, everything = person_id(request), request.GET.get("all") == "1"
    page, rows = trail.trail(user_id=user_id, only_reads=not everything, number=page_number(request))
    context = {"rows": rows, "page": page, "everything": everything, "query": "&all=1" if everything else ""}
    return render(request, "privacy/trail.html", context)
