"""The administrator's pages for consultations."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.cnap import application_desk, desk, offices
from domivka.cnap.consultations import ConsultationView
from domivka.cnap.rules.states import State
from domivka.cnap.web.common import number, serve
from domivka.cnap.web.consultations import one_of
from domivka.cnap.web.queue import Action, QueueForm, Sending, actions, at_hand, by, confirmed, listed, take_chosen
from domivka.cnap.web.towns import towns_of
from domivka.cnap.words import status
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.listing import act


@require_GET
@staff(Role.CNAP)
def desk_home(request: HttpRequest) -> HttpResponse:
    """The working day at a glance, and the way to every page of the desk, on a phone too."""
    about: dict[str, Any] = {"town_ids": towns_of(request), "today": clock.today(), "user_id": person_id(request)}
    queues = (
        (_("Звернення"), reverse("cnap:desk_consultations"), desk.QUEUE.now(**about)),
        (_("Заяви"), reverse("cnap:desk_applications"), application_desk.QUEUE.now(**about)),
    )
    return render(request, "cnap/desk_home.html", {"queues": queues})


@require_GET
@staff(Role.CNAP)
def consultation_queue(request: HttpRequest) -> HttpResponse:
    form = QueueForm(request, (State.WAITING, State.ANSWERED), of_services=False)
    return render(request, "cnap/desk_consultations.html", listed(request, desk.QUEUE, form))


@require_POST
@staff(Role.CNAP)
def take_consultations(request: HttpRequest) -> HttpResponse:
    """Take what is ticked in the queue."""
    return take_chosen(request, desk.QUEUE, reverse("cnap:desk_consultations"))


def opened(request: HttpRequest, consultation_id: int) -> ConsultationView:
    """As the desk sees it; the reading is audited."""
    return desk.opened(**by(request), consultation_id=consultation_id)


@require_GET
@staff(Role.CNAP)
def consultation(request: HttpRequest, consultation_id: int) -> HttpResponse:
    found = opened(request, consultation_id)
    context = {
        **at_hand(request, found, found.topic),
        "consultation": found,
        "others": [one for one in offices.offices(town_ids=[found.town_id]) if one.id != found.office_id],
    }
    return render(request, "cnap/desk_consultation.html", context)


@require_GET
@staff(Role.CNAP)
def consultation_file(request: HttpRequest, consultation_id: int, file_id: int) -> HttpResponse:
    return serve(one_of(opened(request, consultation_id), file_id), inline="show" in request.GET)


@require_POST
@staff(Role.CNAP)
def act_on_consultation(request: HttpRequest, consultation_id: int, what: str) -> HttpResponse:
    """`take`, `release`, `hand_over` to a colleague, `forward` to an office, `answer`: first as it will be sent, then `confirmed`."""
    if what == "answer":
        return _answer(request, consultation_id)
    about = {**by(request), "consultation_id": consultation_id}
    text, target = request.POST.get("text", ""), number(request.POST.get("to", ""))
    possible: dict[str, Action] = {
        **actions(request, desk.QUEUE, consultation_id),
        "forward": (lambda: desk.forward(**about, office_id=target, note=text), _("Передано.")),
    }
    return act(request, possible, what, reverse("cnap:desk_consultation", args=[consultation_id]))


def _answer(request: HttpRequest, consultation_id: int) -> HttpResponse:
    found, text = opened(request, consultation_id), request.POST.get("text", "")
    sending = Sending(
        preview=lambda: desk.preview(found=found, text=text),
        send=lambda: desk.answer(**by(request), consultation_id=consultation_id, text=text),
        words=_("Відповідь надіслано мешканцеві."),
        back=reverse("cnap:desk_consultation", args=[consultation_id]),
    )
    context = {
        "back_words": _("Звернення № %(number)s") % {"number": consultation_id},
        "result": status(State.ANSWERED),
        "text": text,
        "action": _("Так, надіслати відповідь"),
    }
    return confirmed(request, sending, context)
