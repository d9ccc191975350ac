"""The administrator's pages for consultations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.cnap import application_desk, desk, offices, phrases
from domivka.cnap.queue import Filter, QueueRow, colleagues
from domivka.cnap.rules.states import State
from domivka.cnap.web.common import number, serve
from domivka.cnap.web.consultations import one_of
from domivka.cnap.web.queue import QueueForm, listed, signature, take_chosen
from domivka.cnap.web.towns import towns_of
from domivka.cnap.words import status
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import act


@require_GET
@staff(Role.CNAP)
def desk_home(request: HttpRequest) -> HttpResponse:
    """The working day at a glance, and the way to every page of the desk, on a phone too."""
    about: dict[str, Any] = {"town_ids": towns_of(request), "today": clock.today(), "user_id": person_id(request)}
    queues = (
        (_("Звернення"), reverse("cnap:desk_consultations"), desk.now(**about)),
        (_("Заяви"), reverse("cnap:desk_applications"), application_desk.now(**about)),
    )
    return render(request, "cnap/desk_home.html", {"queues": queues})


@require_GET
@staff(Role.CNAP)
def consultation_queue(request: HttpRequest) -> HttpResponse:
    town_ids = towns_of(request)

    def read(wanted: Filter, limit: int, offset: int) -> list[QueueRow]:
        return desk.queue(town_ids=town_ids, wanted=wanted, today=clock.today(), limit=limit, offset=offset)

    form = QueueForm(request, (State.WAITING, State.ANSWERED), of_services=False)
    context = listed(request, form, "consultation", lambda w: desk.count_queue(town_ids=town_ids, wanted=w), read)
    return render(request, "cnap/desk_consultations.html", context)


@require_POST
@staff(Role.CNAP)
def take_consultations(request: HttpRequest) -> HttpResponse:
    """Take what is ticked in the queue."""

    def take(chosen: list[int]) -> int:
        return desk.take_many(
            town_ids=towns_of(request), consultation_ids=chosen, user_id=person_id(request), at=clock.now()
        )

    return take_chosen(request, take, reverse("cnap:desk_consultations"))


@require_GET
@staff(Role.CNAP)
def consultation(request: HttpRequest, consultation_id: int) -> HttpResponse:
    town_ids = towns_of(request)
    found = desk.opened(town_ids=town_ids, consultation_id=consultation_id, user_id=person_id(request), at=clock.now())
    templates = phrases.templates(town_ids=[found.town_id])
    person = desk.person_words(user_id=found.user_id)
    about = phrases.About(
        found.id, found.topic, person.name, found.office_id, found.due_on, clock.today(), signature(request)
    )
    others_here = colleagues(town_id=found.town_id, user_id=person_id(request))
    context = {
        "consultation": found,
        "person": person,
        "templates": templates,
        "text": phrases.begun(found=templates, chosen=request.GET.get("template", ""), about=about),
        "others": [one for one in offices.offices(town_ids=[found.town_id]) if one.id != found.office_id],
        "is_mine": found.taken_by_id == person_id(request),
        "colleagues": others_here,
        "taken_by": next((one.name for one in others_here if one.id == found.taken_by_id), _("інший адміністратор")),
    }
    return render(request, "cnap/desk_consultation.html", context)


@require_GET
@staff(Role.CNAP)
def consultation_file(request: HttpRequest, consultation_id: int, file_id: int) -> HttpResponse:
    found = desk.opened(
        town_ids=towns_of(request), consultation_id=consultation_id, user_id=person_id(request), at=clock.now()
    )
    return serve(one_of(found, file_id), inline="show" in request.GET)


@require_POST
@staff(Role.CNAP)
def act_on_consultation(request: HttpRequest, consultation_id: int, what: str) -> HttpResponse:
    """`take`, `release`, `hand_over` to a colleague, `forward` to an office, `answer`: first as it will be sent, then `confirmed`."""
    if what == "answer" and "confirmed" not in request.POST:
        return _confirm(request, consultation_id)
    about: dict[str, Any] = {"town_ids": towns_of(request), "consultation_id": consultation_id}
    about |= {"user_id": person_id(request), "at": clock.now()}
    text, target = request.POST.get("text", ""), number(request.POST.get("to", ""))
    actions: dict[str, tuple[Callable[[], object], str]] = {
        "take": (lambda: desk.take(**about, note=text), _("Взято в роботу.")),
        "release": (lambda: desk.release(**about), _("Повернено в чергу.")),
        "hand_over": (lambda: desk.hand_over(**about, colleague_id=target, note=text), _("Передано колезі.")),
        "forward": (lambda: desk.forward(**about, office_id=target, note=text), _("Передано.")),
        "answer": (lambda: desk.answer(**about, text=text), _("Відповідь надіслано мешканцеві.")),
    }
    return act(request, actions, what, reverse("cnap:desk_consultation", args=[consultation_id]))


def _confirm(request: HttpRequest, consultation_id: int) -> HttpResponse:
    found = desk.opened(
        town_ids=towns_of(request), consultation_id=consultation_id, user_id=person_id(request), at=clock.now()
    )
    text = request.POST.get("text", "")
    try:
        preview = desk.preview(found=found, text=text)
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("cnap:desk_consultation", consultation_id)
    context = {
        "url": reverse("cnap:act_on_consultation", args=[consultation_id, "answer"]),
        "back": reverse("cnap:desk_consultation", args=[consultation_id]),
        "back_words": _("Звернення № %(number)s") % {"number": consultation_id},
        "preview": preview,
        "result": status(State.ANSWERED),
        "text": text,
        "action": _("Так, надіслати відповідь"),
    }
    return render(request, "cnap/desk_confirm.html", context)
