"""Visits that a change of the calendar left without their time: who was told and has not chosen yet; moving and cancelling
for somebody who calls."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.appointments import booking, displaced, visits
from domivka.appointments.web.desk import looked, office_of
from domivka.appointments.web.times import moment, times
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.listing import PAGE_SIZE, act, page_number, pages


@require_GET
@staff(Role.CNAP)
def displaced_list(request: HttpRequest, office_id: int) -> HttpResponse:
    office = office_of(request, office_id, also_closed=True)
    page = pages(displaced.count_displaced(office_id=office.id), page_number(request))
    rows = displaced.displaced(office_id=office.id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    looked(request, office, rows)
    return render(
        request, "appointments/desk_displaced.html", {"office": office, "rows": rows, "page": page, "query": ""}
    )


@require_http_methods(["GET", "POST"])
@staff(Role.CNAP)
def move(request: HttpRequest, office_id: int, visit_id: int) -> HttpResponse:
    """Another time for somebody who asked by phone; the person is told of it."""
    office, user_id, at = office_of(request, office_id, also_closed=True), person_id(request), clock.now()
    found = visits.visit_of_office(office_id=office.id, visit_id=visit_id)
    if request.method == "POST":
        starts_at = moment(request.POST.get("starts_at", ""))

        def deed() -> None:
            booking.move_for(office_id=office.id, visit_id=visit_id, starts_at=starts_at, user_id=user_id, at=at)

        return act(request, {"move": (deed, _("Візит перенесено, людину повідомлено."))}, "move", _back(found))
    looked(request, office, [found])
    context = {"office": office, "visit": found, "query": "", "action": request.path, "hidden": {}}
    context |= times(request, question_id=found.question_id, office_id=office.id, user_id=None)
    return render(request, "appointments/desk_move.html", context)


@require_POST
@staff(Role.CNAP)
def cancel(request: HttpRequest, office_id: int, visit_id: int) -> HttpResponse:
    """The person said by phone that they will not come."""
    office, user_id, at = office_of(request, office_id, also_closed=True), person_id(request), clock.now()
    found = visits.visit_of_office(office_id=office.id, visit_id=visit_id)

    def deed() -> None:
        booking.cancel_for(office_id=office.id, visit_id=visit_id, user_id=user_id, at=at)

    return act(request, {"cancel": (deed, _("Візит скасовано."))}, "cancel", _back(found))


def _back(found: visits.VisitView) -> str:
    """The list of those to be moved, or the board of the day that the visit had."""
    if found.must_move:
        return reverse("appointments:displaced", args=[found.office_id])
    board = reverse("appointments:board", args=[found.office_id])
    return f"{board}?day={found.starts_at.astimezone(clock.KYIV).date()}"
