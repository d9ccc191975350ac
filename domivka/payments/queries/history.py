"""Payments that reached the ledger, whoever took them, and what is collected for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.db import connection

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.reads import prepared_rows
from domivka.ledger import api as ledger
from domivka.payments.models import GatewayEvent
from domivka.payments.types import PaymentView
from domivka.registry.api import service_name
from domivka.registry.models import Provider, ProviderService

BANK: Final = "bank"
PROVIDER: Final = "provider"

_PAYMENTS: Final = """
SELECT t.id, a.owner_id, s.name, s.name_en, v.id, v.name, pa.number, p.period,
       coalesce((i.confirmed_at AT TIME ZONE 'Europe/Kyiv')::date, r.paid_on) AS paid_on,
       -p.amount_kop, CASE WHEN i.id IS NOT NULL THEN i.method WHEN r.id IS NOT NULL THEN 'bank' ELSE 'provider' END,
       coalesce(l.purpose, r.purpose, ''), coalesce(al.first_period, p.period), coalesce(al.last_period, p.period),
       i.id, coalesce(i.receipt_number, ''), i.user_id
FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account_id AND a.kind = 'personal'
JOIN registry_accountservice acs ON acs.id = a.owner_id
JOIN registry_personalaccount pa ON pa.id = acs.account_id
JOIN registry_providerservice ps ON ps.id = acs.provider_service_id
JOIN registry_service s ON s.id = ps.service_id
JOIN registry_provider v ON v.id = ps.provider_id
JOIN ledger_transaction t ON t.id = p.transaction_id
LEFT JOIN payments_intent i ON i.ledger_transaction_id = t.id
LEFT JOIN payments_intentline l ON l.intent_id = i.id AND l.account_service_id = a.owner_id
LEFT JOIN payments_registerpayment r ON t.cause = 'register' AND r.ledger_transaction_id = t.id AND r.row_id = p.ref_id
LEFT JOIN LATERAL (
    SELECT min(for_period) AS first_period, max(for_period) AS last_period FROM payments_allocation al
    WHERE al.ledger_transaction_id = t.id AND al.account_service_id = a.owner_id
      AND al.register_payment_id IS NOT DISTINCT FROM r.id
) al ON true
WHERE pa.premises_id = ANY(%(premises)s) AND p.kind = 'payment' AND p.period BETWEEN %(first)s AND %(last)s
  AND (%(provider)s::bigint IS NULL OR v.id = %(provider)s)
  AND t.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_transaction b WHERE b.reverses_id = t.id)
ORDER BY p.period DESC, paid_on DESC NULLS LAST, t.id DESC, s.position, a.owner_id, r.id
"""


def payments_of(
    *, premises_ids: Sequence[int], first: Period, last: Period, provider_id: int | None = None
) -> list[PaymentView]:
    """Every payment of the homes whose month of posting is in `first..last`, newest first, a row per service.

    Straight from the ledger, so the rows add up to «Сплачено» of the account states. Reversed payments are left
    out. One query.
    """
    values: dict[str, list[int] | int | None] = {
        "premises": list(premises_ids),
        "first": int(first),
        "last": int(last),
        "provider": provider_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAYMENTS, values)
        rows = cursor.fetchall()
    return [
        PaymentView(
            ledger_transaction_id=row[0],
            account_service_id=row[1],
            service=service_name(row[2], row[3]),
            provider_id=row[4],
            provider=row[5],
            account_number=row[6],
            period=Period(row[7]),
            paid_on=row[8],
            amount=Money(row[9]),
            method=row[10],
            purpose=row[11],
            first_period=Period(row[12]),
            last_period=Period(row[13]),
            intent_id=row[14],
            receipt_number=row[15],
            payer_id=row[16],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PaymentGroup:
    """One payment as a person remembers it: a day, a way of paying, and what it was split to."""

    lines: tuple[PaymentView, ...]
    total: Money

    @property
    def head(self) -> PaymentView:
        return self.lines[0]


def grouped(payments: Iterable[PaymentView]) -> list[PaymentGroup]:
    """Lines of one payment together; the order stays."""
    groups = []
    for _key, found in groupby(payments, key=lambda line: (line.ledger_transaction_id, line.paid_on, line.period)):
        lines = tuple(found)
        groups.append(PaymentGroup(lines, Money(sum(line.amount.kop for line in lines))))
    return groups


@dataclass(frozen=True, slots=True)
class RecentPayment:
    """A payment of a home in one line; `paid_on` is None when a provider reported only the month."""

    paid_on: dt.date | None
    period: Period
    total: Money


def recent_payments(*, premises_id: int, first: Period, last: Period, limit: int) -> list[RecentPayment]:
    """The newest payments among those of `payments_of`, as `grouped` would group them; one query."""
    rows = prepared_rows(
        "SELECT paid_on, month, amount_kop FROM payments_recent(%s, %s, %s, %s)",
        [premises_id, int(first), int(last), limit],
    )
    return [RecentPayment(paid_on, Period(month), Money(kop)) for paid_on, month, kop in rows]


def providers_of(*, premises_id: int) -> list[tuple[int, str]]:
    """Providers of a home's accounts for a list to choose from: id and short name; one query."""
    rows = Provider.objects.filter(personalaccount__premises_id=premises_id).distinct().order_by("short_name")
    return list(rows.values_list("pk", "short_name"))


@dataclass(frozen=True, slots=True)
class Clearing:
    """What is collected for a provider's service and not paid out yet."""

    provider_service_id: int
    provider_id: int
    provider: str
    service: str
    collected: Money


def clearing_balances(*, town_id: int, provider_ids: Sequence[int] | None = None) -> list[Clearing]:
    """Clearing balances of the town's providers, positive when we hold their money. Two queries."""
    services = ProviderService.objects.filter(provider__town_id=town_id).select_related("provider", "service")
    if provider_ids is not None:
        services = services.filter(provider__in=provider_ids)
    held = ledger.clearing_balances(town_id=town_id)
    return [
        Clearing(
            provider_service_id=row.pk,
            provider_id=row.provider_id,
            provider=row.provider.short_name,
            service=service_name(row.service.name, row.service.name_en),
            collected=-held.get(row.pk, Money(0)),
        )
        for row in services.order_by("provider__short_name", "service__position")
    ]


@dataclass(frozen=True, slots=True)
class SuspiciousEvent:
    """A gateway's message that was kept and did not move money: somebody has to look."""

    id: int
    gateway: str
    received_at: dt.datetime
    outcome: str


def events_to_look_at(*, limit: int = 100) -> list[SuspiciousEvent]:
    """Messages about unknown payments, with other amounts, badly signed or not understood; newest first."""
    rows = GatewayEvent.objects.filter(
        outcome__in=["unknown_intent", "amount_differs", "bad_signature", "bad_message"]
    ).order_by("-received_at")[:limit]
    return [SuspiciousEvent(row.pk, row.gateway, row.received_at, row.outcome) for row in rows]
