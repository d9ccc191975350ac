"""The administrator's pages for applications."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.cnap import application_desk, catalogue, phrases
from domivka.cnap.applications import ApplicationView
from domivka.cnap.rules.states import State
from domivka.cnap.web.applications import file_of
from domivka.cnap.web.common import number, serve
from domivka.cnap.web.queue import Action, QueueForm, Sending, actions, at_hand, by, confirmed, listed, take_chosen
from domivka.cnap.web.towns import towns_of
from domivka.cnap.words import status
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.listing import act

_STATES: Final = (State.WAITING, State.INCOMPLETE, State.GRANTED, State.REFUSED)


@require_GET
@staff(Role.CNAP)
def application_queue(request: HttpRequest) -> HttpResponse:
    form = QueueForm(request, _STATES, of_services=True)
    return render(request, "cnap/desk_applications.html", listed(request, application_desk.QUEUE, form))


@require_POST
@staff(Role.CNAP)
def take_applications(request: HttpRequest) -> HttpResponse:
    """Take what is ticked in the queue."""
    return take_chosen(request, application_desk.QUEUE, reverse("cnap:desk_applications"))


def opened(request: HttpRequest, application_id: int) -> ApplicationView:
    """As the desk sees it; the reading is audited."""
    return application_desk.opened(**by(request), application_id=application_id)


@require_GET
@staff(Role.CNAP)
def application(request: HttpRequest, application_id: int) -> HttpResponse:
    found = opened(request, application_id)
    offered = catalogue.service(service_id=found.service_id, on=clock.today(), town_ids=towns_of(request))
    context = {
        **at_hand(request, found, found.service),
        "application": found,
        "others": [one for one in offered.offers if one.is_open and one.id != found.offer_id],
        "reasons": phrases.reasons(town_ids=[found.town_id]),
    }
    return render(request, "cnap/desk_application.html", context)


@require_GET
@staff(Role.CNAP)
def application_file(request: HttpRequest, application_id: int, file_id: int) -> HttpResponse:
    return serve(file_of(opened(request, application_id), file_id), inline="show" in request.GET)


@require_POST
@staff(Role.CNAP)
def act_on_application(request: HttpRequest, application_id: int, what: str) -> HttpResponse:
    """`take`, `release`, `hand_over` to a colleague, `forward` to another place, `ask` for a document or `withdraw` the asking;
    `grant` and `refuse` first as they will be sent, then `confirmed`."""
    if what in ("grant", "refuse"):
        return _decide(request, application_id, granted=what == "grant")
    about = {**by(request), "application_id": application_id}
    text, target = request.POST.get("text", ""), number(request.POST.get("to", ""))
    desk_of = application_desk
    possible: dict[str, Action] = {
        **actions(request, application_desk.QUEUE, application_id),
        "forward": (lambda: desk_of.forward(**about, offer_id=target, note=text), _("Передано.")),
        "ask": (lambda: desk_of.ask_document(**about, text=text), _("Прохання надіслано мешканцеві.")),
        "withdraw": (lambda: desk_of.withdraw(**about), _("Прохання скасовано, мешканцеві про це повідомлено.")),
    }
    return act(request, possible, what, reverse("cnap:desk_application", args=[application_id]))


def _decide(request: HttpRequest, application_id: int, *, granted: bool) -> HttpResponse:
    found, text = opened(request, application_id), request.POST.get("text", "")
    words: dict[str, Any] = {"granted": granted, "text": text}
    words["reason"] = "" if granted else request.POST.get("reason", "")
    sending = Sending(
        preview=lambda: application_desk.preview(found=found, **words),
        send=lambda: application_desk.decide(**by(request), application_id=application_id, **words),
        words=_("Рішення надіслано мешканцеві."),
        back=reverse("cnap:desk_application", args=[application_id]),
    )
    context = {
        "back_words": _("Заява № %(number)s") % {"number": application_id},
        "result": status(State.GRANTED if granted else State.REFUSED),
        "text": text,
        "reason": words["reason"],
        "reasons": [] if granted else phrases.reasons(town_ids=[found.town_id]),
        "action": _("Так, надати послугу") if granted else _("Так, відмовити"),
        "danger": not granted,
    }
    return confirmed(request, sending, context)
