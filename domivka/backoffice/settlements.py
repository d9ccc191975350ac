"""Money collected for providers and how well the town pays: sums over whole providers, buildings and days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection

from domivka.kernel.money import Money
from domivka.kernel.period import Period

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
SELECT (t.recorded_at AT TIME ZONE 'Europe/Kyiv')::date, s.name, count(*) FILTER (WHERE p.kind = 'payment'),
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
JOIN ledger_balance b ON b.account_id = l.id
WHERE l.kind = 'clearing' AND ps.provider_id = %(provider)s
"""


def clearing(*, provider_id: int, at: dt.datetime) -> Clearing:
    """Money that Domivka collected for the provider over the last sixty days, and what waits for a payout. Two queries."""
    parameters: dict[str, int | dt.datetime] = {"provider": provider_id, "since": at - dt.timedelta(days=DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_CLEARING, parameters)
        days = [ClearingDay(day, name, n, _money(i), _money(o)) for day, name, n, i, o in cursor.fetchall()]
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
WITH balances AS (
    SELECT a.provider_id, a.id,
           sum(b.net_kop - b.paid_kop - b.opening_kop) FILTER (WHERE b.period = %(period)s) AS charged,
           -sum(b.paid_kop) FILTER (WHERE b.period = %(period)s) AS paid, sum(b.net_kop) AS balance
    FROM registry_personalaccount a
    JOIN registry_accountservice s ON s.account_id = a.id
    JOIN ledger_account l ON l.kind = 'personal' AND l.owner_id = s.id
    JOIN ledger_balance b ON b.account_id = l.id AND b.period <= %(period)s
    WHERE a.town_id = %(town)s GROUP BY 1, 2)
SELECT p.short_name, count(x.id), coalesce(sum(x.charged), 0), coalesce(sum(x.paid), 0),
       coalesce(sum(x.balance) FILTER (WHERE x.balance > 0), 0), -coalesce(sum(x.balance) FILTER (WHERE x.balance < 0), 0),
       count(*) FILTER (WHERE x.balance > 0)
FROM registry_provider p LEFT JOIN balances x ON x.provider_id = p.id
WHERE p.town_id = %(town)s GROUP BY p.id ORDER BY p.short_name
"""


def settlements(*, town_id: int, period: Period) -> list[Settlement]:
    """How each provider of the town collected in a month. One query."""
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


_BUILDINGS: Final = """
WITH money AS (
    SELECT p.building_id,
           sum(b.net_kop - b.paid_kop - b.opening_kop) FILTER (WHERE b.period = %(period)s) AS charged,
           -sum(b.paid_kop) FILTER (WHERE b.period = %(period)s) AS paid, sum(b.net_kop) AS balance
    FROM registry_premises p
    JOIN registry_personalaccount a ON a.premises_id = p.id
    JOIN registry_accountservice s ON s.account_id = a.id
    JOIN ledger_account l ON l.kind = 'personal' AND l.owner_id = s.id
    JOIN ledger_balance b ON b.account_id = l.id AND b.period <= %(period)s
    WHERE p.town_id = %(town)s GROUP BY 1),
homes AS (
    SELECT p.building_id, count(*) AS homes, sum(p.area_m2) AS area, sum(o.registered) AS people
    FROM registry_premises p
    LEFT JOIN LATERAL (SELECT registered FROM registry_occupancy WHERE premises_id = p.id AND valid_from <= %(day)s
        ORDER BY valid_from DESC LIMIT 1) o ON true
    WHERE p.town_id = %(town)s GROUP BY 1)
SELECT count(*) OVER (), st.kind || ' ' || st.name || ', ' || b.number, h.homes, h.area, coalesce(h.people, 0),
       coalesce(m.charged, 0), coalesce(m.paid, 0), coalesce(m.balance, 0)
FROM registry_building b JOIN registry_street st ON st.id = b.street_id
JOIN homes h ON h.building_id = b.id LEFT JOIN money m ON m.building_id = b.id
WHERE b.town_id = %(town)s
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
"""
BUILDING_SORTS: Final = {
    "debt": "coalesce(m.balance, 0) DESC, b.id",
    "address": "st.name, st.kind, b.number_sort, b.id",
    "charged": "coalesce(m.charged, 0) DESC, b.id",
}


def buildings(
    *, town_id: int, period: Period, sort: str = "debt", page: int = 1, size: int = 50
) -> list[BuildingStatistics]:
    """Statistics by building, a page of them; `total` counts all. One query."""
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
