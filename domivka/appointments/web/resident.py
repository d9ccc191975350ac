"""«Попередній запис»: a person's visits, and what can be done with one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.appointments import booking, ics, visits
from domivka.appointments.web.times import moment, times
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages
from domivka.kernel.templatetags.domivka import day_words
from domivka.statements.api import VisitPaper, visit_ticket_pdf


@require_GET
@signed_in
def visit_list(request: HttpRequest) -> HttpResponse:
    user_id = person_id(request)
    page = pages(visits.count_visits(user_id=user_id), page_number(request))
    rows = visits.visits_of(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    return render(request, "appointments/visits.html", {"rows": rows, "page": page})


@require_GET
@signed_in
def visit(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The result: number, time, what to take along; print, move, cancel."""
    found = visits.visit(user_id=person_id(request), visit_id=visit_id)
    if found.is_held or found.is_lapsed:
        return redirect("appointments:details", visit_id)
    now = clock.now()
    context = {
        "visit": found, "is_ahead": found.is_booked and found.starts_at > now,
        "is_kept": found.is_booked and found.ends_at > now,
    }  # fmt: skip
    return render(request, "appointments/visit.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def move(request: HttpRequest, visit_id: int) -> HttpResponse:
    """«Перенести»: another day and time of the same office."""
    user_id, now = person_id(request), clock.now()
    found = visits.visit(user_id=user_id, visit_id=visit_id)
    if request.method == "POST":
        try:
            booking.move(
                user_id=user_id, visit_id=visit_id, starts_at=moment(request.POST.get("starts_at", "")), at=now
            )
            messages.success(request, _("Візит перенесено."))
            return redirect("appointments:visit", visit_id)
        except NotFoundError:
            raise
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("appointments:move", visit_id)
    context = {"visit": found, "query": "", "action": request.path, "hidden": {}}
    context |= times(request, question_id=found.question_id, office_id=found.office_id, user_id=user_id)
    return render(request, "appointments/move.html", context)


@require_POST
@signed_in
def cancel(request: HttpRequest, visit_id: int) -> HttpResponse:
    try:
        booking.cancel(user_id=person_id(request), visit_id=visit_id, at=clock.now())
        messages.success(request, _("Візит скасовано. Час вільний для інших."))
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("appointments:list")


@require_GET
@signed_in
def ics_file(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The visit for a calendar."""
    found = visits.visit(user_id=person_id(request), visit_id=visit_id)
    if found.number is None:
        raise NotFoundError(_("Такого візиту немає."))
    url = settings.BASE_URL.rstrip("/") + reverse("appointments:visit", args=[visit_id])
    response = HttpResponse(ics.event(found, url=url, at=clock.now()), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="visit-{found.starts_at:%Y-%m-%d}.ics"'
    return response


@require_GET
@signed_in
def ticket(request: HttpRequest, visit_id: int) -> HttpResponse:
    """«Надрукувати талон візиту»: the paper is Ukrainian for everyone."""
    found = visits.visit(user_id=person_id(request), visit_id=visit_id)
    if not found.is_booked or found.number is None:
        raise NotFoundError(_("Такого візиту немає."))
    starts, ends = found.starts_at.astimezone(clock.KYIV), found.ends_at.astimezone(clock.KYIV)
    with translation.override("uk"):
        day, question = day_words(starts.date()), visits.visit(user_id=person_id(request), visit_id=visit_id).question
    paper = VisitPaper(
        number=found.number, day=day, time=f"{starts:%H:%M} – {ends:%H:%M}", question=question, office=found.office,
        address=found.address, window=str(found.window or ""), person=found.person,
        url=settings.BASE_URL.rstrip("/") + reverse("appointments:visit", args=[visit_id]),
    )  # fmt: skip
    response = HttpResponse(visit_ticket_pdf(paper), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="visit-{starts:%Y-%m-%d}.pdf"'
    return response
