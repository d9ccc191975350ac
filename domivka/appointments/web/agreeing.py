"""Whoever changes a calendar sees who would be left without their time, and agrees before anything is saved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domivka.appointments.errors import VisitsFallOut
from domivka.appointments.web.desk import looked
from domivka.cnap import api as cnap

_OURS = {"csrfmiddlewaretoken", "agreed"}


def agreed_in(request: HttpRequest) -> frozenset[int]:
    """Visits that the administrator has seen and agreed to leave without their time."""
    return frozenset(int(text) for text in request.POST.getlist("agreed") if text.isdecimal() and len(text) < 12)


def confirm(request: HttpRequest, office: cnap.OfficeView, fallen: VisitsFallOut) -> HttpResponse:
    """Who would be left without their time, before anything is saved; the same form once more, with an agreement."""
    looked(request, office, fallen.visits)
    typed = [(name, text) for name, texts in request.POST.lists() for text in texts if name not in _OURS]
    context = {"office": office, "fallen": fallen, "typed": typed, "action": request.path}
    return render(request, "appointments/desk_confirm.html", context, status=409)
