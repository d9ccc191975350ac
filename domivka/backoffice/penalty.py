"""Penalty as a provider's desk looks at it: what was charged by month, and on which accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.registry.models import ProviderService

PAGE_SIZE: Final = 50
_OWN: Final = """
FROM registry_personalaccount a
JOIN registry_accountservice s ON s.account_id = a.id
JOIN ledger_account l ON l.kind = 'personal' AND l.owner_id = s.id
JOIN ledger_balance b ON b.account_id = l.id
WHERE a.provider_id = %(provider)s
"""
_MONTHS: Final = f"""
SELECT b.period, count(DISTINCT a.id), sum(b.penalty_kop)::bigint {_OWN}
  AND b.penalty_kop <> 0 AND b.period BETWEEN %(first)s AND %(last)s
GROUP BY 1 ORDER BY 1 DESC
"""
_ACCOUNTS: Final = f"""
SELECT count(*) OVER (), sum(m.penalty) OVER (), m.id, m.number, m.holder, m.premises_id, m.penalty, m.balance
FROM (
    SELECT a.id, a.number, a.holder, a.premises_id,
           sum(b.penalty_kop) FILTER (WHERE b.period = %(period)s)::bigint AS penalty, sum(b.net_kop)::bigint AS balance
    {_OWN} GROUP BY a.id
    HAVING sum(b.penalty_kop) FILTER (WHERE b.period = %(period)s) <> 0
) m
ORDER BY m.penalty DESC, m.number LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True, slots=True)
class PenaltyMonth:
    """What a provider's accounts were charged as penalty in a month, corrections of penalty included."""

    period: Period
    accounts: int
    amount: Money


@dataclass(frozen=True, slots=True)
class PenaltyAccount:
    """One account's penalty of a month, and its balance now; positive is debt."""

    id: int
    number: str
    holder: str
    address: str
    premises_id: int
    penalty: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class PenaltyAccounts:
    """A page of accounts with the number and the sum of all of the month."""

    rows: list[PenaltyAccount]
    total: int
    amount: Money


def months(*, provider_id: int, last: Period) -> list[PenaltyMonth]:
    """The last twelve months up to `last` that had penalty, the newest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, {"provider": provider_id, "first": int(last.shift(-11)), "last": int(last)})
        return [PenaltyMonth(Period(period), count, Money(kop)) for period, count, kop in cursor.fetchall()]


def accounts_of_month(*, provider_id: int, period: Period, page: int = 1) -> PenaltyAccounts:
    """Accounts with penalty in a month, the most first. Two queries."""
    asked = {"provider": provider_id, "period": int(period), "limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, asked)
        found = cursor.fetchall()
    views = registry.premises_views(premises_ids=[row[5] for row in found])
    rows = [PenaltyAccount(r[2], r[3], r[4], views[r[5]].short_address, r[5], Money(r[6]), Money(r[7])) for r in found]
    total, kop = (found[0][0], int(found[0][1])) if found else (0, 0)
    return PenaltyAccounts(rows, total, Money(kop))


def calculated_services(*, provider_id: int) -> list[tuple[int, str]]:
    """Services of a provider that are calculated here: (provider service, name). One query."""
    rows = ProviderService.objects.filter(provider_id=provider_id, mode=ProviderService.Mode.CALCULATED)
    named = rows.order_by("service__position").values_list("pk", "service__name", "service__name_en")
    return [(pk, registry.service_name(name, name_en)) for pk, name, name_en in named]
