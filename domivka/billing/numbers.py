"""Numbers in the words of an explanation."""

from __future__ import annotations

from decimal import Decimal


def number(value: Decimal) -> str:
    """`1 354,78`: no trailing zeros, decimal comma, no-break thousands."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", "\u00a0").replace(".", ",").replace("-", "−")


def money_number(value: Decimal) -> str:
    """A price: two decimals at least, as «80,50», more where the tariff has them."""
    text = number(value)
    whole, comma, part = text.partition(",")
    return f"{whole},{part:0<2}" if comma else f"{whole},00"
