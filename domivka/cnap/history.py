"""What happened to a consultation or an application, oldest first, and what comes next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
from django.utils.translation import gettext as _

from domivka.cnap.rules.states import INSIDE, Event, State
from domivka.cnap.words import event


@dataclass(frozen=True, slots=True)
class StepView:
    """A step for the timeline component; `at` is None for what is still to come."""

    label: str
    at: dt.datetime | None
    note: str = ""
    state: str = "done"


def told(steps: QuerySet[Any], *, inside: bool) -> QuerySet[Any]:
    """Steps with `told`, their note. Not `inside`, for the resident: without who gave it to whom of the administrators, and why."""
    if inside:
        seen: QuerySet[Any] = steps.annotate(told=F("note"))
    else:
        note = Case(When(event=Event.TAKE, then=Value("")), default=F("note"))
        seen = steps.exclude(event__in=INSIDE).annotate(told=note)
    return seen.order_by("pk")


def history(
    *,
    begun: str,
    created_at: dt.datetime,
    steps: QuerySet[Any],
    state: str,
    due_on: dt.date | None,
    inside: bool,
) -> tuple[StepView, ...]:
    """`begun` names the first step («Заяву створено»); the last one says whose turn it is while nothing is decided.

    See `told` for `inside`.
    """
    found = [
        StepView(begun, created_at),
        *(
            StepView(event(one.event), one.at, one.told, "failed" if one.event == Event.REFUSE else "done")
            for one in told(steps, inside=inside)
        ),
    ]
    if state == State.DRAFT:
        found.append(StepView(_("Ще не відправлено адміністратору ЦНАП"), None, "", "now"))
    elif state == State.INCOMPLETE:
        found.append(StepView(_("Чекаємо на документ"), None, "", "now"))
    elif state == State.WAITING and due_on is not None:
        words = _("Розглядає адміністратор ЦНАП. Строк відповіді: до %(day)s") % {"day": f"{due_on:%d.%m.%Y}"}
        found.append(StepView(words, None, "", "now"))
    return tuple(found)
