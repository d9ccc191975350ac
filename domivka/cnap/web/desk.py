"""The administrator's pages for consultations."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.cnap import desk, offices, phrases
from domivka.cnap.rules.states import State
from domivka.cnap.web.common import serve
from domivka.cnap.web.consultations import one_of
from domivka.cnap.web.towns import towns_of
from domivka.cnap.words import status
from domivka.homes.door import person_id
from domivka.identity.access import staff
from domivka.identity.models import Role, User
from domivka.kernel import clock
from domivka.kernel.listing import PAGE_SIZE, act, page_number, pages, rest_of


class QueueForm(forms.Form):
    """What a queue may be narrowed by."""

    state = forms.ChoiceField(required=False)
    office = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    whose = forms.ChoiceField(required=False)

    def __init__(self, request: HttpRequest, states: tuple[State, ...]) -> None:
        super().__init__({"state": State.WAITING, **request.GET.dict()})
        found = offices.offices(town_ids=towns_of(request))
        for name, label, choices in (
            ("state", _("Статус"), [(one, status(one).label) for one in states] + [("", _("усі"))]),
            ("office", _("ЦНАП"), [("", _("усі")), *((one.id, one.name) for one in found)]),
            ("whose", _("Що показати"), [("", _("усе")), ("mine", _("моє")), ("overdue", _("прострочене"))]),
        ):
            self.fields[name].label = label
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # all three are choice fields

    def wanted(self, request: HttpRequest) -> desk.Filter:
        """Nonsense in the address shows what waits."""
        if not self.is_valid():
            return desk.Filter()
        whose = self.cleaned_data["whose"]
        return desk.Filter(
            state=self.cleaned_data["state"],
            office_id=self.cleaned_data["office"],
            taken_by_id=person_id(request) if whose == "mine" else None,
            overdue_on=clock.today() if whose == "overdue" else None,
        )


def signature(request: HttpRequest) -> str:
    """How the administrator signs: «Левицька С.І.»"""
    assert isinstance(request.user, User)  # noqa: S101 - AccessMiddleware let nobody else in
    return desk.name_of(request.user)


@require_GET
@staff(Role.CNAP)
def desk_home(request: HttpRequest) -> HttpResponse:
    return redirect("cnap:desk_consultations")


@require_GET
@staff(Role.CNAP)
def consultation_queue(request: HttpRequest) -> HttpResponse:
    form = QueueForm(request, (State.WAITING, State.ANSWERED))
    town_ids, wanted = towns_of(request), form.wanted(request)
    page = pages(desk.count_queue(town_ids=town_ids, wanted=wanted), page_number(request))
    rows = desk.queue(
        town_ids=town_ids, wanted=wanted, today=clock.today(), limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE
    )
    desk.note_queue_read(kind="consultation", rows=rows, town_ids=town_ids, user_id=person_id(request), at=clock.now())
    context = {"form": form, "rows": rows, "page": page, "query": rest_of(request)}
    return render(request, "cnap/desk_consultations.html", context)


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
    context = {
        "consultation": found,
        "person": person,
        "templates": templates,
        "text": phrases.begun(found=templates, chosen=request.GET.get("template", ""), about=about),
        "others": [one for one in offices.offices(town_ids=[found.town_id]) if one.id != found.office_id],
        "is_mine": found.taken_by_id == person_id(request),
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
    """`take`, `answer` with a text, or `forward` to an office with a note."""
    posted, town_ids, user_id, at = request.POST, towns_of(request), person_id(request), clock.now()
    text, office = posted.get("text", ""), posted.get("office", "")
    office_id = int(office) if office.isdecimal() and len(office) < 10 else 0
    pk = consultation_id
    actions: dict[str, tuple[Callable[[], None], str]] = {
        "take": (
            lambda: desk.take(town_ids=town_ids, consultation_id=pk, user_id=user_id, at=at),
            _("Взято в роботу."),
        ),
        "answer": (
            lambda: desk.answer(town_ids=town_ids, consultation_id=pk, text=text, user_id=user_id, at=at),
            _("Відповідь надіслано мешканцеві."),
        ),
        "forward": (
            lambda: desk.forward(
                town_ids=town_ids, consultation_id=pk, office_id=office_id, note=text, user_id=user_id, at=at
            ),
            _("Передано."),
        ),
    }
    return act(request, actions, what, reverse("cnap:desk_consultation", args=[consultation_id]))
