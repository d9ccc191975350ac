"""Benefits on priced lines: vectors to the kopiyka, and equality with a scalar reference."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domivka.tariffs.rules.benefits import HOLDERS, NORMS, PERCENTS, Relief, relieve
from domivka.tariffs.rules.pricing import LINES
from tests.unit.tariffs.frames import Case, frames, meter, plain, rate, rated, scaled
from tests.unit.tariffs.reference import Holder, Norm, benefit_reference
from tests.unit.tariffs.test_properties import cases, decimals

WATER = Norm(person="3.6")


def relieved(town: list[Case], holders: list[list[Holder]], norm: Norm, month_days: int = 31) -> pl.DataFrame:
    """Charge lines of accounts 1, 2… with the benefits of their holders; every holder has a category of their own."""
    accounts = frames(town, month_days)["accounts"].with_columns(
        account_id=pl.col("account_service_id") + 100, service_code=pl.lit("water")
    )
    rows = [
        (n + 100, n * 10 + k, f"{n}-{k}", one.people, one.days[0], one.days[1])
        for n, found in enumerate(holders, start=1)
        for k, one in enumerate(found)
    ]
    percents = [
        (f"{n}-{k}", "water", scaled(one.percent, 2))
        for n, found in enumerate(holders, start=1)
        for k, one in enumerate(found)
    ]
    norms = [(
        "water", scaled(norm.person, 4), scaled(norm.household, 4), scaled(norm.m2, 6), scaled(norm.m2_person, 2),
        scaled(norm.m2_household, 2),
    )]  # fmt: skip
    return relieve(
        lines=rated(town, month_days),
        accounts=accounts,
        relief=Relief(
            pl.DataFrame(rows, schema=HOLDERS, orient="row"),
            pl.DataFrame(percents, schema=PERCENTS, orient="row"),
            pl.DataFrame(norms, schema=NORMS, orient="row"),
        ),
        month_days=month_days,
    )


def given_to(case: Case, holders: list[Holder], norm: Norm, month_days: int = 31) -> list[tuple[str, str, int]]:
    """(component, volume, kopiykas) of each benefit's line of one account."""
    lines = relieved([case], [holders], norm, month_days).filter(pl.col("kind") == "benefit")
    return [(r["component"], plain(r["volume_e6"]), r["amount_kop"]) for r in lines.iter_rows(named=True)]


def flat(used: str, price: str = "30.40", **more: Any) -> Case:
    return Case(meters=[meter("0", used)], rates=[rate(price)], **more)


def test_half_of_a_hundred_kilowatt_hours() -> None:
    case = flat("100", "4.32", decimals=0)

    assert given_to(case, [Holder("50", 1)], Norm(person="100")) == [("single", "100", -216_00)]


def test_only_the_volume_within_the_norm_is_covered() -> None:
    assert given_to(flat("10"), [Holder("75", 2)], WATER) == [("single", "7.2", -164_16)]  # 7.2 × 30.40 × 75 %


def test_less_than_the_norm_is_covered_whole() -> None:
    assert given_to(flat("2.5"), [Holder("75", 2)], WATER) == [("single", "2.5", -57_00)]


def test_whole_charge_is_covered_to_the_kopiyka() -> None:
    case = flat("3.333", "30.4037")

    lines = relieved([case], [[Holder("100", 1)]], WATER)

    assert lines["amount_kop"].sum() == 0


def test_line_keeps_everything_it_was_made_of() -> None:
    (line,) = relieved([flat("10")], [[Holder("75", 2, (11, 31))]], WATER).filter(kind="benefit").to_dicts()

    assert {name: line[name] for name in ("kind", "base_e4", "base_kind", "base_total_e4", "source_e6", "days")} == {
        "kind": "benefit",
        "base_e4": 20_000,  # people
        "base_kind": "1-0",  # category
        "base_total_e4": 750_000,  # per cent
        "source_e6": 4_877_419,  # 7.2 × 21/31
        "days": 21,
    }
    assert (line["volume_e6"], line["method"], line["tariff_version_id"]) == (4_877_000, "meter", 101)


def test_part_of_the_month_has_its_part_of_the_norm_and_of_the_volume() -> None:
    assert given_to(flat("3.1"), [Holder("50", 9, (1, 10))], WATER) == [("single", "1", -15_20)]
    assert given_to(flat("31"), [Holder("50", 1, (22, 31))], Norm(person="3.1")) == [("single", "1", -15_20)]


def test_zones_share_what_is_within_the_norm_and_their_parts_add_up() -> None:
    case = Case(structure="zones", decimals=0, rates=[rate("4.32", component="day"), rate("2.16", component="night")])
    case.meters = [meter("0", "101", zone="day"), meter("0", "50", zone="night")]

    found = given_to(case, [Holder("50", 1)], Norm(person="70", household="30"))

    assert found == [("day", "67", -144_72), ("night", "33", -35_64)]


def test_second_holder_takes_of_what_is_left_and_the_household_counts_once() -> None:
    case = flat("100", "1", decimals=0)

    found = given_to(case, [Holder("50", 1), Holder("75", 1)], Norm(person="30", household="40"))

    assert found == [("single", "70", -52_50), ("single", "30", -15_00)]


