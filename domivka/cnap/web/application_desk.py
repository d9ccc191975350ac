"""The administrator's pages for applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.cnap import application_desk, catalogue, desk, phrases
from domivka.cnap.queue import Filter, QueueRow, colleagues
from domivka.cnap.rules.states import State
from domivka.cnap.web.applications import file_of
from domivka.cnap.web.common import number, serve
from domivka.cnap.web.queue import QueueForm, listed, signature, take_chosen
from domivka.cnap.web.towns import towns_of
from domivka.cnap.words import status
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.kernel.listing import act

_STATES: Final = (State.WAITING, State.INCOMPLETE, State.GRANTED, State.REFUSED)


@require_GET
@staff(Role.CNAP)
def queue(request: HttpRequest) -> HttpResponse:
    town_ids = towns_of(request)

    def read(wanted: Filter, limit: int, offset: int) -> list[QueueRow]:
        return application_desk.queue(town_ids=town_ids, wanted=wanted, today=clock.today(), limit=limit, offset=offset)

    def count(wanted: Filter) -> int:
        return application_desk.count_queue(town_ids=town_ids, wanted=wanted)

    context = listed(request, QueueForm(request, _STATES, of_services=True), "application", count, read)
    return render(request, "cnap/desk_applications.html", context)


@require_POST
@staff(Role.CNAP)
def take_applications(request: HttpRequest) -> HttpResponse:
    """Take what is ticked in the queue."""

    def take(chosen: list[int]) -> int:
        return application_desk.take_many(
            town_ids=towns_of(request), application_ids=chosen, user_id=person_id(request), at=clock.now()
        )

    return take_chosen(request, take, reverse("cnap:desk_applications"))


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
    others_here = colleagues(town_id=found.town_id, user_id=person_id(request))
    context = {
        "application": found,
        "person": person,
        "templates": templates,
        "text": phrases.begun(found=templates, chosen=request.GET.get("template", ""), about=about),
        "others": [one for one in offered.offers if one.is_active and one.id != found.offer_id],
        "reasons": phrases.reasons(town_ids=[found.town_id]),
        "is_mine": found.taken_by_id == person_id(request),
        "colleagues": others_here,
        "taken_by": next((one.name for one in others_here if one.id == found.taken_by_id), _("інший адміністратор")),
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
    """`take`, `release`, `hand_over` to a colleague, `forward` to another place, `ask` for a document or `withdraw` the asking;
    `grant` and `refuse` first as they will be sent, then `confirmed`."""
    if what in ("grant", "refuse") and "confirmed" not in request.POST:
        return _confirm(request, application_id, granted=what == "grant")
    about: dict[str, Any] = {"town_ids": towns_of(request), "application_id": application_id}
    about |= {"user_id": person_id(request), "at": clock.now()}
    text, target = request.POST.get("text", ""), number(request.POST.get("to", ""))
    words: dict[str, Any] = {"text": text, "reason": request.POST.get("reason", "")}
    desk_of = application_desk
    actions: dict[str, tuple[Callable[[], object], str]] = {
        "take": (lambda: desk_of.take(**about, note=text), _("Взято в роботу.")),
        "release": (lambda: desk_of.release(**about), _("Повернено в чергу.")),
        "hand_over": (lambda: desk_of.hand_over(**about, colleague_id=target, note=text), _("Передано колезі.")),
        "forward": (lambda: desk_of.forward(**about, offer_id=target, note=text), _("Передано.")),
        "ask": (lambda: desk_of.ask_document(**about, text=text), _("Прохання надіслано мешканцеві.")),
        "withdraw": (lambda: desk_of.withdraw(**about), _("Прохання скасовано, мешканцеві про це повідомлено.")),
        "grant": (lambda: desk_of.decide(**about, **words, granted=True), _("Рішення надіслано мешканцеві.")),
        "refuse": (lambda: desk_of.decide(**about, **words, granted=False), _("Рішення надіслано мешканцеві.")),
    }
    return act(request, actions, what, reverse("cnap:desk_application", args=[application_id]))


def _confirm(request: HttpRequest, application_id: int, *, granted: bool) -> HttpResponse:
    found = application_desk.opened(
        town_ids=towns_of(request), application_id=application_id, user_id=person_id(request), at=clock.now()
    )
    text, reason = request.POST.get("text", ""), "" if granted else request.POST.get("reason", "")
    try:
        preview = application_desk.preview(found=found, granted=granted, reason=reason, text=text)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("cnap:desk_application", application_id)
    context = {
        "url": reverse("cnap:act_on_application", args=[application_id, "grant" if granted else "refuse"]),
        "back": reverse("cnap:desk_application", args=[application_id]),
        "back_words": _("Заява № %(number)s") % {"number": application_id},
        "preview": preview,
        "result": status(State.GRANTED if granted else State.REFUSED),
        "text": text,
        "reason": reason,
        "action": _("Так, надати послугу") if granted else _("Так, відмовити"),
        "danger": not granted,
    }
    return render(request, "cnap/desk_confirm.html", context)
