"""Some dozens of homes with benefits of different categories on the services calculated here, one of them ended."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from domivka.demo.town.connections import Connection
from domivka.demo.town.plan import Dwelling
from domivka.demo.town.providers import CALCULATED
from domivka.kernel.period import Period
from domivka.registry.models import PersonalAccount
from domivka.tariffs import api as tariffs

EVERY: Final = 43
"""One home of so many has a benefit."""
_CATEGORIES: Final = ("20", "40", "120", "11", "20", "68", "80", "30", "20", "120")
_WHOLE_FAMILY: Final = ("20", "40", "120", "11")
"""Categories whose benefits cover those who live with the holder."""


def homes_with_benefits(dwellings: Sequence[Dwelling]) -> list[Dwelling]:
    """Every so many homes without a subsidy, and the home of the story of careless residents."""
    chosen = [home for home in dwellings if home.index % EVERY == 7 and home.habit != "subsidised" and home.registered]
    story = next(
        (
            home
            for home in dwellings
            if home.district == "right" and home.habit == "careless" and home.registered >= 2 and home.index % 3 == 0
        ),
        None,
    )
    return chosen if story is None or story in chosen else [story, *chosen]


def benefits(*, premises: Mapping[int, int], accounts: Sequence[Connection], first: Period) -> int:
    """Enter them on every account of these homes that is calculated here; how many."""
    homes: dict[int, Dwelling] = {one.dwelling.index: one.dwelling for one in accounts}
    chosen = homes_with_benefits([homes[index] for index in sorted(homes)])
    places = [premises[home.index] for home in chosen]
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = PersonalAccount.objects.filter(premises_id__in=places, provider__code__in=CALCULATED).order_by("pk")
    for account_id, provider_id, place in rows.values_list("pk", "provider_id", "premises_id"):
        found[place].append((account_id, provider_id))
    count = 0
    for n, home in enumerate(chosen):
        category = _CATEGORIES[n % len(_CATEGORIES)]
        moved = min([home.registered, *(move.registered for move in home.moves)])
        issued = dt.date(2012 + n % 10, 1 + n % 12, 3 + n % 25)
        at = dt.datetime.combine(first.first_day, dt.time(9), dt.UTC)
        for account_id, provider_id in found[premises[home.index]]:
            benefit_id = tariffs.add_benefit(
                provider_id=provider_id,
                account_id=account_id,
                category=category,
                holder=home.holder_name,
                people=max(moved, 1) if category in _WHOLE_FAMILY else 1,
                valid_from=first.first_day,
                last_day=None,
                document_series="ААБВ"[n % 3 : n % 3 + 2],
                document_number=f"{100_000 + 7919 * (n + 1) % 900_000:06d}",
                document_on=issued,
                user_id=None,
                at=at,
            )
            count += 1
            if n == 2:  # moved away in the second month
                tariffs.end_benefit(
                    provider_id=provider_id,
                    benefit_id=benefit_id,
                    last_day=first.next.first_day + dt.timedelta(days=17),
                    user_id=None,
                    at=at + dt.timedelta(days=50),
                )
    return count
