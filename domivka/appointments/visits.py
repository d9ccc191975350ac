"""What a person's pages show of visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext as _

from domivka.appointments.models import Question, Visit, Window
from domivka.appointments.rules.states import State
from domivka.appointments.words import question_words, status
from domivka.cnap import api as cnap
from domivka.cnap.api import Status
from domivka.kernel import clock
from domivka.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What people come with, in the language that is in force; `minutes` is the length of one visit."""

    id: int
    name: str
    minutes: int
    town: str


@dataclass(frozen=True, slots=True)
class QuestionNames:
    """A question as its desk keeps it: `name_en` is for whoever uses Domivka in English."""

    id: int
    name: str
    name_en: str
    minutes: int


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit; moments are UTC. `number` is None while the time is only held; the window is that of the booking."""

    id: int
    state: str
    number: int | None
    code: str
    question_id: int
    question: str
    office_id: int
    office: str
    address: str
    office_phone: str
    window: int | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    held_until: dt.datetime | None
    surname: str
    name: str
    patronymic: str
    phone: str
    user_id: int | None

    @property
    def status(self) -> Status:
        return status(self.state)

    @property
    def is_held(self) -> bool:
        return self.state == State.HELD

    @property
    def is_lapsed(self) -> bool:
        """It was held, and not saved in time."""
        return self.state == State.EXPIRED

    @property
    def must_move(self) -> bool:
        return self.state == State.MUST_MOVE

    @property
    def is_booked(self) -> bool:
        return self.state == State.BOOKED

    @property
    def person(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


def _views(rows: QuerySet[Visit]) -> list[VisitView]:
    fields = (
        "pk", "state", "number", "code", "question_id", question_words(), "office_id", "office__name", "office__address",
        "office__phone", "window__number", "starts_at", "ends_at", "held_until", "surname", "name", "patronymic", "phone",
        "user_id",
    )  # fmt: skip
    return [VisitView(*row) for row in rows.values_list(*fields)]


def questions(*, town_ids: Collection[int] | None) -> list[QuestionView]:
    """Questions that some window serves, in their order, of these towns or of all (None), town by town. One query."""
    rows = Question.objects.filter(
        cnap.open_on(clock.today(), "windows__office__"), is_open=True, windows__is_open=True
    )
    if town_ids is not None:
        rows = rows.filter(town_id__in=town_ids)
    return _questions(rows)


def questions_of_office(*, office_id: int) -> list[QuestionView]:
    """Questions that some open window of the office serves, in their order. One query."""
    return _questions(Question.objects.filter(is_open=True, windows__is_open=True, windows__office=office_id))


def _questions(rows: QuerySet[Question]) -> list[QuestionView]:
    found = rows.select_related("town").order_by("town__name", "town", "position", "name").distinct()
    return [QuestionView(row.pk, row.words, row.minutes, row.town.name) for row in found]


def all_questions(*, town_id: int) -> list[QuestionNames]:
    """Every question of a town, in their order, for its desk. One query."""
    rows = Question.objects.filter(town_id=town_id, is_open=True).order_by("position", "name")
    return [QuestionNames(*row) for row in rows.values_list("pk", "name", "name_en", "minutes")]


def offices_for(*, question_id: int) -> list[int]:
    """Ids of offices where a window serves the question. One query."""
    rows = Window.objects.filter(cnap.open_on(clock.today(), "office__"), questions=question_id, is_open=True)
    return list(rows.order_by("office__name").values_list("office_id", flat=True).distinct())


def count_visits(*, user_id: int) -> int:
    return _shown(user_id).count()


def visits_of(*, user_id: int, limit: int, offset: int = 0) -> list[VisitView]:
    """Booked visits of a person, past ones too: those to be moved first, then newest first. One query."""
    ordered = _shown(user_id).order_by(Case(When(state=State.MUST_MOVE, then=0), default=1), "-starts_at", "-pk")
    return _views(ordered[offset : offset + limit])


def visit(*, user_id: int, visit_id: int) -> VisitView:
    """A visit of the person; `NotFoundError` for other people's."""
    return _only(Visit.objects.filter(user_id=user_id, pk=visit_id))


def visit_of_office(*, office_id: int, visit_id: int) -> VisitView:
    """A visit of an office that was booked or waits for another time, for its desk; `NotFoundError`."""
    return _only(Visit.objects.filter(office_id=office_id, pk=visit_id, state__in=[State.BOOKED, State.MUST_MOVE]))


def _only(rows: QuerySet[Visit]) -> VisitView:
    found = _views(rows)
    if not found:
        raise NotFoundError(_("Такого візиту немає."))
    return found[0]


def _shown(user_id: int) -> QuerySet[Visit]:
    return Visit.objects.filter(user_id=user_id).exclude(state__in=[State.HELD, State.EXPIRED])
