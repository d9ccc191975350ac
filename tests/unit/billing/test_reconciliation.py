from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domivka.billing.rules.reconciliation import Mismatch, StatedMonth, mismatches
from domivka.kernel.period import Period

EKS_WATER = [  # seed S1: tariff, charged, paid, closing balance, as printed
    (201806, 85_34, 45_93, -1352_98),
    (201807, 83_84, 98_93, -1353_87),
    (201808, 27_47, 58_93, -1321_64),
    (201809, 67_54, 86_93, -1843_12),
    (201810, 94_33, 47_93, -1578_42),
    (201811, 48_90, 16_93, -1734_64),
    (201812, 74_46, 63_93, -1743_78),
    (201901, 234_64, 13_93, -1235_58),
    (201902, 84_96, 532_93, -1311_53),
    (201903, 567_97, 51_93, -1263_21),
    (201904, 48_90, 124_93, -1366_52),
]


def test_months_that_follow_have_no_mismatch() -> None:
    months = [
        StatedMonth(Period(202601), charged_kop=322_36, paid_kop=0, closing_kop=346_54),
        StatedMonth(Period(202602), 100_00, 346_54, 95_00, corrected_kop=-10_00, relieved_kop=-5_00),
    ]

    assert mismatches(months, opening_kop=24_18) == []


def test_printed_bill_of_seed_s0_reconciles() -> None:
    hot_water = StatedMonth(Period(201811), charged_kop=322_36, paid_kop=24_18, closing_kop=322_36)
    heating = StatedMonth(Period(201811), charged_kop=707_33, paid_kop=104_32, closing_kop=707_33)

    assert mismatches([hot_water], opening_kop=24_18) == []
    assert mismatches([heating], opening_kop=104_32) == []


def test_cabinet_of_seed_s0_reconciles() -> None:
    march = Period(202003)

    assert mismatches([StatedMonth(march, 56_05, 0, 0)], opening_kop=-56_05) == []
    assert mismatches([StatedMonth(march, 1306_47, 0, 3058_15)], opening_kop=1751_68) == []
    assert mismatches([StatedMonth(march, 0, 0, 274_42)], opening_kop=274_42) == []
    assert 3058_15 + 274_42 == 3332_57


def test_table_of_seed_s1_does_not_reconcile_under_either_sign() -> None:
    as_debt = [StatedMonth(Period(p), charged, paid, closing) for p, charged, paid, closing in EKS_WATER]
    as_credit = [StatedMonth(Period(p), charged, paid, -closing) for p, charged, paid, closing in EKS_WATER]

    assert len(mismatches(as_debt)) == 10
    assert len(mismatches(as_credit)) == 10
    assert {m.period: m.difference_kop for m in mismatches(as_credit)}[Period(201808)] == -77
    assert {m.period: m.difference_kop for m in mismatches(as_credit)}[Period(201812)] == -1_39


def test_one_slip_is_reported_once() -> None:
    months = [
        StatedMonth(Period(202601), 100, 0, 100),
        StatedMonth(Period(202602), 100, 0, 201),
        StatedMonth(Period(202603), 100, 0, 301),
    ]

    assert mismatches(months, opening_kop=0) == [Mismatch(Period(202602), stated_kop=201, expected_kop=200)]


@given(st.integers(-9999, 9999), st.lists(st.tuples(*[st.integers(0, 9999)] * 4), min_size=1, max_size=12))
def test_states_made_by_the_identity_always_reconcile(opening: int, moves: list[tuple[int, int, int, int]]) -> None:
    months, balance = [], opening
    for n, (charged, paid, corrected, relieved) in enumerate(moves):
        balance += charged + corrected - relieved - paid
        months.append(StatedMonth(Period(202601).shift(n), charged, paid, balance, corrected, relieved))

    assert mismatches(list(reversed(months)), opening_kop=opening) == []
