"""Readings that homes named at a terminal while paying: they come in its register instead of by the office's own book."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domivka.demo.town.meters import MeterPlan
from domivka.kernel.period import Period

SERVICES: Final = ("water", "hot_water", "electricity")
AT_ONCE: Final = 2
"""Registers that fit into a row of the terminal's file."""


@dataclass(frozen=True, slots=True)
class Named:
    """A register as it was named at the terminal; values in thousandths."""

    meter: str
    zone: str
    previous: int
    current: int
    on: dt.date


def named_at_desk(plans: Sequence[MeterPlan], *, last: Period) -> dict[str, list[Named]]:
    """Take the last month's readings of the cash desk out of the plans, by account number. The first one lost a digit:
    it is below the one before, and the check of the register says so."""
    found: dict[str, list[tuple[MeterPlan, list[Named]]]] = defaultdict(list)
    for plan in plans:
        own = [reading for reading in plan.readings if reading[0] == last and reading[4] == "cash_desk"]
        if own and plan.service in SERVICES and plan.removed_on is None:
            before = {zone: value for period, zone, value, _, _ in plan.readings if period < last}
            found[plan.connection.number].append(
                (plan, [Named(plan.number, zone, before[zone], value, on) for _, zone, value, on, _ in own])
            )
    named: dict[str, list[Named]] = {}
    for number, meters in sorted(found.items()):
        registers = [register for _, one in meters for register in one]
        if len(registers) > AT_ONCE:
            continue
        for plan, _ in meters:
            plan.readings = [reading for reading in plan.readings if reading[0] != last]
        if not named:
            slip = registers[0]
            registers[0] = Named(slip.meter, slip.zone, slip.previous, slip.current // 10_000 * 1000, slip.on)
        named[number] = registers
    return named
