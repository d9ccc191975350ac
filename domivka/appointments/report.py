"""How an office worked over a span of days: load by day, hour, weekday and question; waiting, forecasts, absences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, ExpressionWrapper, F, FloatField, Q, QuerySet
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Abs, Coalesce, Extract, ExtractHour, ExtractIsoWeekDay
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from domivka.appointments.models import Visit
from domivka.appointments.rules.slots import KYIV
from domivka.appointments.rules.states import State
from domivka.appointments.words import question_words
from domivka.kernel import spreadsheet


@dataclass(frozen=True, slots=True)
class Load:
    """What a day, an hour, a question had; minutes on average, None when there was nothing to measure. `forecast_error` is how
    far the forecasts were from the truth."""

    key: Any
    name: str
    booked: int
    walked_in: int
    served: int
    no_shows: int
    waited: float | None
    forecast: float | None
    forecast_error: float | None
    lasted: float | None

    @property
    def no_show_percent(self) -> int | None:
        """Of those who were served or did not come."""
        ended = self.served + self.no_shows
        return round(100 * self.no_shows / ended) if ended else None


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the report."""

    title: str
    head: str
    rows: Sequence[Load]


@dataclass(frozen=True, slots=True)
class Report:
    """A span of days, both included; `total` is None when there were no visits."""

    total: Load | None
    sections: tuple[Section, ...]


_COUNTED = [State.BOOKED, State.ARRIVED, State.CALLED, State.SERVED, State.NO_SHOW]


def report(*, office_id: int, first: dt.date, last: dt.date) -> Report:
    """Five queries."""
    rows = Visit.objects.filter(office_id=office_id, day__range=(first, last), state__in=_COUNTED)
    came = Coalesce("starts_at", "arrived_at")
    total = _loads(rows, F("office_id"), lambda _key: _("Усього"))
    days = _loads(rows, F("day"), lambda key: f"{key:%d.%m.%Y}")
    weekdays = _loads(rows, ExtractIsoWeekDay("day"), lambda key: str(WEEKDAYS[key - 1]))
    hours = _loads(rows, ExtractHour(came, tzinfo=KYIV), lambda key: f"{key:02}:00 – {key + 1:02}:00")
    questions = _loads(rows, question_words(), str)
    return Report(
        total[0] if total else None,
        (
            Section(_("За днями"), _("День"), days[::-1]),
            Section(_("За днями тижня"), _("День тижня"), weekdays),
            Section(_("За годинами"), _("Година"), hours),
            Section(_("За питаннями"), _("Питання"), questions),
        ),
    )


def report_csv(found: Report) -> str:
    """The report for a spreadsheet: a row for each row of each table; semicolons, decimal points."""
    lines = [spreadsheet.line([
        _("Розріз"), _("Значення"), _("За записом"), _("Без запису"), _("Прийнято"), _("Не з'явились"), _("Чекали, хв"),
        _("Прогноз, хв"), _("Похибка прогнозу, хв"), _("Прийом, хв"),
    ])]  # fmt: skip
    for section in found.sections:
        for row in section.rows:
            measured = (row.waited, row.forecast, row.forecast_error, row.lasted)
            lines.append(spreadsheet.line([
                section.title, row.name, row.booked, row.walked_in, row.served, row.no_shows,
                *("" if one is None else f"{one:.1f}" for one in measured),
            ]))  # fmt: skip
    return "".join(lines)


def _loads(rows: QuerySet[Visit], key: Combinable, name: Callable[[Any], str]) -> list[Load]:
    """Visits by a key, in its order."""
    waited = _minutes(F("called_at") - F("arrived_at"))
    was_called = Q(called_at__isnull=False)
    found = (
        rows.values(key=key)
        .annotate(
            booked=Count("pk", filter=Q(starts_at__isnull=False)),
            walked_in=Count("pk", filter=Q(starts_at__isnull=True)),
            served=Count("pk", filter=Q(state=State.SERVED)),
            no_shows=Count("pk", filter=Q(state=State.NO_SHOW)),
            waited=Avg(waited, filter=was_called),
            forecast=Avg("forecast_minutes", filter=was_called),
            forecast_error=Avg(Abs(waited - F("forecast_minutes")), filter=was_called),
            lasted=Avg(_minutes(F("ended_at") - F("called_at")), filter=Q(state=State.SERVED)),
        )
        .order_by("key")
    )
    return [Load(name=name(row["key"]), **row) for row in found]


def _minutes(length: Combinable) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(Extract(length, "epoch") / 60.0, output_field=FloatField())
