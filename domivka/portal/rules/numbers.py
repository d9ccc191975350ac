"""How prices are written."""

from __future__ import annotations

from decimal import Decimal


def price_text(value: Decimal) -> str:
    """A price: at least two decimals, as many as it has: `27,30`, `30,128`, `1\u00a0354,78`."""
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - a price is never infinite
    text = f"{plain:,.{max(2, -exponent)}f}"
    return text.replace(",", "\u00a0").replace(".", ",").replace("-", "−")
