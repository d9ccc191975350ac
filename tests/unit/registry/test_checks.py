"""The vectors of domain.md §1."""

from __future__ import annotations

import pytest

from domivka.registry.rules import checks


@pytest.mark.parametrize(
    "code",
    [
        "32855961",
        "23226362",
        "23246880",
        "25083040",
        "14360570",
        "00032129",
        "20077720",
        "30000119",
        "30000222",
        "30000440",
        "10000640",
        "12345678",
    ],
)
def test_edrpou_accepts_right_check_digits(code: str) -> None:
    assert checks.edrpou_is_valid(code)


@pytest.mark.parametrize("code", ["32855968", "00000000", "40723825", "3285596", "328559611", "3285596А", "٣2855961"])
def test_edrpou_refuses_wrong_ones(code: str) -> None:
    assert not checks.edrpou_is_valid(code)


@pytest.mark.parametrize("number", ["1759013776", "3287300123", "3121204212", "3725577728", "1234567899"])
def test_rnokpp_accepts_right_check_digits(number: str) -> None:
    assert checks.rnokpp_is_valid(number)


@pytest.mark.parametrize("number", ["1759013770", "1234567890", "0000000000", "175901377", "17590137766"])
def test_rnokpp_refuses_wrong_ones(number: str) -> None:
    assert not checks.rnokpp_is_valid(number)


@pytest.mark.parametrize(
    "iban",
    [
        "UA393052990000026006060365696",
        "UA213223130000026007233566001",
        "UA903052992990004149123456789",
        "UA503004650000026001234567890",
        "UA053220010000026001234567890",
        "ua39 3052 9900 0002 6006 0603\u00a065696",
    ],
)
def test_iban_accepts_remainder_one(iban: str) -> None:
    assert checks.iban_is_valid(iban)


@pytest.mark.parametrize(
    "iban",
    [
        "UA393052990000026006060365697",
        "UA903052992990004149123456780",
        "UA783226690000026005012107132",
        "UA39305299000002600606036569",
        "PL393052990000026006060365696",
    ],
)
def test_iban_refuses_others(iban: str) -> None:
    assert not checks.iban_is_valid(iban)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("+380671234567", "+380671234567"),
        ("0673332221", "+380673332221"),
        ("(066) 123 45 67", "+380661234567"),
        ("38 063 03 05 004", "+380630305004"),
        ("80671234567", "+380671234567"),
        ("671234567", "+380671234567"),
        ("0 800 216 612", "+380800216612"),
        ("067123456", None),
        ("+38067123456789", None),
        ("+381671234567", None),
    ],
)
def test_phone_is_written_one_way(written: str, normal: str | None) -> None:
    assert checks.normal_phone(written) == normal


def test_toll_free_number_is_told_apart() -> None:
    assert checks.is_toll_free("0 800 216 612")
    assert not checks.is_toll_free("0673332221")


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("UA71020000000057292", "raion"),
        ("UA71020130000086047", "hromada"),
        ("UA80000000000093317", "region"),
        ("UA05020030010063857", "settlement"),
    ],
)
def test_katottg_level_is_its_deepest_group(code: str, level: str) -> None:
    assert checks.katottg_level(code) == level


@pytest.mark.parametrize("code", ["UA7102013000008604", "7102013000008604700"])
def test_katottg_refuses_other_lengths(code: str) -> None:
    assert not checks.katottg_is_valid(code)


def test_postal_index_has_five_digits_and_a_band() -> None:
    assert checks.postal_index_is_valid("51400")
    assert checks.postal_index_is_valid("96001")
    assert not checks.postal_index_is_valid("00400")
    assert not checks.postal_index_is_valid("051400")
