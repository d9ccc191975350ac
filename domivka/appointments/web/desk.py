"""The desk of an office: the day board, tickets for those without a booking, the calendar, reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol, TypedDict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.appointments import board, displaced, queue, visits
from domivka.appointments.errors import NobodyServes, WindowChanged
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import Event
from domivka.appointments.web.times import YEARS
from domivka.cnap import api as cnap
from domivka.homes.door import person_id
from domivka.identity.access import scopes, staff
from domivka.identity.models import Role, User
from domivka.kernel import audit, clock
from domivka.kernel.errors import NotFoundError
from domivka.kernel.listing import PAGE_SIZE, act, page_number, pages, rest_of


class Whose(TypedDict):
    """What every action on a visit is told."""

    office_id: int
    visit_id: int
    user_id: int
    at: dt.datetime


def towns_of(request: HttpRequest) -> frozenset[int]:
    """The towns whose administrator this is."""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return scopes(request.user, Role.CNAP)


def office_of(request: HttpRequest, office_id: int, *, also_closed: bool = False) -> cnap.OfficeView:
    """An office of the administrator's towns; others do not exist for them. A closed one can be looked at, and those who are
    booked there moved."""
    for one in cnap.offices(town_ids=towns_of(request), also_closed=also_closed):
        if one.id == office_id:
            return one
    raise NotFoundError(_("Такого ЦНАП немає."))


class Seen(Protocol):
    """A visit that somebody looked at; `user_id` is None for one without a booking."""

    @property
    def id(self) -> int: ...

    @property
    def user_id(self) -> int | None: ...


def looked(request: HttpRequest, office: cnap.OfficeView, rows: Sequence[Seen], **detail: str) -> None:
    """That somebody looked at visits is audited, for the names are people's."""
    audit.record(
        at=clock.now(), actor_id=person_id(request), action="appointments.board_read", object_kind="office",
        object_id=office.id, town_id=office.town_id, is_read=True, detail={**detail, "visits": [row.id for row in rows]},
        person_ids=[row.user_id for row in rows],
    )  # fmt: skip


@require_GET
@staff(Role.CNAP)
def desk_home(request: HttpRequest) -> HttpResponse:
    """The only office at once, or a choice; a closed one while somebody there waits for another time."""
    waited = displaced.offices_with_displaced()
    offices = cnap.offices(town_ids=towns_of(request), also_closed=True)
    found = [one for one in offices if not cnap.is_closed(one, clock.today()) or one.id in waited]
    only = found[0].id if len(found) == 1 else None
    if only is not None:
        return redirect("appointments:board", only)
    return render(request, "appointments/desk_offices.html", {"offices": found})


@require_GET
@staff(Role.CNAP)
def day_board(request: HttpRequest, office_id: int) -> HttpResponse:
    """Visits of a day; that somebody looked is audited, for the names are people's."""
    office, at = office_of(request, office_id, also_closed=True), clock.now()
    today = at.astimezone(KYIV).date()
    day = day_in(request, "day") or today
    page = pages(board.count_board(office_id=office.id, day=day), page_number(request))
    rows = board.board(office_id=office.id, day=day, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    looked(request, office, rows, day=day.isoformat())
    context = {
        "office": office, "day": day, "is_today": day == today, "is_closed": cnap.is_closed(office, clock.today()), "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1), "rows": rows, "page": page, "query": rest_of(request),
        "displaced": displaced.count_displaced(office_id=office.id),
        "windows": board.windows(office_id=office.id), "questions": visits.questions_of_office(office_id=office.id),
    }  # fmt: skip
    return render(request, "appointments/desk_board.html", context)


@require_POST
@staff(Role.CNAP)
def walk_in(request: HttpRequest, office_id: int) -> HttpResponse:
    """A ticket for whoever came without a booking, and the page of its slip."""
    office = office_of(request, office_id)
    asked = request.POST.get("question", "")
    question_id = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    try:
        ticket = queue.walk_in(office_id=office.id, question_id=question_id, user_id=person_id(request), at=clock.now())
    except NobodyServes as error:
        messages.error(request, str(error))
        return redirect("appointments:board", office.id)
    return redirect("appointments:slip", office.id, ticket.visit_id)


@require_POST
@staff(Role.CNAP)
def call_next(request: HttpRequest, office_id: int, window_id: int) -> HttpResponse:
    office = office_of(request, office_id)
    if window_id not in {one.id for one in board.windows(office_id=office.id)}:
        raise NotFoundError(_("Такого вікна немає."))
    asked = request.POST.get("serving", "")
    serving_id = int(asked) if asked.isdecimal() and len(asked) < 12 else None
    try:
        found = queue.call_next(window_id=window_id, serving_id=serving_id, user_id=person_id(request), at=clock.now())
        if found is None:
            messages.info(request, _("Ніхто не чекає на це вікно."))
    except WindowChanged as error:
        messages.error(request, str(error))
    return redirect("appointments:board", office.id)


@require_POST
@staff(Role.CNAP)
def act_on_visit(request: HttpRequest, office_id: int, visit_id: int, what: str) -> HttpResponse:
    """`arrive`, `call` again, `serve` or `miss`."""
    office = office_of(request, office_id)
    of: Whose = {"office_id": office.id, "visit_id": visit_id, "user_id": person_id(request), "at": clock.now()}

    def arrive() -> None:
        queue.arrive(**of)

    actions: dict[str, tuple[Callable[[], None], str]] = {
        Event.ARRIVE: (arrive, _("Відвідувача відмічено.")),
        Event.CALL: (lambda: queue.call_again(**of), _("Викликано ще раз.")),
        Event.SERVE: (lambda: queue.serve(**of), _("Прийом завершено.")),
        Event.MISS: (lambda: queue.miss(**of), _("Відмічено, що не з'явився.")),
    }
    return act(request, actions, what, reverse("appointments:board", args=[office.id]))


def day_in(request: HttpRequest, name: str) -> dt.date | None:
    """A day of the address, of a year near ours; None for nonsense."""
    try:
        found = dt.date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found.year in YEARS else None
