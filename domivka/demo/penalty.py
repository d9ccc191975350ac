"""Penalty in the demo: the right bank's water charges it, and one debtor's damaged home is spared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from domivka.demo.town.connections import Connection
from domivka.kernel.period import Period
from domivka.registry.models import ProviderService
from domivka.tariffs import api as tariffs

PROVIDER: Final = "akvaservis"


def charge(*, town_id: int, since: dt.datetime) -> None:
    """From the day of `since` on, for all services of the provider."""
    supplied = ProviderService.objects.filter(provider__town_id=town_id, provider__code=PROVIDER)
    for pk, provider_id in supplied.values_list("pk", "provider_id"):
        tariffs.set_penalty_rule(
            provider_id=provider_id, provider_service_id=pk, valid_from=since.date(),
            source="публічний договір приєднання, п. 34", user_id=None, at=since,
        )  # fmt: skip


def suspend(*, premises: dict[int, int], accounts: Sequence[Connection], last: Period, at: dt.datetime) -> None:
    """The first debtor of that provider told of a damaged home in the last month."""
    homes = [one.dwelling for one in accounts if one.provider == PROVIDER and one.dwelling.habit == "debtor"]
    if homes:
        tariffs.suspend_home(
            premises_id=premises[homes[0].index], provider_id=None, first_on=last.first_day, last_on=None,
            reason=tariffs.SuspensionReason.DAMAGED, document=f"акт обстеження № 12 від {last.first_day:%d.%m.%Y}",
            user_id=None, at=at,
        )  # fmt: skip
