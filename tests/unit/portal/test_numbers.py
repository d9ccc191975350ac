"""How prices are written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domivka.portal.rules.numbers import price_text


@pytest.mark.parametrize(
    ("value", "text"),
    [("27.3000000", "27,30"), ("30.128", "30,128"), ("1354.78", "1\u00a0354,78"), ("0.5", "0,50"), ("100", "100,00")],
)
def test_price_has_two_decimals_or_as_many_as_it_needs(value: str, text: str) -> None:
    assert price_text(Decimal(value)) == text
