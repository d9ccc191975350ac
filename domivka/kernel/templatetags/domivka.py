"""How amounts, months and volumes are written on every page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils.translation import get_language

from domivka.kernel.money import Money
from domivka.kernel.months import MONTHS, MONTHS_GENITIVE
from domivka.kernel.period import Period

register = template.Library()

_WEEKDAYS = {
    "uk": ["понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}


def _language() -> str:
    return "en" if get_language() == "en" else "uk"


@register.filter
def money(value: Money | int | None) -> str:
    """`1 264,70` with no-break spaces; an int is kopiykas; nothing is an en dash."""
    if value is None:
        return "–"
    return str(value if isinstance(value, Money) else Money(value))


@register.filter
def month(value: Period | int) -> str:
    """«жовтень 2026»."""
    period = Period(value)
    return f"{MONTHS[_language()][period.month - 1]} {period.year}"


@register.filter
def day_words(value: dt.date) -> str:
    """«20 грудня, неділя»."""
    words = _language()
    return f"{value.day} {MONTHS_GENITIVE[words][value.month - 1]}, {_WEEKDAYS[words][value.weekday()]}"


@register.filter
def volume(value: Decimal | None) -> str:
    """A volume without trailing zeros, decimal comma, no-break thousands; nothing is an en dash."""
    if value is None:
        return "–"
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", "\u00a0").replace(".", ",").replace("-", "−")
