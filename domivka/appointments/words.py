"""States in words."""

from __future__ import annotations

from django.db.models import CharField, F, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from domivka.appointments.rules.states import State
from domivka.cnap.api import Status


def in_language(name: str, name_en: str) -> str:
    """The name of a question in the language that is in force; one without an English name has the only one."""
    return name_en if name_en and get_language() == "en" else name


def question_words() -> F | Coalesce:
    """As `in_language`, in a query of visits."""
    if get_language() != "en":
        return F("question__name")
    return Coalesce(NullIf("question__name_en", Value("")), "question__name", output_field=CharField())


def status(state: str) -> Status:
    label, tone = {
        State.HELD: (_("Час утримано"), "waiting"),
        State.EXPIRED: (_("Не збережено вчасно"), "bad"),
        State.BOOKED: (_("Записано"), "good"),
        State.MUST_MOVE: (_("Потребує перенесення"), "bad"),
        State.CANCELLED: (_("Скасовано"), ""),
        State.ARRIVED: (_("Очікує в залі"), "waiting"),
        State.CALLED: (_("Викликано"), "waiting"),
        State.SERVED: (_("Прийнято"), "good"),
        State.NO_SHOW: (_("Не з'явився"), "bad"),
    }[State(state)]
    return Status(label, tone)
