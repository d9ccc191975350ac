"""Money collected for providers and how well the town pays: sums over whole providers, buildings and days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.registry import api as registry

DAYS: Final = 60


def _money(kop: Decimal | int) -> Money:
    return Money(int(kop))


@dataclass(frozen=True, slots=True)
class ClearingDay:
    """What came in for a service of a provider on a day, what was paid out, in how many payments."""

    day: dt.date
    service: str
    payments: int
    collected: Money
    paid_out: Money


@dataclass(frozen=True, slots=True)
class Clearing:
    """A provider's clearing account: the last days and what is collected and not paid out yet."""

    days: list[ClearingDay]
    waiting: Money


_CLEARING: Final = """
SELECT (t.recorded_at AT TIME ZONE 'Europe/Kyiv')::date, s.name, s.name_en, count(*) FILTER (WHERE p.kind = 'payment'),
       -coalesce(sum(p.amount_kop) FILTER (WHERE p.kind <> 'payout'), 0),
       coalesce(sum(p.amount_kop) FILTER (WHERE p.kind = 'payout'), 0)
FROM ledger_account l
JOIN registry_providerservice ps ON ps.id = l.owner_id
JOIN registry_service s ON s.id = ps.service_id
JOIN ledger_posting p ON p.account_id = l.id
JOIN ledger_transaction t ON t.id = p.transaction_id
WHERE l.kind = 'clearing' AND ps.provider_id = %(provider)s AND t.recorded_at >= %(since)s
GROUP BY 1, s.id ORDER BY 1 DESC, s.position
"""
_WAITING: Final = """
SELECT -coalesce(sum(b.net_kop), 0) FROM ledger_account l
JOIN registry_providerservice ps ON ps.id = l.owner_id
JOIN ledger_turnover b ON b.account_id = l.id
WHERE l.kind = 'clearing' AND ps.provider_id = %(provider)s
"""


def clearing(*, provider_id: int, at: dt.datetime) -> Clearing:
    """Money that Domivka collected for the provider over the last sixty days, and what waits for a payout. Two queries."""
    parameters: dict[str, int | dt.datetime] = {"provider": provider_id, "since": at - dt.timedelta(days=DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_CLEARING, parameters)
        days = [
            ClearingDay(day, registry.service_name(name, name_en), n, _money(i), _money(o))
            for day, name, name_en, n, i, o in cursor.fetchall()
        ]
        cursor.execute(_WAITING, parameters)
        return Clearing(days, Money(int(cursor.fetchone()[0])))


@dataclass(frozen=True, slots=True)
class Settlement:
    """A provider's month: charged (with corrections and fees), paid, debts and overpayments at its end."""

    provider: str
    accounts: int
    charged: Money
    paid: Money
    debt: Money
    overpaid: Money
    debtors: int

    @property
    def collected_percent(self) -> Decimal | None:
        """Paid in the month of what was charged in it, per cent with one decimal; None when nothing was charged."""
        if self.charged.kop <= 0:
            return None
        return (Decimal(self.paid.kop) * 100 / self.charged.kop).quantize(Decimal("0.1"))


_SETTLEMENTS: Final = """
SELECT p.short_name, coalesce(sum(s.accounts), 0), coalesce(sum(s.charged_kop), 0), coalesce(sum(s.paid_kop), 0),
       coalesce(sum(s.debt_kop), 0), coalesce(sum(s.overpaid_kop), 0), coalesce(sum(s.debtors), 0)
FROM registry_provider p
LEFT JOIN ledger_monthsummary k ON k.town_id = p.town_id AND k.period = %(period)s
LEFT JOIN ledger_buildingsummary s ON s.summary_id = k.id AND s.provider_id = p.id
WHERE p.town_id = %(town)s GROUP BY p.id ORDER BY p.short_name
"""


def settlements(*, town_id: int, period: Period) -> list[Settlement]:
    """How each provider of the town collected in a month, from the sums that the ledger keeps of it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLEMENTS, {"town": town_id, "period": int(period)})
        return [
            Settlement(name, accounts, _money(charged), _money(paid), _money(debt), _money(over), debtors)
            for name, accounts, charged, paid, debt, over, debtors in cursor.fetchall()
        ]


def settlements_total(rows: list[Settlement], name: str) -> Settlement:
    """All providers together."""
    return Settlement(
        name,
        sum(row.accounts for row in rows),
        Money(sum(row.charged.kop for row in rows)),
        Money(sum(row.paid.kop for row in rows)),
        Money(sum(row.debt.kop for row in rows)),
        Money(sum(row.overpaid.kop for row in rows)),
        sum(row.debtors for row in rows),
    )


@dataclass(frozen=True, slots=True)
class BuildingStatistics:
    """A building's month: homes, area, people, charged and paid, debt at its end."""

    address: str
    homes: int
    area_m2: Decimal
    people: int
    charged: Money
    paid: Money
    debt: Money
    total: int


# Homes and people are counted for the buildings of the page only.
_BUILDINGS: Final = """
SELECT b.total, b.kind || ' ' || b.name || ', ' || b.number, h.homes, h.area, coalesce(h.people, 0), b.charged, b.paid, b.debt
FROM (
    SELECT count(*) OVER () AS total, row_number() OVER (ORDER BY {order}) AS place, b.id, st.kind, st.name, b.number,
           coalesce(m.charged, 0) AS charged, coalesce(m.paid, 0) AS paid, coalesce(m.debt, 0) AS debt
    FROM registry_building b JOIN registry_street st ON st.id = b.street_id
    LEFT JOIN (
        SELECT s.building_id, sum(s.charged_kop) AS charged, sum(s.paid_kop) AS paid, sum(s.debt_kop - s.overpaid_kop) AS debt
        FROM ledger_monthsummary k JOIN ledger_buildingsummary s ON s.summary_id = k.id
        WHERE k.town_id = %(town)s AND k.period = %(period)s GROUP BY 1
    ) m ON m.building_id = b.id
    WHERE b.town_id = %(town)s AND EXISTS (SELECT FROM registry_premises p WHERE p.building_id = b.id)
    ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
) b
CROSS JOIN LATERAL (
    SELECT count(*) AS homes, sum(p.area_m2) AS area, sum(o.registered) AS people
    FROM registry_premises p
    LEFT JOIN LATERAL (SELECT registered FROM registry_occupancy WHERE premises_id = p.id AND valid_from <= %(day)s
        ORDER BY valid_from DESC LIMIT 1) o ON true
    WHERE p.building_id = b.id
) h
ORDER BY b.place
"""
BUILDING_SORTS: Final = {
    "debt": "coalesce(m.debt, 0) DESC, b.id",
    "address": "st.name, st.kind, b.number_sort, b.id",
    "charged": "coalesce(m.charged, 0) DESC, b.id",
    "paid": "coalesce(m.paid, 0) DESC, b.id",
}


def buildings(
    *, town_id: int, period: Period, sort: str = "debt", page: int = 1, size: int = 50
) -> list[BuildingStatistics]:
    """Statistics by building, a page of them, from the sums that the ledger keeps of the month; `total` counts all. One
    query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BUILDINGS.format(order=BUILDING_SORTS[sort]),
            {
                "town": town_id,
                "period": int(period),
                "day": period.last_day,
                "limit": size,
                "offset": (page - 1) * size,
            },
        )
        return [
            BuildingStatistics(address, homes, area, int(people), _money(charged), _money(paid), _money(debt), total)
            for total, address, homes, area, people, charged, paid, debt in cursor.fetchall()
        ]
