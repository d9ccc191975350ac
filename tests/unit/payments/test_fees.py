from __future__ import annotations

from decimal import Decimal

import pytest

from domivka.kernel.period import Period
from domivka.payments.rules.fees import PURPOSE_LIMIT, commission_kop, purpose


@pytest.mark.parametrize(
    ("amount", "percent", "fee"),
    [
        (869_27, "2.9024", 25_23),  # seed S1
        (1021_00, "0.1273", 1_30),  # seed S1
        (1264_70, "0", 0),
        (50, "1", 1),  # half a kopiyka goes up
        (49, "1", 0),
    ],
)
def test_commission_is_rounded_half_up_once(amount: int, percent: str, fee: int) -> None:
    assert commission_kop(amount_kop=amount, percent=Decimal(percent)) == fee


def test_purpose_names_service_account_and_month() -> None:
    text = purpose(service="Водопостачання", account_number="00101", period=Period(202610))

    assert text == "за послугу Водопостачання, О/Р 00101, за 10.2026, без ПДВ"


def test_purpose_is_cut_to_what_a_bank_takes() -> None:
    text = purpose(service="Ж" * 1000, account_number="7", period=Period(202610))

    assert len(text) == PURPOSE_LIMIT
    assert text.endswith("Ж, О/Р 7, за 10.2026, без ПДВ")
