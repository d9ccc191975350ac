"""The administrator's report, on the page, on paper and as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from domivka.cnap import catalogue, offices, reports
from domivka.cnap.web.towns import towns_of
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock, spreadsheet

_FIRST_DAY: Final = dt.date(2000, 1, 1)
_LAST_DAY: Final = dt.date(2100, 1, 1)


class SpanForm(forms.Form):
    """Which days, of which office and service."""

    first = forms.DateField(label=gettext_lazy("З"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last = forms.DateField(label=gettext_lazy("До"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    office = forms.TypedChoiceField(label=gettext_lazy("ЦНАП"), required=False, coerce=int, empty_value=None)
    service = forms.TypedChoiceField(label=gettext_lazy("Послуга"), required=False, coerce=int, empty_value=None)

    def __init__(self, request: HttpRequest) -> None:
        month = clock.current_period()
        days = {"first": month.first_day.isoformat(), "last": month.last_day.isoformat()}
        super().__init__({**days, **request.GET.dict()})
        towns = towns_of(request)
        found = {
            "office": [(one.id, one.name) for one in offices.offices(town_ids=towns, also_closed=True)],
            "service": [(one.id, one.name) for one in catalogue.services(town_ids=towns, also_closed=True)],
        }
        for name, choices in found.items():
            self.fields[name].choices = [("", _("усі")), *choices]  # type: ignore[attr-defined]  # a choice field

    def span(self) -> reports.Span:
        """Nonsense in the address shows this month."""
        month = clock.current_period()
        words = self.cleaned_data if self.is_valid() else {}
        if not words or not _FIRST_DAY <= words["first"] <= words["last"] <= _LAST_DAY:
            return reports.Span(month.first_day, month.last_day)
        return reports.Span(words["first"], words["last"], words["office"], words["service"])


@require_GET
@staff(Role.CNAP)
def report(request: HttpRequest) -> HttpResponse:
    form = SpanForm(request)
    span = form.span()
    found = reports.report(town_ids=towns_of(request), span=span, today=clock.today())
    context = {
        "report": found,
        "span": span,
        "form": form,
        "query": request.GET.urlencode(),
        "queues": [one for one in (found.consultations, found.applications) if one],
    }
    return render(request, "cnap/desk_reports.html", context)


@require_GET
@staff(Role.CNAP)
def report_file(request: HttpRequest) -> HttpResponse:
    """The same as a table for Excel: UTF-8 with its mark, semicolons, commas in decimals."""
    span, town_ids = SpanForm(request).span(), towns_of(request)
    found = reports.report(town_ids=town_ids, span=span, today=clock.today())
    audit.record(
        at=clock.now(), actor_id=person_id(request), action="cnap.report_saved", object_kind="cnap_report",
        object_id=f"{span.first}–{span.last}", town_id=min(town_ids) if len(town_ids) == 1 else None,
    )  # fmt: skip
    text = "".join(spreadsheet.line(map(_cell, row)) for row in _rows(found))
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cnap-{span.first}-{span.last}.csv"'
    return response


def _cell(value: object) -> object:
    return f"{value:.1f}".replace(".", ",") if isinstance(value, float) else value


def _rows(found: reports.Report) -> Iterator[list[object]]:
    yield [
        _("Розділ"), _("Назва"), _("Надійшло"), _("Розглянуто"), _("З них відмов"), _("Із запізненням"),
        _("Днів у середньому"), _("Чекають"), _("Прострочено"), _("Ніхто не взяв"),
    ]  # fmt: skip
    queues = [one for one in (found.consultations, found.applications) if one]
    for part, lines in (
        (_("Черга"), queues),
        (_("ЦНАП"), found.offices),
        (_("Послуга"), found.services),
    ):
        for one in lines:
            yield [
                part, one.name, one.received, one.answered, one.refused, one.late, one.days, one.waiting, one.overdue,
                one.nobodys,
            ]  # fmt: skip
    for person in found.load:
        yield [_("Адміністратор"), person.name, None, person.answered, None, person.late, None, person.open]
    for refusals in found.refusals:
        yield [_("Причина відмови"), refusals.reason, None, None, refusals.count]
