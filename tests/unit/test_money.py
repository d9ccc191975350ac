from __future__ import annotations

from decimal import Decimal

import pytest

from domivka.kernel.money import Money, price_of


@pytest.mark.parametrize(
    ("volume", "price", "kop"),
    [
        ("4", "80.59", 322_36),
        ("0.5221", "1354.78", 707_33),
        ("51.5", "36.12", 1860_18),
        ("62.4", "7.85", 489_84),
    ],
)
def test_price_of_rounds_half_up_once(volume: str, price: str, kop: int) -> None:
    assert price_of(Decimal(volume), Decimal(price)) == Money(kop)


def test_price_of_half_a_kopiyka_goes_up() -> None:
    assert price_of(Decimal("1"), Decimal("2.675")) == Money(268)
    assert price_of(Decimal("-1"), Decimal("2.675")) == Money(-268)


def test_money_reads_with_no_break_spaces_and_a_real_minus() -> None:
    assert str(Money(-136_652)) == "−1\u00a0366,52"
    assert Money(-136_652).plain() == "-1366.52"


def test_money_refuses_parts_of_a_kopiyka() -> None:
    with pytest.raises(ValueError, match="part of a kopiyka"):
        Money.from_hryvnias("0.005")
