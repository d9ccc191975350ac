"""The calendar of an office: windows and their questions, hours, breaks, special days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from domivka.appointments import schedule, visits
from domivka.appointments.errors import VisitsFallOut
from domivka.appointments.web.agreeing import agreed_in, confirm
from domivka.appointments.web.desk import office_of
from domivka.appointments.web.times import number
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages

_TIME = {"type": "time"}
_DAY = {"type": "date"}


class WindowForm(forms.Form):
    """A window: an existing number changes it."""

    number = forms.IntegerField(label=gettext_lazy("Номер вікна"), min_value=1, max_value=99)
    questions = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Приймає з питань"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    is_open = forms.BooleanField(label=gettext_lazy("Вікно працює"), required=False, initial=True)


class HoursForm(forms.Form):
    """Hours of a weekday from a day on."""

    weekday = forms.TypedChoiceField(label=gettext_lazy("День тижня"), coerce=int, choices=list(WEEKDAYS.items()))
    opens = forms.TimeField(label=gettext_lazy("Від"), widget=forms.TimeInput(attrs=_TIME))
    closes = forms.TimeField(label=gettext_lazy("До"), widget=forms.TimeInput(attrs=_TIME))
    valid_from = forms.DateField(label=gettext_lazy("Починаючи з"), widget=forms.DateInput(attrs=_DAY))


class BreakForm(forms.Form):
    """A break of every day."""

    starts = forms.TimeField(label=gettext_lazy("Від"), widget=forms.TimeInput(attrs=_TIME))
    ends = forms.TimeField(label=gettext_lazy("До"), widget=forms.TimeInput(attrs=_TIME))


class SpecialDayForm(forms.Form):
    """A day that is not like its weekday; without times it is closed."""

    day = forms.DateField(label=gettext_lazy("День"), widget=forms.DateInput(attrs=_DAY))
    opens = forms.TimeField(label=gettext_lazy("Від"), widget=forms.TimeInput(attrs=_TIME), required=False)
    closes = forms.TimeField(label=gettext_lazy("До"), widget=forms.TimeInput(attrs=_TIME), required=False)
    note = forms.CharField(label=gettext_lazy("Чому"), max_length=160, required=False)


class QuestionForm(forms.Form):
    """A question that people come with; without an id it is a new one."""

    question_id = forms.IntegerField(widget=forms.HiddenInput, required=False, max_value=2**31 - 1)
    name = forms.CharField(label=gettext_lazy("Питання"), max_length=160)
    name_en = forms.CharField(label=gettext_lazy("Питання англійською"), max_length=160, required=False)
    minutes = forms.IntegerField(label=gettext_lazy("Хвилин на візит"), min_value=5, max_value=240, initial=30)


FORMS: dict[str, type[forms.Form]] = {
    "window": WindowForm, "hours": HoursForm, "break": BreakForm, "special": SpecialDayForm, "question": QuestionForm,
}  # fmt: skip


@require_GET
@staff(Role.CNAP)
def calendar(request: HttpRequest, office_id: int) -> HttpResponse:
    return _page(request, office_id, {})


@require_POST
@staff(Role.CNAP)
def save(request: HttpRequest, office_id: int, what: str) -> HttpResponse:
    """One of the page's forms; a mistake is shown in it."""
    office = office_of(request, office_id)
    if what not in FORMS:
        raise NotFoundError(_("Такої дії немає."))
    form = _bound(what, office.town_id, request)
    if not form.is_valid():
        return _page(request, office_id, {what: form}, status=422)
    said: Any = {"user_id": person_id(request), "at": clock.now(), "agreed": agreed_in(request)}
    typed: Any = form.cleaned_data  # the form has seen to the types
    saves: dict[str, Callable[[], object]] = {
        "window": lambda: schedule.save_window(
            office_id=office.id,
            number=typed["number"],
            question_ids=typed["questions"],
            is_open=typed["is_open"],
            **said,
        ),
        "hours": lambda: schedule.save_hours(office_id=office.id, **typed, **said),
        "break": lambda: schedule.save_break(office_id=office.id, **typed, **said),
        "special": lambda: schedule.save_special_day(office_id=office.id, **typed, **said),
        "question": lambda: schedule.save_question(
            town_id=office.town_id, **typed, user_id=said["user_id"], at=said["at"]
        ),
    }
    try:
        saves[what]()
    except VisitsFallOut as fallen:
        return confirm(request, office, fallen)
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, office_id, {what: form}, status=422)
    messages.success(request, _("Збережено."))
    return redirect("appointments:calendar", office.id)


@require_POST
@staff(Role.CNAP)
def copy(request: HttpRequest, office_id: int) -> HttpResponse:
    """This year's special days for the next one."""
    office, at = office_of(request, office_id), clock.now()
    try:
        count = schedule.copy_special_days(
            office_id=office.id, year=clock.today().year, user_id=person_id(request), at=at, agreed=agreed_in(request)
        )
    except VisitsFallOut as fallen:
        return confirm(request, office, fallen)
    messages.success(request, _("Скопійовано днів: %(count)s.") % {"count": count})
    return redirect("appointments:calendar", office.id)


@require_POST
@staff(Role.CNAP)
def remove(request: HttpRequest, office_id: int, what: str, row_id: int) -> HttpResponse:
    """Take away a break or a special day."""
    office, user_id, at = office_of(request, office_id), person_id(request), clock.now()
    if what == "break":
        schedule.remove_break(office_id=office.id, break_id=row_id, user_id=user_id, at=at)
    elif what == "special":
        try:
            schedule.remove_special_day(
                office_id=office.id, special_day_id=row_id, user_id=user_id, at=at, agreed=agreed_in(request)
            )
        except VisitsFallOut as fallen:
            return confirm(request, office, fallen)
    else:
        raise NotFoundError(_("Такої дії немає."))
    messages.success(request, _("Вилучено."))
    return redirect("appointments:calendar", office.id)


def _bound(
    what: str, town_id: int, request: HttpRequest | None, initial: dict[str, object] | None = None
) -> forms.Form:
    form = FORMS[what](request.POST if request else None, prefix=what, initial=initial)
    if what == "window":
        found = visits.all_questions(town_id=town_id)
        form.fields["questions"].choices = [(one.id, one.name) for one in found]  # type: ignore[attr-defined]  # a choice field
    return form


def _page(request: HttpRequest, office_id: int, bound: dict[str, forms.Form], status: int = 200) -> HttpResponse:
    office, today = office_of(request, office_id), clock.today()
    found = schedule.schedule(office_id=office.id, today=today)
    questions = visits.all_questions(town_id=office.town_id)
    known: dict[str, dict[str, object]] = {
        "window": next(
            (
                {"number": one.number, "questions": list(one.question_ids), "is_open": one.is_open}
                for one in found.windows
                if one.number == number(request, "window")
            ),
            {"is_open": True},
        ),
        "question": next(
            (
                {"question_id": one.id, "name": one.name, "name_en": one.name_en, "minutes": one.minutes}
                for one in questions
                if one.id == number(request, "question")
            ),
            {"minutes": 30},
        ),
    }
    page = pages(len(found.special_days), page_number(request))
    context = {
        "office": office,
        "schedule": found,
        "special_days": found.special_days[(page.number - 1) * PAGE_SIZE : page.number * PAGE_SIZE],
        "page": page,
        "query": "",
        "this_year": today.year,
        "questions": questions,
        "weekdays": WEEKDAYS,
        "forms": {what: bound.get(what) or _bound(what, office.town_id, None, known.get(what)) for what in FORMS},
    }
    return render(request, "appointments/desk_calendar.html", context, status=status)
