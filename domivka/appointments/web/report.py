"""The report of an office: on the page, on paper, as a file."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.appointments import report as reports
from domivka.appointments.web.desk import day_in, office_of
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock

DAYS = 31
MOST_DAYS = 366


def _span(request: HttpRequest) -> tuple[dt.date, dt.date]:
    """Days that were asked for, both included: the last month for nonsense, a year at most."""
    last = day_in(request, "last") or clock.today()
    first = day_in(request, "first") or last - dt.timedelta(days=DAYS - 1)
    return min(max(first, last - dt.timedelta(days=MOST_DAYS - 1)), last), last


@require_GET
@staff(Role.CNAP)
def report(request: HttpRequest, office_id: int) -> HttpResponse:
    office, (first, last) = office_of(request, office_id, also_closed=True), _span(request)
    found = reports.report(office_id=office.id, first=first, last=last)
    return render(
        request, "appointments/desk_report.html", {"office": office, "first": first, "last": last, "report": found}
    )


@require_GET
@staff(Role.CNAP)
def report_csv(request: HttpRequest, office_id: int) -> HttpResponse:
    office, (first, last) = office_of(request, office_id, also_closed=True), _span(request)
    text = reports.report_csv(reports.report(office_id=office.id, first=first, last=last))
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")  # the mark is for Excel
    response["Content-Disposition"] = f'attachment; filename="visits-{first}-{last}.csv"'
    return response
