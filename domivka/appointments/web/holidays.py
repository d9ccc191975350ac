"""Holidays of the town, a page a year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from domivka.appointments import holidays
from domivka.appointments.errors import VisitsFallOut
from domivka.appointments.web.agreeing import agreed_in, confirm
from domivka.appointments.web.desk import office_of
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.errors import NotFoundError


class HolidayForm(forms.Form):
    """A day of the table: an existing one is changed."""

    day = forms.DateField(label=gettext_lazy("День"), widget=forms.DateInput(attrs={"type": "date"}))
    name = forms.CharField(label=gettext_lazy("Назва"), max_length=160)
    is_off = forms.BooleanField(label=gettext_lazy("Не працюємо"), required=False, initial=True)


@require_GET
@staff(Role.CNAP)
def year(request: HttpRequest, office_id: int) -> HttpResponse:
    return _page(request, office_id, HolidayForm())


@require_POST
@staff(Role.CNAP)
def save(request: HttpRequest, office_id: int) -> HttpResponse:
    office, form = office_of(request, office_id), HolidayForm(request.POST)
    if not form.is_valid():
        return _page(request, office_id, form, status=422)
    typed: Any = form.cleaned_data  # the form has seen to the types
    return _do(
        request,
        office_id,
        lambda said: holidays.save_holiday(town_id=office.town_id, **typed, **said),
        typed["day"].year,
    )


@require_POST
@staff(Role.CNAP)
def fill(request: HttpRequest, office_id: int, what: str) -> HttpResponse:
    """`country` or `copy`: a whole year at once."""
    office, asked = office_of(request, office_id), _year(request.POST.get("year", ""))
    fills = {"country": holidays.fill_year, "copy": holidays.copy_year}
    if what not in fills:
        raise NotFoundError(_("Такої дії немає."))
    return _do(request, office_id, lambda said: fills[what](town_id=office.town_id, year=asked, **said), asked)


@require_POST
@staff(Role.CNAP)
def remove(request: HttpRequest, office_id: int, row_id: int) -> HttpResponse:
    office = office_of(request, office_id)
    return _do(
        request,
        office_id,
        lambda said: holidays.remove_holiday(town_id=office.town_id, holiday_id=row_id, **said),
        _year(request.POST.get("year", "")),
    )


def _do(request: HttpRequest, office_id: int, deed: Callable[[dict[str, Any]], int | None], back: int) -> HttpResponse:
    """One change; who falls out of the calendar by it is asked about first."""
    try:
        count = deed({"user_id": person_id(request), "at": clock.now(), "agreed": agreed_in(request)})
    except VisitsFallOut as fallen:
        return confirm(request, office_of(request, office_id), fallen)
    messages.success(request, _("Збережено.") if count is None else _("Додано днів: %(count)s.") % {"count": count})
    return redirect(f"{reverse('appointments:holidays', args=[office_id])}?year={back}")


def _page(request: HttpRequest, office_id: int, form: HolidayForm, status: int = 200) -> HttpResponse:
    office, shown = office_of(request, office_id), _year(request.GET.get("year", ""))
    context = {
        "office": office, "year": shown, "before": shown - 1, "after": shown + 1, "form": form,
        "rows": holidays.holidays_of(town_id=office.town_id, year=shown),
    }  # fmt: skip
    return render(request, "appointments/desk_holidays.html", context, status=status)


def _year(text: str) -> int:
    """A year near ours; this one for nonsense."""
    return int(text) if text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2100 else clock.today().year
