"""The identity of a row (domain.md §5.4), against sums of exact fractions, with and without subsidy and benefit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.exchange.errors import BadPreset, UnreadableFile
from domivka.exchange.examine import parse
from domivka.exchange.preset import parse_preset
from domivka.kernel.period import Period

TEXT = """
title = "Т"
kind = "balances"
formats = ["csv"]
provider = "x"
service = "gas"
optional = ["subsidy", "benefit"]
[columns]
account = ["О/р"]
opening = ["П"]
charged = ["Н"]
correction = ["Кор"]
penalty = ["Пеня"]
subsidy = ["Суб"]
benefit = ["Піл"]
paid = ["С"]
closing = ["К"]
"""
PRESET = parse_preset("мій", TEXT)
SIGNS = {"П": 1, "Н": 1, "Кор": 1, "Пеня": 1, "С": -1, "Суб": -1, "Піл": -1}
KOP = st.integers(-10_000_000, 10_000_000)


def said(kop: int) -> str:
    return f"{'-' if kop < 0 else ''}{abs(kop) // 100},{abs(kop) % 100:02d}"


@given(
    sums=st.fixed_dictionaries(dict.fromkeys(("П", "Н", "Кор", "Пеня", "С"), KOP), optional={"Суб": KOP, "Піл": KOP}),
    off=st.sampled_from([0, 0, 1, -1, 100]),
)
def test_row_is_well_formed_when_its_sums_reach_the_closing(sums: dict[str, int], off: int) -> None:
    reached = sum((SIGNS[name] * Fraction(kop, 100) for name, kop in sums.items()), Fraction(0))
    closing = int(reached * 100) + off
    lines = [";".join(["О/р", *sums, "К"]), ";".join(["1", *(said(kop) for kop in [*sums.values(), closing])])]

    rows, _ = parse("\r\n".join(lines).encode(), preset=PRESET, period=Period(202610))

    assert (rows["reason"].item() == "") == (off == 0)
    assert rows["subsidy_kop"].item() == sums.get("Суб", 0)
    assert rows["benefit_kop"].item() == sums.get("Піл", 0)


def test_column_that_is_not_optional_is_asked_for() -> None:
    strict = parse_preset("мій", TEXT.replace('optional = ["subsidy", "benefit"]\n', ""))

    with pytest.raises(UnreadableFile, match="немає колонок цього шаблону"):
        parse("О/р;П;Н;Кор;Пеня;С;К\r\n1;0;0;0;0;0;0".encode(), preset=strict, period=Period(202610))


@pytest.mark.parametrize("field", ["account", "closing", "street_kind"])
def test_what_makes_a_row_cannot_be_optional(field: str) -> None:
    with pytest.raises(BadPreset, match="в optional є поля"):
        parse_preset("мій", TEXT.replace('"benefit"]', f'"{field}"]'))
