"""Yearly charts of charges and payments, the same month last year (features.md C15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from domivka.billing import api as billing
from domivka.homes.api import HomeView
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.api import Turnover
from domivka.metering import api as metering
from domivka.portal.consumption import consumption_charts
from domivka.portal.figures import Figure
from domivka.portal.overview import year_chart
from domivka.portal.similar import Beside, similar_homes
from domivka.registry import api as registry


@dataclass(frozen=True, slots=True)
class YearAgo:
    """Charges of the last charged month beside the same month a year before."""

    period: Period
    before: Period
    charged: Money
    charged_before: Money

    @property
    def change(self) -> Money:
        return self.charged - self.charged_before


@dataclass(frozen=True, slots=True)
class Statistics:
    money: Figure | None
    year_ago: YearAgo | None
    used: tuple[Figure, ...]
    beside: tuple[Beside, ...]


def statistics_of(*, home: HomeView, today: dt.date) -> Statistics:
    services = registry.services_of(premises_ids=[home.premises_id], on=today)
    ids = [service.account_service_id for service in services]
    last = Period.of(today).previous
    _owed, turnovers = ledger.owed(account_service_ids=ids, period=last, first=last.shift(-12), last=last.next)
    money = year_chart(turnovers=turnovers, last=last, months=12) if turnovers else None
    metered = [service for service in services if service.is_metered]
    first = last.shift(-23)
    readings = metering.consumption(
        account_service_ids=[service.account_service_id for service in metered], first=first, last=last
    )
    lines = billing.charge_lines(account_service_ids=ids, first=first, last=last)
    premises = registry.premises_view(premises_id=home.premises_id)
    return Statistics(
        money=money,
        year_ago=_year_ago(turnovers, last),
        used=tuple(consumption_charts(services=services, lines=lines, readings=readings, last=last)),
        beside=tuple(similar_homes(premises=premises, services=services, period=last, on=today))
        if home.is_own and home.compared
        else (),
    )


def _year_ago(turnovers: Sequence[Turnover], last: Period) -> YearAgo | None:
    before = last.shift(-12)
    charged = {one.period: one.charged for one in turnovers}
    if not charged.get(last) or not charged.get(before):
        return None
    return YearAgo(last, before, charged[last], charged[before])
