"""Statistics of a month that staff ask for: all providers of the town, all buildings."""

from __future__ import annotations

from bench.harness import Result, result, seconds
from bench.town import OCT
from domivka.backoffice import settlements


def statistics(town_id: int, *, quick: bool = False) -> list[Result]:
    """The slower of three times for providers and buildings together."""
    found: list[int] = []

    def ask() -> None:
        providers = settlements.settlements(town_id=town_id, period=OCT)
        rows = settlements.buildings(town_id=town_id, period=OCT)
        found.append(rows[0].total if providers else 0)

    took = max(seconds(ask) for _ in range(1 if quick else 3))
    return [
        result(
            "statistics",
            took,
            "s",
            target="≤ 2 s",
            met=lambda value, _: value <= 2,
            note=f"all providers and all {found[0]} buildings of the town, a month",
        )
    ]
