"""The screen in the hall: open to everybody, numbers only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.appointments import board
from domivka.cnap import api as cnap
from domivka.identity.access import public
from domivka.kernel import clock


@require_GET
@public
def screen(request: HttpRequest, office_id: int) -> HttpResponse:
    """Who is called to which window and which numbers wait; `?live=1` is the part that is renewed. Dark, as rooms with a
    screen like it, or `?theme=light`."""
    office = cnap.office(office_id=office_id)
    template = "screen_live" if "live" in request.GET else "screen"
    now = clock.now()
    local = now.astimezone(clock.KYIV)
    context = {
        "office": office, "screen": board.screen(office_id=office.id, at=now), "now": now,
        "seconds": local.hour * 3600 + local.minute * 60 + local.second,
        "theme": "light" if request.GET.get("theme") == "light" else "dark",
    }  # fmt: skip
    return render(request, f"appointments/{template}.html", context)
