"""A recalculation on «Чому така сума»: why, by which document, how it is reckoned."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from domivka.billing.queries import LineView
from domivka.billing.recalculation.queries import Reason, RecalculationView
from domivka.kernel.money import Money


def formula_of(line: LineView) -> tuple[Fraction, str]:
    """The sum before rounding, in hryvnias, negative, and its words: «−707,33 грн × 3,3 % × 4». The inputs stand in the line:
    the month's charge, days or hours or person-days, per cent."""
    charged, part = line.base or Decimal(0), line.source_volume or Decimal(0)
    share, words = Fraction(part), _whole(part)
    if line.base_total:
        share /= Fraction(line.base_total)
        words += f" ÷ {_whole(line.base_total)}"
    else:
        share *= Fraction(line.coefficient)
        words = f"{_percent(line.coefficient)} % × {words}"
    shown = _("%(sum)s грн") % {"sum": Money(int(charged * 100))}
    return -Fraction(charged) * share, f"−{shown} × {words}"


def reason_of(line: LineView, act: RecalculationView) -> str:
    """Why, for which days, by which document, and what the clerk noted for the resident."""
    what = _what(line, act)
    document = _("Підстава: %(number)s від %(day)s.") % {"number": act.document, "day": _day(act.document_on)}
    return " ".join(part for part in (what, document, act.note) if part)


def _what(line: LineView, act: RecalculationView) -> str:
    if act.reason == Reason.OUTAGE_HOURS:
        return _("Послуги не було, годин: %(count)s.") % {"count": act.hours}
    first, last = act.first_on or line.period.first_day, act.last_on or line.period.last_day
    span = {"first": _day(max(first, line.period.first_day)), "last": _day(min(last, line.period.last_day))}
    if act.reason == Reason.OUTAGE_DAYS:
        return _("Послуги не було з %(first)s до %(last)s, днів: %(days)s.") % {**span, "days": line.days}
    away = {**span, "people": act.people_away, "part": _whole(line.source_volume or Decimal(0))}
    away["whole"] = _whole(line.base_total or Decimal(0))
    return _(
        "З %(first)s до %(last)s були відсутні (людей: %(people)s). Це %(part)s з %(whole)s людино-днів місяця, за які "
        "нараховано за нормою."
    ) % away  # fmt: skip


def _day(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def _whole(value: Decimal) -> str:
    return str(int(value))


def _percent(coefficient: Decimal) -> str:
    return f"{(coefficient * 100).normalize():f}".replace(".", ",")
