"""The administrator's pages for applications, and the reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.cnap import application_desk, catalogue, desk, phrases, reports
from domivka.cnap.rules.states import State
from domivka.cnap.web.applications import file_of
from domivka.cnap.web.common import serve
from domivka.cnap.web.desk import QueueForm, signature
from domivka.cnap.web.towns import towns_of
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.clock import KYIV
from domivka.kernel.listing import PAGE_SIZE, act, page_number, pages, rest_of
from domivka.kernel.period import Period


@require_GET
@staff(Role.CNAP)
def queue(request: HttpRequest) -> HttpResponse:
    form = QueueForm(request, (State.WAITING, State.INCOMPLETE, State.GRANTED, State.REFUSED))
    town_ids, wanted = towns_of(request), form.wanted(request)
    page = pages(application_desk.count_queue(town_ids=town_ids, wanted=wanted), page_number(request))
    rows = application_desk.queue(
        town_ids=town_ids, wanted=wanted, today=clock.today(), limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE
    )
    desk.note_queue_read(kind="application", rows=rows, town_ids=town_ids, user_id=person_id(request), at=clock.now())
    context = {"form": form, "rows": rows, "page": page, "query": rest_of(request)}
    return render(request, "cnap/desk_applications.html", context)


@require_GET
@staff(Role.CNAP)
def application(request: HttpRequest, application_id: int) -> HttpResponse:
    town_ids = towns_of(request)
    found = application_desk.opened(
        town_ids=town_ids, application_id=application_id, user_id=person_id(request), at=clock.now()
    )
    templates = phrases.templates(town_ids=[found.town_id])
    offered = catalogue.service(service_id=found.service_id, on=clock.today(), town_ids=town_ids)
    person = desk.person_words(user_id=found.user_id)
    about = phrases.About(
        found.id, found.service, person.name, found.office_id, found.due_on, clock.today(), signature(request)
    )
    context = {
        "application": found,
        "person": person,
        "templates": templates,
        "text": phrases.begun(found=templates, chosen=request.GET.get("template", ""), about=about),
        "others": [one for one in offered.offers if one.is_active and one.id != found.offer_id],
        "reasons": phrases.reasons(town_ids=[found.town_id]),
        "is_mine": found.taken_by_id == person_id(request),
    }
    return render(request, "cnap/desk_application.html", context)


@require_GET
@staff(Role.CNAP)
def application_file(request: HttpRequest, application_id: int, file_id: int) -> HttpResponse:
    found = application_desk.opened(
        town_ids=towns_of(request), application_id=application_id, user_id=person_id(request), at=clock.now()
    )
    return serve(file_of(found, file_id), inline="show" in request.GET)


@require_POST
@staff(Role.CNAP)
def act_on_application(request: HttpRequest, application_id: int, what: str) -> HttpResponse:
    """`take`, `ask` for a document, `grant`, `refuse` with a reason, or `forward` to another place with a note."""
    posted, town_ids, user_id, at = request.POST, towns_of(request), person_id(request), clock.now()
    text, reason, offer = posted.get("text", ""), posted.get("reason", ""), posted.get("offer", "")
    offer_id = int(offer) if offer.isdecimal() and len(offer) < 10 else 0
    pk = application_id

    def decide(granted: bool) -> None:
        application_desk.decide(
            town_ids=town_ids, application_id=pk, granted=granted, reason=reason, text=text, user_id=user_id, at=at
        )

    actions: dict[str, tuple[Callable[[], None], str]] = {
        "take": (
            lambda: application_desk.take(town_ids=town_ids, application_id=pk, user_id=user_id, at=at),
            _("Взято в роботу."),
        ),
        "ask": (
            lambda: application_desk.ask_document(
                town_ids=town_ids, application_id=pk, text=text, user_id=user_id, at=at
            ),
            _("Прохання надіслано мешканцеві."),
        ),
        "forward": (
            lambda: application_desk.forward(
                town_ids=town_ids, application_id=pk, offer_id=offer_id, note=text, user_id=user_id, at=at
            ),
            _("Передано."),
        ),
        "grant": (lambda: decide(True), _("Рішення надіслано мешканцеві.")),
        "refuse": (lambda: decide(False), _("Рішення надіслано мешканцеві.")),
    }
    return act(request, actions, what, reverse("cnap:desk_application", args=[pk]))


@require_GET
@staff(Role.CNAP)
def report(request: HttpRequest) -> HttpResponse:
    """Load, waiting, overdue, refusals of one month."""
    try:
        month = Period.parse(request.GET.get("period", ""))
    except ValueError:
        month = clock.current_period()
    first, last = (dt.datetime.combine(one.first_day, dt.time(), KYIV) for one in (month, month.next))
    found = reports.report(town_ids=towns_of(request), first=first, last=last, today=clock.today())
    return render(request, "cnap/desk_reports.html", {"report": found, "month": month})
