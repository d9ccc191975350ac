"""What the head of the centre asks: load, waiting, overdue, refusals by reason, by office and by service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from domivka.cnap.models import Application, Consultation
from domivka.cnap.queue import OPEN
from domivka.cnap.rules.states import State
from domivka.kernel.clock import KYIV

_OPEN: Final = Q(state__in=OPEN)
_ANSWERED_ON: Final = TruncDate("answered_at", tzinfo=KYIV)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both in it; of one office or service, or of all (None)."""

    first: dt.date
    last: dt.date
    office_id: int | None = None
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An office, a service or a whole queue: what came and was answered in the span, what waits today.

    `late` was answered after its term; `days` is how long an answer took on average, None when there was none.
    """

    name: str
    received: int
    answered: int
    refused: int
    late: int
    days: float | None
    waiting: int
    overdue: int
    nobodys: int


@dataclass(frozen=True, slots=True)
class Load:
    """One administrator: what is on the desk today and what was answered in the span; `late` after the term."""

    name: str
    open: int
    answered: int
    late: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """`share` is in per cent of all refusals of the span, rounded."""

    reason: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Report:
    """`consultations` is None when one service is asked for: questions have no service."""

    consultations: Line | None
    applications: Line
    offices: tuple[Line, ...]
    services: tuple[Line, ...]
    load: tuple[Load, ...]
    refusals: tuple[Refusals, ...]


def report(*, town_ids: Collection[int], span: Span, today: dt.date) -> Report:
    """Of these towns. Eight queries; five of one service."""
    questions = Consultation.objects.filter(office__town_id__in=town_ids).exclude(state=State.DRAFT)
    papers = Application.objects.filter(offer__office__town_id__in=town_ids).exclude(state=State.DRAFT)
    if span.office_id:
        questions, papers = questions.filter(office=span.office_id), papers.filter(offer__office=span.office_id)
    if span.service_id:
        questions, papers = questions.none(), papers.filter(offer__service=span.service_id)
    sums = _sums(span, today)
    several = len(town_ids) > 1
    by_office = [*_lines(questions, "office", several, sums), *_lines(papers, "offer__office", several, sums)]
    return Report(
        None if span.service_id else _whole(_("Звернення"), questions, sums),
        _whole(_("Заяви"), papers, sums),
        tuple(_joined(by_office)),
        tuple(line for _service, line in _lines(papers, "offer__service", several, sums)),
        _load((questions, papers), sums),
        _refusals(papers, span),
    )


def _sums(span: Span, today: dt.date) -> dict[str, Any]:
    first, last = (dt.datetime.combine(day, dt.time(), KYIV) for day in (span.first, span.last + dt.timedelta(days=1)))
    answered = Q(answered_at__gte=first, answered_at__lt=last)
    return {
        "received": Count("pk", filter=Q(sent_at__gte=first, sent_at__lt=last)),
        "answered": Count("pk", filter=answered),
        "refused": Count("pk", filter=answered & Q(state=State.REFUSED)),
        "late": Count("pk", filter=answered & Q(answered_on__gt=F("due_on"))),
        "took": Avg(F("answered_at") - F("sent_at"), filter=answered),
        "waiting": Count("pk", filter=_OPEN),
        "overdue": Count("pk", filter=_OPEN & Q(due_on__lt=today)),
        "nobodys": Count("pk", filter=_OPEN & Q(taken_by=None)),
    }


def _whole(name: str, rows: QuerySet[Any], sums: dict[str, Any]) -> Line:
    return _line(name, rows.annotate(answered_on=_ANSWERED_ON).aggregate(**sums))


def _lines(rows: QuerySet[Any], of: str, several: bool, sums: dict[str, Any]) -> list[tuple[int, Line]]:
    """A line for each office or service (`of`) with its id, in the order of their names; the town is named where there
    are several, for two of them may call a centre or a service the same."""
    names = [f"{of}__name", f"{of}__town__name"] if several else [f"{of}__name"]
    found = rows.annotate(answered_on=_ANSWERED_ON).values(of, *names).annotate(**sums).order_by(*names)
    lines = ((one[of], _line(", ".join(one[name] for name in names), one)) for one in found)
    return [(pk, line) for pk, line in lines if line.received or line.answered or line.waiting]


def _line(name: str, one: dict[str, Any]) -> Line:
    took: dt.timedelta | None = one["took"]
    days = None if took is None else round(took / dt.timedelta(days=1), 1)
    counts = {key: one[key] for key in ("received", "answered", "refused", "late", "waiting", "overdue", "nobodys")}
    return Line(name=name, days=days, **counts)


def _joined(lines: Collection[tuple[int, Line]]) -> Iterator[Line]:
    """Questions and applications of one office together; the average is weighed by the number of answers."""
    for pk, name in sorted({(pk, line.name) for pk, line in lines}, key=lambda office: office[1]):
        own = [line for of, line in lines if of == pk]
        answered = sum(line.answered for line in own)
        took = sum((line.days or 0) * line.answered for line in own)
        yield Line(
            name,
            sum(line.received for line in own),
            answered,
            sum(line.refused for line in own),
            sum(line.late for line in own),
            round(took / answered, 1) if answered else None,
            sum(line.waiting for line in own),
            sum(line.overdue for line in own),
            sum(line.nobodys for line in own),
        )


def _load(queues: Collection[QuerySet[Any]], sums: dict[str, Any]) -> tuple[Load, ...]:
    wanted = {"open": sums["waiting"], "answered": sums["answered"], "late": sums["late"]}
    load: dict[int, Load] = {}
    for rows in queues:
        taken = rows.exclude(taken_by=None).annotate(answered_on=_ANSWERED_ON)
        for one in taken.values("taken_by_id", "taken_by__surname", "taken_by__name").annotate(**wanted):
            known = load.get(one["taken_by_id"], Load("", 0, 0, 0))
            load[one["taken_by_id"]] = Load(
                f"{one['taken_by__surname']} {one['taken_by__name']}".strip(),
                known.open + one["open"],
                known.answered + one["answered"],
                known.late + one["late"],
            )
    found = (one for one in load.values() if one.open or one.answered)
    return tuple(sorted(found, key=lambda one: (-one.open, one.name)))


def _refusals(papers: QuerySet[Application], span: Span) -> tuple[Refusals, ...]:
    refused = papers.annotate(answered_on=_ANSWERED_ON).filter(
        state=State.REFUSED, answered_on__gte=span.first, answered_on__lte=span.last
    )
    by_reason = list(
        refused.values_list("refusal_reason__name")
        .annotate(times=Count("pk"))
        .order_by("-times", "refusal_reason__name")
    )
    total = sum(times for _reason, times in by_reason)
    return tuple(Refusals(reason or "", times, round(100 * times / total)) for reason, times in by_reason)
