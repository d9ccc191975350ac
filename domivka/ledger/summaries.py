"""Sums of a month by building and provider, kept because adding them up reads every balance of the town.

A summary is what the ledger said at a moment, never the ledger itself: it knows its moment and whether the journal has
moved since. `tests/database/ledger/test_summaries.py` holds it against the balances.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from procrastinate.contrib.django import app

from domivka.kernel.period import Period
from domivka.ledger.models import MonthSummary, Transaction
from domivka.ledger.operations import JOURNAL_LOCK


@dataclass(frozen=True, slots=True)
class SummaryState:
    """When a month was added up, and whether something has been posted since that it does not have."""

    made_at: dt.datetime
    is_stale: bool


# Balances are added up by account before anything is joined to them. A debt is a personal account's, all its services
# together: an overpaid one does not lessen another's.
_SUMS: Final = """
CREATE TEMPORARY TABLE ledger_sums ON COMMIT DROP AS
SELECT x.building_id, x.provider_id, count(*) AS accounts, count(*) FILTER (WHERE x.balance > 0) AS debtors,
       sum(x.charged)::bigint AS charged, sum(x.paid)::bigint AS paid,
       coalesce(sum(x.balance) FILTER (WHERE x.balance > 0), 0)::bigint AS debt,
       coalesce(-sum(x.balance) FILTER (WHERE x.balance < 0), 0)::bigint AS overpaid
FROM (
    SELECT p.building_id, a.provider_id, a.id, sum(m.charged) AS charged, sum(m.paid) AS paid, sum(m.balance) AS balance
    FROM (
        SELECT b.account_id, sum(b.net_kop)::bigint AS balance,
               coalesce(sum(b.net_kop - b.paid_kop - b.opening_kop) FILTER (WHERE b.period = %(period)s), 0)::bigint AS charged,
               coalesce(-sum(b.paid_kop) FILTER (WHERE b.period = %(period)s), 0)::bigint AS paid
        FROM ledger_balance b WHERE b.period <= %(period)s GROUP BY 1
    ) m
    JOIN ledger_account l ON l.id = m.account_id AND l.kind = 'personal' AND l.town_id = %(town)s
    JOIN registry_accountservice s ON s.id = l.owner_id
    JOIN registry_personalaccount a ON a.id = s.account_id
    JOIN registry_premises p ON p.id = a.premises_id
    GROUP BY 1, 2, 3
) x GROUP BY 1, 2
"""
_KEEP: Final = """
INSERT INTO ledger_buildingsummary (summary_id, building_id, provider_id, accounts, debtors, charged_kop, paid_kop, debt_kop,
                                    overpaid_kop)
SELECT %s, building_id, provider_id, accounts, debtors, charged, paid, debt, overpaid FROM ledger_sums
ORDER BY building_id, provider_id
"""


def summarise(*, town_id: int, period: Period, at: dt.datetime) -> None:
    """Add the month up anew, as of now, and put the sums in place of those kept before. Reads all balances of the town."""
    last = _last_transaction(town_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"summary:{town_id}:{int(period)}"])
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL jit = off")
        cursor.execute(_SUMS, {"town": town_id, "period": int(period)})
        MonthSummary.objects.filter(town_id=town_id, period=period).delete()
        kept = MonthSummary.objects.create(town_id=town_id, period=period, made_at=at, last_transaction_id=last)
        cursor.execute(_KEEP, [kept.pk])
        cursor.execute("DROP TABLE ledger_sums")


@transaction.atomic
def _last_transaction(town_id: int) -> int:
    """The last transaction of the town that everything up to is written: waits for writers under way, as sealing does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [JOURNAL_LOCK])
    return Transaction.objects.filter(town_id=town_id).aggregate(last=Max("id"))["last"] or 0


def summarise_from(*, town_id: int, period: Period, at: dt.datetime) -> list[Period]:
    """Add up the month and the later ones that are kept, where the journal has moved since: a posting of a month changes
    every balance after it. Returns the months added up; does nothing twice."""
    later = MonthSummary.objects.filter(town_id=town_id, period__gt=period).values_list("period", flat=True)
    done = []
    for month in sorted({period, *(Period(number) for number in later)}):
        state = summary_state(town_id=town_id, period=month)
        if state is None or state.is_stale:
            summarise(town_id=town_id, period=month, at=at)
            done.append(month)
    return done


def summarise_later(*, town_id: int, period: Period, asked_at: dt.datetime | None = None) -> None:
    """Queue `summarise_from`, in the transaction that moved the journal. `asked_at`: a person asked for sums newer than
    this moment, which takes in homes and accounts that moved without a posting."""
    app.configure_task("ledger.summarise", lock=f"summary:{town_id}").defer(
        town_id=town_id, period=int(period), asked_at=asked_at.isoformat() if asked_at else None
    )


_STATE: Final = """
SELECT k.made_at, EXISTS (
    SELECT FROM ledger_transaction t WHERE t.id > k.last_transaction_id AND t.town_id = k.town_id
    AND EXISTS (SELECT FROM ledger_posting p WHERE p.transaction_id = t.id AND p.period <= k.period))
FROM ledger_monthsummary k WHERE k.town_id = %s AND k.period = %s
"""


def summary_state(*, town_id: int, period: Period) -> SummaryState | None:
    """What is kept of a month; None when it has not been added up. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [town_id, int(period)])
        row = cursor.fetchone()
    return SummaryState(*row) if row else None
