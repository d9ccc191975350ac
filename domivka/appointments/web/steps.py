"""«Запис у чергу»: the six steps of seed S2, each a page of its own address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.appointments import booking, calendar, visits
from domivka.appointments.errors import AlreadyBooked, HoldExpired, NotPossibleNow, SlotGone, SlotTaken
from domivka.appointments.web.times import moment, number, times
from domivka.cnap import api as cnap
from domivka.homes.door import homes_on, person_id
from domivka.identity import api as identity
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way; `url` leads back to it once it is done."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen in the steps before."""

    question_id: int | None = None
    office_id: int | None = None
    day: dt.date | None = None


def steps(chosen: Chosen) -> list[Step]:
    page = reverse("appointments:choose")
    office = f"{page}?question={chosen.question_id}"
    day = f"{office}&office={chosen.office_id}"
    return [
        Step(_("Питання"), page), Step(_("ЦНАП"), f"{office}&choose=office"), Step(_("Дата"), day),
        Step(_("Час"), f"{day}&day={chosen.day}"), Step(_("Ваші дані"), ""), Step(_("Збереження"), ""),
    ]  # fmt: skip


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
def choose(request: HttpRequest) -> HttpResponse:
    """Steps one to four: the address says what was chosen; the only centre is chosen at once, and can be looked at."""
    questions = visits.questions(town_ids={home.town_id for home in homes_on(request)} or None)
    question = next((one for one in questions if one.id == number(request, "question")), None)
    context: dict[str, object] = {
        "current": 1, "questions": questions, "question": question,
        "has_towns": len({one.town for one in questions}) > 1,
    }  # fmt: skip
    chosen = Chosen()
    if question is not None:
        serving = visits.offices_for(question_id=question.id)
        found = [one for one in cnap.offices() if one.id in serving]
        only = found[0].id if len(found) == 1 and "choose" not in request.GET else None
        asked = number(request, "office") or only
        office = next((one for one in found if one.id == asked), None)
        chosen = Chosen(question.id, office.id if office else None)
        context |= {"current": 2, "offices": found, "office": office}
        if office is not None:
            context |= times(request, question_id=question.id, office_id=office.id, user_id=person_id(request))
            context |= {
                "current": 4 if context["day"] else 3,
                "query": f"question={question.id}&office={office.id}&",
                "action": reverse("appointments:hold"),
                "hidden": {"question": question.id, "office": office.id},
            }
    context["steps"] = steps(chosen)
    return render(request, "appointments/choose.html", context)


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
    """Steps five and six: the person, and «зберегти». When the time was lost meanwhile, what was typed stays and the nearest
    times are offered in the same form."""
    user_id = person_id(request)
    found = visits.visit(user_id=user_id, visit_id=visit_id)
    if not (found.is_held or found.is_lapsed):
        return redirect("appointments:visit", visit_id)
    is_lost = found.is_lapsed or found.starts_at <= clock.now()
    if request.method == "GET":
        who = identity.person(user_id=user_id)
        known = {"surname": who.surname, "name": who.name, "patronymic": who.patronymic, "phone": who.phone}
        return _details(request, found, VisitorForm(initial=known), is_lost=is_lost)
    form = VisitorForm(request.POST)
    if not form.is_valid():
        return _details(request, found, form, is_lost=is_lost, status=422)
    try:
        saved = _save(request, found, booking.Visitor(**form.cleaned_data))
    except (HoldExpired, SlotTaken, SlotGone) as error:
        return _details(request, found, form, is_lost=True, error=str(error), status=409)
    except AlreadyBooked as error:
        messages.error(request, str(error))
        return redirect("appointments:list")
    except NotPossibleNow:  # a second press: the first one has saved it
        return redirect("appointments:visit", visit_id)
    return redirect("appointments:visit", saved)


def _save(request: HttpRequest, found: visits.VisitView, visitor: booking.Visitor) -> int:
    """The held visit, or another one at the time that was chosen instead; its id."""
    user_id, visit_id, at = person_id(request), found.id, clock.now()
    if request.POST.get("starts_at"):
        visit_id = booking.hold(
            user_id=user_id, office_id=found.office_id, question_id=found.question_id,
            starts_at=moment(request.POST["starts_at"]), at=at,
        )  # fmt: skip
    booking.book(user_id=user_id, visit_id=visit_id, visitor=visitor, at=at)
    return visit_id


def _details(
    request: HttpRequest,
    found: visits.VisitView,
    form: VisitorForm,
    *,
    is_lost: bool,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    day = found.starts_at.astimezone(clock.KYIV).date()
    days = []
    if is_lost:
        days = calendar.free_days(
            office_id=found.office_id, question_id=found.question_id, at=now, user_id=person_id(request)
        )
    context = {
        "form": form, "visit": found, "steps": steps(Chosen(found.question_id, found.office_id, day)), "current": 5,
        "is_lost": is_lost, "error": error, "nearest": calendar.nearest(days),
        "seconds": max(int((found.held_until - now).total_seconds()), 0) if found.held_until else 0,
    }  # fmt: skip
    return render(request, "appointments/details.html", context, status=status)


def _posted(request: HttpRequest) -> tuple[int, int, dt.datetime]:
    """Question, office and time of a form that our own page made; `NotFoundError` for anything else."""
    try:
        return int(request.POST["question"]), int(request.POST["office"]), moment(request.POST["starts_at"])
    except (KeyError, ValueError) as error:
        raise NotFoundError(_("Такого часу немає.")) from error
