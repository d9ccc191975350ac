"""Charges beside those of similar homes of the same building (features.md C15). Only medians of at least five homes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_low
from typing import Final

from domivka.homes import api as homes
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.registry import api as registry
from domivka.registry.api import PremisesView, ServiceView

FEWEST: Final = 5
"""Below this a median would tell about a neighbour."""
AREA_WITHIN: Final = Decimal("0.2")


@dataclass(frozen=True, slots=True)
class Beside:
    service: ServiceView
    own: Money
    usual: Money  # the median of similar homes
    homes: int


def similar_homes(
    *, premises: PremisesView, services: Sequence[ServiceView], period: Period, on: dt.date
) -> list[Beside]:
    """Own charge of a month beside the median of homes of this building with a similar area. Homes that left the
    comparison are not counted. Six queries."""
    neighbours = [choice.id for choice in registry.flats_of(building_id=premises.building_id)]
    views = registry.premises_views(premises_ids=neighbours, on=on)
    left = homes.not_compared(premises_ids=neighbours)
    near = [
        view.id
        for view in views.values()
        if view.id != premises.id
        and view.id not in left
        and abs(view.area_m2 - premises.area_m2) <= premises.area_m2 * AREA_WITHIN
    ]
    theirs = registry.services_of(premises_ids=near, on=on)
    code_of = {one.account_service_id: one.service_code for one in [*theirs, *services]}
    states = ledger.account_states(account_service_ids=list(code_of), first=period, last=period)
    charged = {state.account_service_id: state.charged + state.subscription for state in states}
    others: dict[str, list[Money]] = defaultdict(list)
    for one in theirs:
        if one.account_service_id in charged:
            others[one.service_code].append(charged[one.account_service_id])
    return [
        Beside(
            service,
            charged[service.account_service_id],
            median_low(others[service.service_code]),
            len(others[service.service_code]),
        )
        for service in services
        if service.account_service_id in charged and len(others[service.service_code]) >= FEWEST
    ]
