"""Geometry of charts."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domivka.portal.rules import charts

amounts = st.decimals(min_value=0, max_value=10_000_000, places=2)


def bars_of(values: list[Decimal | None], size: tuple[int, int] = charts.NARROW) -> tuple[charts.Bar, ...]:
    text = [str(value) for value in values]
    series = charts.Series("нараховано", values, text)
    return charts.columns([str(index) for index in range(len(values))], [series], size=size).bars


def test_scale_has_round_marks_up_to_the_top() -> None:
    assert charts.scale_of(Decimal("322.36")) == [0, 100, 200, 300, 400]
    assert charts.scale_of(Decimal("0.9")) == [0, Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), 1]


def test_scale_of_nothing_is_still_a_scale() -> None:
    assert charts.scale_of(Decimal(0)) == [0, 1]


@given(amounts.filter(bool))
def test_scale_always_covers_the_top_with_few_marks(top: Decimal) -> None:
    marks = charts.scale_of(top)

    assert marks[-2] < top <= marks[-1]
    assert 3 <= len(marks) <= 6


def test_tick_text_reads_as_people_write() -> None:
    assert [charts.tick_text(Decimal(value)) for value in ("0", "1500", "0.25", "100")] == [
        "0",
        "1\u00a0500",
        "0,25",
        "100",
    ]


def test_columns_are_as_tall_as_their_values() -> None:
    full, half, none = bars_of([Decimal(400), Decimal(200), Decimal(0)])

    assert (full.height, half.height, none.height) == (196, 98, 0)
    assert full.y + full.height == half.y + half.height == none.y == 206


def test_columns_leave_a_gap_where_nothing_is_known() -> None:
    assert [bar.title for bar in bars_of([Decimal(1), None, Decimal(2)])] == ["0, нараховано: 1", "2, нараховано: 2"]


def test_columns_draw_a_negative_value_as_zero_and_say_it() -> None:
    (bar, _) = bars_of([Decimal("-5"), Decimal(10)])

    assert (bar.height, bar.title) == (0, "0, нараховано: -5")


@given(st.lists(amounts, min_size=1, max_size=24))
def test_columns_stay_inside_the_drawing_and_do_not_overlap(values: list[Decimal]) -> None:
    bars = bars_of(list(values))

    assert all(bar.x >= 46 and bar.x + bar.width <= 360 and 10 <= bar.y <= 206 for bar in bars)
    assert all(left.x + left.width <= right.x for left, right in itertools.pairwise(bars))


def test_steps_hold_a_price_until_the_next_one() -> None:
    plot = charts.steps(["2025", "2026"], [Decimal(10), Decimal(20)], [Decimal(0), Decimal("0.5")], size=charts.NARROW)

    assert plot.path == "M46 108H201V10H356"


def test_ring_of_quarters_has_equal_slices() -> None:
    slices = charts.ring([("а", Decimal(25)), ("б", Decimal(75))])

    assert [one.tone for one in slices] == [1, 2]
    assert slices[0].path == "M100.00 0.00A100 100 0 0 1 200.00 100.00L162.00 100.00A62 62 0 0 0 100.00 38.00Z"


def test_ring_of_one_share_is_whole() -> None:
    (only,) = charts.ring([("усе", Decimal(100))])

    assert only.path.count("A100 100") == 2


def test_ring_of_nothing_is_empty() -> None:
    assert charts.ring([("а", Decimal(0))]) == ()


@given(st.lists(st.decimals(min_value="0.01", max_value=100, places=2), min_size=1, max_size=12))
def test_ring_has_only_numbers_that_svg_reads(percents: list[Decimal]) -> None:
    for one in charts.ring([("", percent) for percent in percents]):
        assert re.fullmatch(r"[MALZ0-9. -]+", one.path)


def test_drawing_escapes_words_and_writes_plain_numbers() -> None:
    series = charts.Series("Вода <b>", [Decimal(1500)], ["1 500"])

    plot = charts.columns(["жов"], [series], size=charts.NARROW, highlight=0)

    assert "<title>жов, Вода &lt;b&gt;: 1 500</title>" in plot.svg
    assert '<text x="40" y="210" text-anchor="end">0</text>' in plot.svg
    assert plot.svg.count("<rect") == 2
