"""The vectorised rules equal the scalar reference on random accounts, tariffs and readings; blocks are continuous."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.tariffs.frames import Case, amounts, meter, rate, rated
from tests.unit.tariffs.reference import reference


def decimals(low: int, high: int, scale: int) -> st.SearchStrategy[str]:
    return st.integers(low * 10**scale, high * 10**scale).map(lambda n: str(Decimal(n) / 10**scale))


def spans(month_days: int, parts: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """The month cut into `parts` stretches of days."""
    cuts = st.lists(st.integers(2, month_days), min_size=parts - 1, max_size=parts - 1, unique=True).map(sorted)
    return cuts.map(lambda c: list(zip([1, *c], [*[x - 1 for x in c], month_days], strict=True)))


@st.composite
def cases(draw: st.DrawFn, month_days: int) -> Case:
    structure = draw(st.sampled_from(
        ["single", "zones", "blocks", "two_part_heat", "area", "heated_area", "person", "household", "fixed", "yearly_volume"]
    ))  # fmt: skip
    case = Case(structure=structure, decimals=draw(st.sampled_from([0, 3, 4, 6])))
    if draw(st.booleans()):
        first = draw(st.integers(1, month_days))
        case.days = (first, draw(st.integers(first, month_days)))
    case.area, case.heated = draw(decimals(0, 300, 2)), draw(decimals(0, 300, 2))
    case.load = draw(decimals(0, 5000, 6))
    case.norm_person, case.norm_household = draw(decimals(0, 20, 4)), draw(decimals(0, 20, 4))
    case.norm_m2 = draw(decimals(0, 1, 6))
    people = draw(spans(month_days, draw(st.integers(1, 3))))
    case.people = [(a, b, draw(st.integers(0, 9))) for a, b in people]
    zones = {"zones": draw(st.sampled_from([["single"], ["day", "night"], ["peak", "half_peak", "night"]]))}.get(
        structure, ["single"]
    )
    for n, zone in enumerate(zones * draw(st.integers(0, 2))):
        case.meters.append(draw(registers(zone, n)))
    for version, days in enumerate(draw(spans(month_days, draw(st.integers(1, 3)))), start=1):
        case.rates += draw(versions(structure, zones, version, days))
    return case


@st.composite
def registers(draw: st.DrawFn, zone: str, n: int) -> dict[str, Any]:
    has_average = draw(st.booleans())
    return meter(
        draw(decimals(0, 99_999, 3)),
        draw(st.none() | decimals(0, 99_999, 3)),
        zone=zone,
        meter_id=n,
        is_valid=draw(st.integers(0, 5)) > 0,
        average=draw(decimals(0, 500, 3)) if has_average else None,
        average_days=draw(st.integers(1, 400)) if has_average else None,
        estimated=draw(st.just("0") | decimals(0, 50, 3)),
        months_without=draw(st.integers(0, 6)),
    )


@st.composite
def versions(
    draw: st.DrawFn, structure: str, zones: list[str], version: int, days: tuple[int, int]
) -> list[dict[str, Any]]:
    def one(component: str, **more: Any) -> dict[str, Any]:
        # prices differ, so that «the dearest» is one
        price = str(Decimal(draw(st.integers(1, 10**9))) / 10**7 + Decimal(len(rates)) / 10**7)
        return rate(price, version=version, days=days, component=component, **more)

    rates: list[dict[str, Any]] = []
    if structure == "blocks":
        bounds = sorted(draw(st.lists(st.integers(1, 900), min_size=1, max_size=2, unique=True)))
        for low, high in zip([0, *bounds], [*bounds, None], strict=True):
            rates.append(one("block", **{"from": str(low), "to": None if high is None else str(high)}))
    elif structure == "two_part_heat":
        rates += [one("variable"), one("constant")]
    elif structure == "zones" and zones != ["single"]:
        for zone in zones:
            rates.append(one(zone, coefficient=draw(st.sampled_from(["1", "0.5", "1.5", "0.4"]))))
    else:
        rates.append(one("single"))
    if draw(st.booleans()):
        rates.append(one("subscription"))
    return rates


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from([28, 29, 30, 31]))
def test_vectorised_rules_equal_the_scalar_reference(data: st.DataObject, month_days: int) -> None:
    town = data.draw(st.lists(cases(month_days), min_size=1, max_size=4))

    priced = rated(town, month_days)

    for n, case in enumerate(town, start=1):
        found = [
            (row["component"], row["method"], Decimal(row["volume_e6"]) / 10**6, Decimal(row["amount_kop"]) / 100)
            for row in priced.iter_rows(named=True)
            if row["account_service_id"] == n
        ]
        assert sorted(found) == sorted(reference(case, month_days))


BLOCKS = [
    rate("0.90", component="block", **{"from": "0", "to": "100"}),
    rate("1.68", component="block", **{"from": "100", "to": "600"}),
    rate("2.6413", component="block", **{"from": "600"}),
]


def _block_bill(volume: str) -> int:
    return sum(amounts(Case(structure="blocks", decimals=3, meters=[meter("0", volume)], rates=BLOCKS)))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([100, 600]), st.integers(0, 50))
def test_blocks_are_continuous_at_their_bounds(bound: int, litres: int) -> None:
    below = _block_bill(str(Decimal(bound) - Decimal(litres) / 1000))
    above = _block_bill(str(Decimal(bound) + Decimal(litres) / 1000))

    assert (
        0 <= above - below <= 2 * litres * 264 / 1000 + 2
    )  # at most the dearest price of what was added, and roundings


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_blocks_are_monotone(one: int, other: int) -> None:
    less, more = sorted([one, other])

    assert _block_bill(str(Decimal(less) / 1000)) <= _block_bill(str(Decimal(more) / 1000))
