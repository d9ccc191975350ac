"""What only the design system's own templates need."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import get_language, gettext_lazy

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.portal.rules.numbers import price_text

register = template.Library()


@register.filter
def absolute(value: Money) -> Money:
    """The size of an amount whose sign is said in words."""
    return abs(value)


_MONTHS_LOCATIVE = [
    "січні", "лютому", "березні", "квітні", "травні", "червні",
    "липні", "серпні", "вересні", "жовтні", "листопаді", "грудні",
]  # fmt: skip


@register.filter
def month_name(value: Period | int) -> str:
    """«березень», without the year."""
    return month(value).rsplit(" ", 1)[0]


@register.filter
def month_in(value: Period | int) -> str:
    """«квітні», as in «Сплачено у квітні»; the English name for an English page."""
    if get_language() == "en":
        return month_name(value)
    return _MONTHS_LOCATIVE[Period(value).month - 1]


@register.filter
def add_text(prefix: str, number: int) -> str:
    """`"sum_"|add_text:7` is `sum_7` in every language."""
    return f"{prefix}{number}"


_METHODS = {
    "city_card": gettext_lazy("Картка мешканця"),
    "card": gettext_lazy("картка"),
    "liqpay": gettext_lazy("LiqPay"),
    "bank": gettext_lazy("банк"),
    "provider": gettext_lazy("через надавача"),
}


@register.filter
def payment_method(code: str) -> str:
    """A way of paying in words (seed S1, «Спосіб оплати»)."""
    return str(_METHODS.get(code, code))


@register.filter
def signed(value: Money) -> str:
    """`+120,00` or `−5,10`: a change always shows its sign."""
    return f"+{value}" if value.kop > 0 else str(value)


@register.filter
def price(value: Decimal) -> str:
    """`27,30`, `30,128`: at least two decimals."""
    return price_text(value)
