"""What the pages of both queues share: the filter, taking several at once, and settling work among administrators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domivka.cnap import catalogue, desk, offices, phrases
from domivka.cnap.applications import ApplicationView
from domivka.cnap.consultations import ConsultationView
from domivka.cnap.letters import Preview
from domivka.cnap.matters import Row
from domivka.cnap.queue import ALL_OPEN, SOON_DAYS, Filter, Queue, colleagues, name_of, note_queue_read
from domivka.cnap.rules.states import State
from domivka.cnap.web.common import number
from domivka.cnap.web.towns import towns_of
from domivka.cnap.words import status
from domivka.homes.door import person_id
from domivka.identity.models import User
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages, rest_of


def _date() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class QueueForm(forms.Form):
    """What a queue may be narrowed by, and its order. The first four stand on the page, the rest under «Більше умов»."""

    number = forms.IntegerField(
        label=gettext_lazy("Номер"),
        required=False,
        min_value=1,
        max_value=2**31,
        widget=forms.TextInput({"inputmode": "numeric", "maxlength": 10, "data-search": ""}),
    )
    state = forms.ChoiceField(label=gettext_lazy("Статус"), required=False)
    whose = forms.ChoiceField(label=gettext_lazy("Чиє"), required=False)
    term = forms.ChoiceField(label=gettext_lazy("Строк"), required=False)
    office = forms.TypedChoiceField(label=gettext_lazy("ЦНАП"), required=False, coerce=int, empty_value=None)
    service = forms.TypedChoiceField(label=gettext_lazy("Послуга"), required=False, coerce=int, empty_value=None)
    due_from = forms.DateField(label=gettext_lazy("Відповісти з"), required=False, widget=_date())
    due_to = forms.DateField(label=gettext_lazy("Відповісти до"), required=False, widget=_date())
    order = forms.ChoiceField(label=gettext_lazy("Порядок"), required=False)

    MORE: Final = ("office", "service", "due_from", "due_to", "order")

    def __init__(self, request: HttpRequest, states: tuple[State, ...], *, of_services: bool) -> None:
        super().__init__({"state": State.WAITING, **request.GET.dict()})
        towns = towns_of(request)
        self._user_id = person_id(request)
        found = offices.offices(town_ids=towns, also_closed=True)
        of_state = [(str(one), status(one).label) for one in states]
        self._choose("state", [*of_state, (ALL_OPEN, _("усі нерозглянуті")), ("", _("усі"))])
        self._choose("whose", [("", _("усе")), ("mine", _("моє")), ("nobodys", _("нічиє"))])
        self._choose(
            "term",
            [
                ("", _("усі")),
                ("overdue", _("прострочені")),
                ("soon", _("спливають за %(days)s дні") % {"days": SOON_DAYS}),
            ],
        )
        self._choose("office", [("", _("усі")), *((one.id, one.name) for one in found)])
        if of_services:
            services = catalogue.services(town_ids=towns, also_closed=True)
            self._choose("service", [("", _("усі")), *((one.id, one.name) for one in services)])
        else:
            del self.fields["service"]
        orders = [
            ("due", _("спершу найближчий строк")),
            ("new", _("спершу нові")),
            ("old", _("спершу давні")),
            ("person", _("за прізвищем")),
        ]
        self._choose("order", orders)

    def _choose(self, name: str, choices: Sequence[tuple[object, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.MORE]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in self.MORE]

    def is_more_used(self) -> bool:
        return any(self.data.get(name) for name in self.MORE)

    def wanted(self) -> Filter:
        """Nonsense in the address shows what waits."""
        if not self.is_valid():
            return Filter()
        words, today = self.cleaned_data, clock.today()
        soon = words["term"] == "soon"
        return Filter(
            state="" if words["number"] else words["state"],  # a number is looked for whatever its state
            office_id=words["office"],
            service_id=words.get("service"),
            taken_by_id=self._user_id if words["whose"] == "mine" else None,
            nobodys=words["whose"] == "nobodys",
            overdue_on=today if words["term"] == "overdue" else None,
            due_from=today if soon else words["due_from"],
            due_to=today.fromordinal(today.toordinal() + SOON_DAYS) if soon else words["due_to"],
            number=words["number"],
            order=words["order"] or "due",
        )


def listed(request: HttpRequest, queue: Queue[Row], form: QueueForm) -> dict[str, object]:
    """A page of a queue for its template; the reading is audited."""
    wanted, town_ids = form.wanted(), towns_of(request)
    page = pages(queue.count(town_ids=town_ids, wanted=wanted), page_number(request))
    rows = queue.rows(
        town_ids=town_ids,
        wanted=wanted,
        today=clock.today(),
        limit=PAGE_SIZE,
        offset=(page.number - 1) * PAGE_SIZE,
    )
    kind = queue.matters.kind
    note_queue_read(kind=kind, rows=rows, town_ids=town_ids, user_id=person_id(request), at=clock.now())
    narrowed = any(value for name, value in request.GET.items() if name not in ("page", "order"))
    return {"form": form, "rows": rows, "page": page, "query": rest_of(request), "narrowed": narrowed}


def by(request: HttpRequest) -> dict[str, Any]:
    """Who does it at the desk, for which towns, and when."""
    return {"town_ids": towns_of(request), "user_id": person_id(request), "at": clock.now()}


def take_chosen(request: HttpRequest, queue: Queue[Row], back: str) -> HttpResponse:
    """Take what is ticked; says how many, for a colleague may have been quicker."""
    chosen = [number(one) for one in request.POST.getlist("chosen")][:PAGE_SIZE]
    taken = queue.take_many(**by(request), numbers=chosen) if chosen else 0
    if not chosen:
        messages.error(request, _("Позначте, що взяти."))
    else:
        words = _("Взято в роботу: %(taken)s.") % {"taken": taken}
        if taken < len(chosen):
            words += " " + _("Решту вже взяли колеги або розглянуто.")
        messages.success(request, words)
    query = request.GET.urlencode()
    return redirect(f"{back}?{query}" if query else back)


Action = tuple[Callable[[], object], str]
"""What is done, and the words when it is."""


def actions(request: HttpRequest, queue: Queue[Row], pk: int) -> dict[str, Action]:
    """What administrators settle among themselves: `take` (with `text` from a colleague), `release`, `hand_over` to `to`."""
    about = {**by(request), "number": pk}
    text, colleague_id = request.POST.get("text", ""), number(request.POST.get("to", ""))
    return {
        "take": (lambda: queue.take(**about, note=text), _("Взято в роботу.")),
        "release": (lambda: queue.release(**about), _("Повернено в чергу.")),
        "hand_over": (lambda: queue.hand_over(**about, colleague_id=colleague_id, note=text), _("Передано колезі.")),
    }


@dataclass(frozen=True, slots=True)
class Sending:
    """An answer on its way: how it will look, how it is sent, the words when it is; `back` is the page of what is answered."""

    preview: Callable[[], Preview]
    send: Callable[[], object]
    words: str
    back: str


def confirmed(request: HttpRequest, sending: Sending, context: dict[str, Any]) -> HttpResponse:
    """The answer as it will be sent; sent when `confirmed`. What cannot be sent is said, and what was typed stays."""
    shown, problem = None, ""
    try:
        if "confirmed" in request.POST:
            sending.send()
            messages.success(request, sending.words)
            return redirect(sending.back)
        shown = sending.preview()
    except NotFoundError:
        raise
    except DomainError as error:
        problem = str(error)
    page = {**context, "back": sending.back, "url": request.path, "preview": shown, "problem": problem}
    return render(request, "cnap/desk_confirm.html", page, status=422 if problem else 200)


def at_hand(request: HttpRequest, found: ConsultationView | ApplicationView, topic: str) -> dict[str, Any]:
    """For the page of one: who asks, who has it, and the text of the answer as a template begins it."""
    templates = phrases.templates(town_ids=[found.town_id])
    person = desk.person_words(user_id=found.user_id)
    about = phrases.About(
        found.id, topic, person.name, found.office_id, found.due_on, clock.today(), signature(request)
    )
    others = colleagues(town_id=found.town_id, user_id=person_id(request))
    return {
        "person": person,
        "templates": templates,
        "text": phrases.begun(found=templates, chosen=request.GET.get("template", ""), about=about),
        "is_mine": found.taken_by_id == person_id(request),
        "may_act": found.taken_by_id in (None, person_id(request)),
        "colleagues": others,
        "taken_by": next((one.name for one in others if one.id == found.taken_by_id), _("інший адміністратор")),
    }


def signature(request: HttpRequest) -> str:
    """How the administrator signs: «Левицька С.І.»"""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return name_of(request.user)
