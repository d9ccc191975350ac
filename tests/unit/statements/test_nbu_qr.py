from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.kernel.clock import KYIV
from domivka.kernel.money import Money
from domivka.statements.rules.nbu_qr import QrRefused, Transfer, clean, format_002, format_003, parse

PAYEE = Transfer(
    recipient="КП «Міськводоканал»",
    iban="UA503004650000026001234567890",
    recipient_code="12345678",
    purpose="Водопостачання за 03.2026; О/Р 101",
    amount=Money(322_36),
    reference="000101-202603",
    valid_until=dt.datetime(2026, 4, 30, 23, 59, 59, tzinfo=KYIV),
    created_at=dt.datetime(2026, 4, 5, 9, 0, tzinfo=KYIV),
)
GOLDEN_002 = (
    "https://bank.gov.ua/qr/QkNECjAwMgoxClVDVAoK0JrQnyDCq9Cc0ZbRgdGM0LrQstC-0LTQvtC60LDQvdCw0LvCuwpVQTUwMzAwNDY1MDAwMDAyN"
    "jAwMTIzNDU2Nzg5MApVQUgzMjIuMzYKMTIzNDU2NzgKCgrQktC-0LTQvtC_0L7RgdGC0LDRh9Cw0L3QvdGPINC30LAgMDMuMjAyNjsg0J4v0KAgMTAxCgo"
)
GOLDEN_003 = (
    "https://qr.bank.gov.ua/QkNECjAwMwoyCklDVAoKys8gq8yz8fzq4u7k7urg7eDruwpVQTUwMzAwNDY1MDAwMDAyNjAwMTIzNDU2Nzg5MApVQUgzM"
    "jIuMzYKMTIzNDU2NzgKU1VQUC9TVVBQCjAwMDEwMS0yMDI2MDMKwu7k7u_u8fLg9-Dt7f8g5-AgMDMuMjAyNjsgzi_QIDEwMQoKRkVGRgoyNjA0MzAyMz"
    "U5NTkKMjYwNDA1MDkwMDAwCg"
)


def test_format_002_equals_the_golden_vector() -> None:
    assert format_002(PAYEE) == GOLDEN_002


def test_format_003_equals_the_golden_vector() -> None:
    assert format_003(PAYEE) == GOLDEN_003


def test_clean_keeps_what_the_standard_allows() -> None:
    assert clean("Пʼята\nвул.\u00a0Ґонти 👍 №7") == "П’ята вул. Ґонти №7"


def test_transfer_without_an_amount_lets_the_payer_type_it() -> None:
    assert parse(format_003(Transfer("КП", PAYEE.iban, "12345678", "за воду")))["amount"] == ""


@pytest.mark.parametrize("kop", [0, -1, 10**11])
def test_amount_outside_the_standard_is_refused(kop: int) -> None:
    with pytest.raises(QrRefused, match="amount"):
        format_003(Transfer("КП", PAYEE.iban, "12345678", "за воду", Money(kop)))


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=600), st.integers(1, 10**11 - 1))
def test_any_names_give_a_code_within_the_limits_that_reads_back(recipient: str, purpose: str, kop: int) -> None:
    recipient, purpose = "КП " + recipient, "за " + purpose

    if len(clean(recipient)) > 140 or len(clean(purpose)) > 420:
        recipient, purpose = clean(recipient)[:140], clean(purpose)[:420]
    text = format_003(Transfer(recipient, PAYEE.iban, "12345678", purpose, Money(kop)))

    assert len(text) <= 507
    fields = parse(text)
    assert fields["recipient"] == clean(recipient)
    assert clean(purpose).startswith(fields["purpose"])
    assert fields["amount"] == f"UAH{Money(kop).plain()}"


def test_longest_link_fits_version_17_at_level_m() -> None:
    text = format_003(Transfer("К" * 140, PAYEE.iban, "12345678", "в" * 420, Money(1), "1" * 35))

    assert len(text) <= 504


def test_purpose_is_cut_to_what_banks_show() -> None:
    fields = parse(format_003(Transfer("КП", PAYEE.iban, "12345678", "в" * 420)))

    assert len(fields["purpose"]) <= 290


def test_link_may_be_kept_shorter_for_a_coarser_code() -> None:
    transfer = Transfer("КП «Міськводоканал»", PAYEE.iban, "12345678", "за воду " * 40, Money(1))

    text = format_003(transfer, most=362)

    assert len(text) <= 362
    assert parse(text)["purpose"].startswith("за воду за воду")
