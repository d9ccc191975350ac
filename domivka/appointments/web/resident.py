"""«Попередній запис»: six steps, each a page of its own address, and the page of a visit."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.appointments import booking, calendar, ics, visits
from domivka.appointments.errors import AlreadyBooked, HoldExpired, SlotGone, SlotTaken
from domivka.cnap import api as cnap
from domivka.homes.door import homes_on, person_id
from domivka.identity import api as identity
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages
from domivka.kernel.templatetags.domivka import day_words
from domivka.statements.api import VisitPaper, visit_ticket_pdf


def steps() -> list[str]:
    """The six steps of seed S2."""
    return [_("Питання"), _("ЦНАП"), _("Дата"), _("Час"), _("Ваші дані"), _("Готово")]


class VisitorForm(forms.Form):
    """Step five: who comes, filled in from the profile."""

    surname = forms.CharField(label=gettext_lazy("Прізвище"), max_length=80)
    name = forms.CharField(label=gettext_lazy("Ім'я"), max_length=80)
    patronymic = forms.CharField(label=gettext_lazy("По батькові"), max_length=80, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Телефон"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def clean_phone(self) -> str:
        found = identity.normalise_phone(self.cleaned_data["phone"])
        if found is None:
            raise forms.ValidationError(_("Перевірте номер: наприклад, 067 333 22 21."))
        return found


@require_GET
@signed_in
def visit_list(request: HttpRequest) -> HttpResponse:
    user_id = person_id(request)
    page = pages(visits.count_visits(user_id=user_id), page_number(request))
    rows = visits.visits_of(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    return render(request, "appointments/visits.html", {"rows": rows, "page": page})


@require_GET
@signed_in
def choose(request: HttpRequest) -> HttpResponse:
    """Steps one to four: the address says what was chosen; the only thing that can be chosen is."""
    questions = visits.questions(town_ids={home.town_id for home in homes_on(request)} or None)
    question = next((one for one in questions if one.id == _number(request, "question")), None)
    context: dict[str, object] = {"steps": steps(), "current": 1, "questions": questions, "question": question}
    if question is not None:
        _choose_office(request, question, context)
    return render(request, "appointments/choose.html", context)


def _choose_office(request: HttpRequest, question: visits.QuestionView, context: dict[str, object]) -> None:
    serving = visits.offices_for(question_id=question.id)
    found = [one for one in cnap.offices() if one.id in serving]
    asked = _number(request, "office") or (found[0].id if len(found) == 1 else None)
    office = next((one for one in found if one.id == asked), None)
    context |= {"current": 2, "offices": found, "office": office}
    if office is not None:
        _choose_time(request, question.id, office.id, context)


def _choose_time(request: HttpRequest, question_id: int, office_id: int, context: dict[str, object]) -> None:
    now = clock.now()
    days = calendar.free_days(office_id=office_id, question_id=question_id, at=now)
    day = next((one for one in days if one.day.isoformat() == request.GET.get("day")), None)
    context |= {"current": 3, "days": days, "day": day}
    context.setdefault("query", f"question={question_id}&office={office_id}&")
    context.setdefault("action", reverse("appointments:hold"))
    context.setdefault("hidden", {"question": question_id, "office": office_id})
    if day is not None:
        times = calendar.free_times(office_id=office_id, question_id=question_id, day=day.day, at=now)
        context |= {"current": 4, "times": [one.slot for one in times]}


@require_POST
@signed_in
def hold(request: HttpRequest) -> HttpResponse:
    """The end of step four: the time is kept for ten minutes."""
    question_id, office_id, starts_at = _posted(request)
    try:
        visit_id = booking.hold(
            user_id=person_id(request),
            office_id=office_id,
            question_id=question_id,
            starts_at=starts_at,
            at=clock.now(),
        )
    except (SlotTaken, SlotGone) as error:
        messages.error(request, str(error))
        day = starts_at.astimezone(clock.KYIV).date()
        return redirect(f"{reverse('appointments:choose')}?question={question_id}&office={office_id}&day={day}")
    except AlreadyBooked as error:
        messages.error(request, str(error))
        return redirect("appointments:list")
    return redirect("appointments:details", visit_id)


@require_http_methods(["GET", "POST"])
@signed_in
def details(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Steps five and six: the person, and «зберегти»."""
    user_id = person_id(request)
    found = visits.visit(user_id=user_id, visit_id=visit_id)
    if not found.is_held:
        return redirect("appointments:visit", visit_id)
    who = identity.person(user_id=user_id)
    known = {"surname": who.surname, "name": who.name, "patronymic": who.patronymic, "phone": who.phone}
    form = VisitorForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            booking.book(
                user_id=user_id, visit_id=visit_id, visitor=booking.Visitor(**form.cleaned_data), at=clock.now()
            )
        except HoldExpired as error:
            messages.error(request, str(error))
            return redirect(f"{reverse('appointments:choose')}?question={found.question_id}&office={found.office_id}")
        return redirect("appointments:visit", visit_id)
    context = {"form": form, "visit": found, "steps": steps(), "current": 5}
    return render(request, "appointments/details.html", context, status=422 if form.errors else 200)


