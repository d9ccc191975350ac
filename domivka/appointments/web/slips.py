"""The slip of somebody who waits in the hall: on the screen for the desk, and for a printer with a roll of 80 mm."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from domivka.appointments import queue
from domivka.appointments.web.desk import office_of
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.statements.api import SlipPaper, queue_slip_pdf


@require_GET
@staff(Role.CNAP)
def slip(request: HttpRequest, office_id: int, visit_id: int) -> HttpResponse:
    office = office_of(request, office_id)
    found = queue.slip(office_id=office.id, visit_id=visit_id)
    return render(request, "appointments/desk_slip.html", {"office": office, "slip": found, "visit_id": visit_id})


@require_GET
@staff(Role.CNAP)
def slip_pdf(request: HttpRequest, office_id: int, visit_id: int) -> HttpResponse:
    """The paper is Ukrainian for everyone."""
    office = office_of(request, office_id)
    with translation.override("uk"):
        found = queue.slip(office_id=office.id, visit_id=visit_id)
    came = found.came_at.astimezone(clock.KYIV)
    paper = SlipPaper(
        number=found.number, office=office.name, question=found.question, came=f"{came:%d.%m.%Y, %H:%M}",
        wait=f"Чекати приблизно {found.forecast_minutes} хв" if found.forecast_minutes else "Вас покличуть одразу",
        url=settings.BASE_URL.rstrip("/") + reverse("appointments:screen", args=[office.id]),
    )  # fmt: skip
    response = HttpResponse(queue_slip_pdf(paper), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="slip-{found.number}.pdf"'
    return response
