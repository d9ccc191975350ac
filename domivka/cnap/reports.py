"""What the head of the centre asks: load, waiting, overdue, refusals by reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Q

from domivka.cnap.models import Application, Consultation
from domivka.cnap.rules.states import State

_OPEN = Q(state__in=[State.WAITING, State.INCOMPLETE])


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue now: how many wait, how many of them are overdue, how many nobody has taken."""

    waiting: int
    overdue: int
    nobodys: int


@dataclass(frozen=True, slots=True)
class Load:
    """One administrator: what is on the desk now and what was answered in the span; `late` after the term."""

    name: str
    open: int
    answered: int
    late: int


@dataclass(frozen=True, slots=True)
class Refusals:
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    consultations: Waiting
    applications: Waiting
    load: tuple[Load, ...]
    refusals: tuple[Refusals, ...]


def report(*, town_ids: Collection[int], first: dt.datetime, last: dt.datetime, today: dt.date) -> Report:
    """Of these towns; answers and refusals from `first` up to `last`. Five queries."""
    questions = Consultation.objects.filter(office__town_id__in=town_ids)
    papers = Application.objects.filter(offer__office__town_id__in=town_ids)
    load: dict[int, Load] = {}
    for rows in (questions, papers):
        in_span = Q(answered_at__gte=first, answered_at__lt=last)
        counted = (
            rows.exclude(taken_by=None)
            .values("taken_by_id", "taken_by__surname", "taken_by__name")
            .annotate(
                open=Count("pk", filter=_OPEN),
                answered=Count("pk", filter=in_span),
                late=Count("pk", filter=in_span & Q(answered_at__date__gt=F("due_on"))),
            )
        )
        for one in counted:
            known = load.get(one["taken_by_id"], Load("", 0, 0, 0))
            load[one["taken_by_id"]] = Load(
                f"{one['taken_by__surname']} {one['taken_by__name']}".strip(),
                known.open + one["open"],
                known.answered + one["answered"],
                known.late + one["late"],
            )
    refused = papers.filter(state=State.REFUSED, answered_at__gte=first, answered_at__lt=last)
    by_reason = (
        refused.values_list("refusal_reason__name")
        .annotate(times=Count("pk"))
        .order_by("-times", "refusal_reason__name")
    )
    waiting = [
        Waiting(
            **rows.aggregate(
                waiting=Count("pk", filter=_OPEN),
                overdue=Count("pk", filter=_OPEN & Q(due_on__lt=today)),
                nobodys=Count("pk", filter=_OPEN & Q(taken_by=None)),
            )
        )
        for rows in (questions, papers)
    ]
    return Report(
        waiting[0],
        waiting[1],
        tuple(sorted(load.values(), key=lambda one: (-one.open, one.name))),
        tuple(Refusals(reason, times) for reason, times in by_reason),
    )