@require_GET
@signed_in
def visit(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The result: number, time, what to take along; print, move, cancel."""
    found = visits.visit(user_id=person_id(request), visit_id=visit_id)
    if found.is_held:
        return redirect("appointments:details", visit_id)
    return render(
        request,
        "appointments/visit.html",
        {"visit": found, "is_ahead": found.is_booked and found.starts_at > clock.now()},
    )


@require_http_methods(["GET", "POST"])
@signed_in
def move(request: HttpRequest, visit_id: int) -> HttpResponse:
    """«Перенести»: another day and time of the same office."""
    user_id, now = person_id(request), clock.now()
    found = visits.visit(user_id=user_id, visit_id=visit_id)
    if request.method == "POST":
        try:
            booking.move(
                user_id=user_id, visit_id=visit_id, starts_at=_moment(request.POST.get("starts_at", "")), at=now
            )
            messages.success(request, _("Візит перенесено."))
            return redirect("appointments:visit", visit_id)
        except NotFoundError:
            raise
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("appointments:move", visit_id)
    context: dict[str, object] = {"visit": found, "query": "", "action": request.path, "hidden": {}}
    _choose_time(request, found.question_id, found.office_id, context)
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


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _posted(request: HttpRequest) -> tuple[int, int, dt.datetime]:
    """Question, office and time of a form that our own page made; `NotFoundError` for anything else."""
    try:
        return int(request.POST["question"]), int(request.POST["office"]), _moment(request.POST["starts_at"])
    except (KeyError, ValueError) as error:
        raise NotFoundError(_("Такого часу немає.")) from error


def _moment(text: str) -> dt.datetime:
    """A moment as our page writes it; `NotFoundError` for anything else."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise NotFoundError(_("Такого часу немає.")) from error
    if found.tzinfo is None:
        raise NotFoundError(_("Такого часу немає."))
    return found


@require_GET
@signed_in
def ics_file(request: HttpRequest, visit_id: int) -> HttpResponse:
    """The visit for a calendar."""
    found = visits.visit(user_id=person_id(request), visit_id=visit_id)
    if found.is_held:
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
        day = day_words(starts.date())
    paper = VisitPaper(
        number=found.number, day=day, time=f"{starts:%H:%M} – {ends:%H:%M}", question=found.question, office=found.office,
        address=found.address, window=str(found.window or ""), person=found.person,
        url=settings.BASE_URL.rstrip("/") + reverse("appointments:visit", args=[visit_id]),
    )  # fmt: skip
    response = HttpResponse(visit_ticket_pdf(paper), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="visit-{starts:%Y-%m-%d}.pdf"'
    return response