def test_holders_together_never_cover_more_than_the_charge() -> None:
    found = relieved([flat("1", "0.01", decimals=0)], [[Holder("100", 1), Holder("100", 1)]], WATER)

    assert found["amount_kop"].to_list() == [1, -1]


def test_household_counts_for_whoever_holds_first_on_the_day() -> None:
    norm = Norm(household="31")

    assert given_to(flat("100", "1", decimals=0), [Holder("50", 1, (1, 10)), Holder("50", 1, (11, 31))], norm) == [
        ("single", "10", -5_00),
        ("single", "21", -10_50),
    ]


def test_area_within_the_norm() -> None:
    case = Case(structure="area", area="62.40", rates=[rate("7.85")])

    assert given_to(case, [Holder("50", 1)], Norm(m2_person="21", m2_household="10.5")) == [
        ("single", "31.5", -123_64)  # 31.5 × 7.85 × 50 % = 123.6375
    ]


def test_people_are_their_own_norm() -> None:
    case = Case(structure="person", decimals=0, people=[(1, 31, 3)], rates=[rate("42.50")])

    assert given_to(case, [Holder("50", 2)], Norm()) == [("single", "2", -42_50)]


def test_heat_has_volume_by_entitled_area_and_the_constant_part_its_share() -> None:
    case = Case(
        structure="two_part_heat", decimals=4, heated="63", load="0.01",
        meters=[meter("0", "4")], rates=[rate("1200", component="variable"), rate("50000", component="constant")],
    )  # fmt: skip

    found = given_to(case, [Holder("100", 1)], Norm(m2="0.04", m2_person="21", m2_household="10.5"))

    assert found == [("constant", "0.005", -250_00), ("variable", "1.26", -1512_00)]


def test_subscription_fee_is_charged_in_full() -> None:
    case = flat("3")
    case.rates.append(rate("15", component="subscription"))

    assert given_to(case, [Holder("100", 1)], WATER) == [("single", "3", -91_20)]


def test_without_a_norm_or_a_per_cent_nothing_is_covered() -> None:
    assert given_to(flat("3"), [Holder("100", 1)], Norm()) == []
    assert given_to(flat("3"), [Holder("0", 1)], WATER) == []


def test_money_back_after_estimates_has_no_benefit() -> None:
    case = Case(meters=[meter("0", "3", estimated="8")], rates=[rate("30.40")])

    assert given_to(case, [Holder("50", 1)], WATER) == []


def test_lines_of_others_are_left_as_they_are() -> None:
    town = [flat("10"), flat("8")]

    found = relieved(town, [[], [Holder("50", 1)]], WATER)

    assert found.columns == list(LINES)
    assert found.filter(pl.col("kind") == "charge").equals(rated(town))
    assert found["account_service_id"].to_list() == [1, 2, 2]


@dataclass
class _Drawn:
    case: Case
    holders: list[Holder]


@st.composite
def drawn(draw: st.DrawFn, month_days: int) -> _Drawn:
    holders = []
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(1, month_days))
        days = (1, month_days) if draw(st.booleans()) else (first, draw(st.integers(first, month_days)))
        holders.append(Holder(draw(decimals(0, 100, 2)), draw(st.integers(1, 9)), days))
    return _Drawn(draw(cases(month_days)), holders)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from([28, 29, 30, 31]))
def test_vectorised_rule_equals_the_scalar_reference(data: st.DataObject, month_days: int) -> None:
    town = data.draw(st.lists(drawn(month_days), min_size=1, max_size=3))
    amount, small, metres = decimals(0, 150, 4), decimals(0, 1, 6), decimals(0, 60, 2)
    norm = Norm(*(data.draw(one) for one in (amount, amount, small, metres, metres)))

    lines = relieved([one.case for one in town], [one.holders for one in town], norm, month_days)

    for n, one in enumerate(town, start=1):
        own = lines.filter(account_service_id=n)
        charges = own.filter(pl.col("kind") != "benefit").to_dicts()
        found = [
            (r["base_kind"], r["component"], Decimal(r["volume_e6"]) / 10**6, r["amount_kop"])
            for r in own.filter(kind="benefit").iter_rows(named=True)
        ]
        expected = benefit_reference(one.case, charges, one.holders, norm, month_days)
        assert sorted(found) == sorted((f"{n}-{k}", *rest) for k, *rest in expected)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from([28, 30, 31]))
def test_benefits_never_exceed_the_charges(data: st.DataObject, month_days: int) -> None:
    one = data.draw(drawn(month_days))

    lines = relieved([one.case], [one.holders], Norm("5", "5", "0.1", "21", "10.5"), month_days)

    given_kop = -lines.filter(kind="benefit")["amount_kop"].sum()
    charged = lines.filter((pl.col("kind") == "charge") & (pl.col("volume_e6") > 0))["amount_kop"].sum()
    assert 0 <= given_kop <= charged
    assert (lines.filter(kind="benefit")["volume_e6"] > 0).all()
