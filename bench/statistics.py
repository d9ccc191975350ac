"""Statistics of a month that staff ask for: all providers of the town, all buildings; and adding them up anew."""

from __future__ import annotations

from bench.harness import Result, result, seconds
from bench.town import AT, OCT
from domivka.backoffice import settlements
from domivka.ledger import api as ledger

ALL = 1_000_000


def statistics(town_id: int, *, quick: bool = False) -> list[Result]:
    """The slower of three times for providers and buildings together, from the sums kept of the month; how long it takes
    to make those from every balance."""
    found: list[int] = []

    def ask() -> None:
        providers = settlements.settlements(town_id=town_id, period=OCT)
        rows = settlements.buildings(town_id=town_id, period=OCT, size=ALL)
        state = ledger.summary_state(town_id=town_id, period=OCT)
        found.append(len(rows) if providers and state else 0)

    made = seconds(lambda: ledger.summarise(town_id=town_id, period=OCT, at=AT))
    took = max(seconds(ask) for _ in range(1 if quick else 3))
    return [
        result(
            "statistics",
            took,
            "s",
            target="≤ 2 s",
            met=lambda value, _: value <= 2,
            note=f"all providers and all {found[0]} buildings of the town with their homes and people, a month, from the "
            f"sums kept of it; the page itself shows fifty buildings. A job adds the month up in {made:.1f} s",
        ),
        result(
            "statistics_refresh", made, "s", note="a month of every balance, added up by building and provider, kept"
        ),
    ]
