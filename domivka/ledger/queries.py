"""Reading balances. A balance at the end of a period is the sum of the turnovers up to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.kernel.reads import prepared_rows
from domivka.ledger.models import Account, Balance


@dataclass(frozen=True, slots=True)
class AccountState:
    """One service's month (seed S1 «Стан рахунків»): positive balance is debt; `paid` is positive when money came."""

    account_service_id: int
    period: Period
    opening: Money
    charged: Money
    subscription: Money
    penalty: Money
    correction: Money
    subsidy: Money  # positive: how much it covered
    benefit: Money  # positive: how much it covered
    paid: Money
    closing: Money

    @property
    def covered(self) -> Money:
        """What the household does not pay itself."""
        return self.subsidy + self.benefit


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """What is left to pay of a month, oldest months paid first."""

    period: Period
    amount: Money


def balances(*, account_service_ids: Sequence[int], through: Period | None = None) -> dict[int, Money]:
    """Balance of each account service at the end of `through` (now when None); zero where nothing was posted."""
    rows = Balance.objects.filter(account__kind=Account.Kind.PERSONAL, account__owner_id__in=account_service_ids)
    if through is not None:
        rows = rows.filter(period__lte=through)
    found = {
        row["account__owner_id"]: row["total"]
        for row in rows.values("account__owner_id").annotate(total=Sum("net_kop"))
    }
    return {owner: Money(found.get(owner, 0)) for owner in account_service_ids}


_STATES = """
SELECT owner_id, period, opening, charged_kop, subscription_kop, penalty_kop, correction_kop, -subsidy_kop, -benefit_kop,
       -paid_kop, closing
FROM (
    SELECT a.owner_id, b.*, (sum(b.net_kop) OVER months - b.net_kop + b.opening_kop)::bigint AS opening,
           (sum(b.net_kop) OVER months)::bigint AS closing
    FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
    WHERE a.kind = 'personal' AND a.owner_id = ANY(%s) AND b.period <= %s
    WINDOW months AS (PARTITION BY b.account_id ORDER BY b.period)
) b
WHERE period >= %s
ORDER BY period DESC, owner_id
"""


def account_states(*, account_service_ids: Sequence[int], first: Period, last: Period) -> list[AccountState]:
    """States of the months with movement in `first..last`, newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [list(account_service_ids), int(last), int(first)])
        rows = cursor.fetchall()
    period_of = {number: Period(number) for number in {row[1] for row in rows}}
    return [AccountState(row[0], period_of[row[1]], *map(Money, row[2:])) for row in rows]


@dataclass(frozen=True, slots=True)
class Owed:
    """An account service around a month's bill. All signs as of `AccountState`."""

    balance: Money  # now
    charged: Money  # in the month, subscription fee included
    covered: Money  # in the month by subsidy and benefit
    charged_since: Money  # in the months after it, less what was covered
    paid_since: Money
    penalty: Money = ZERO  # in the month


@dataclass(frozen=True, slots=True)
class Turnover:
    """All the account services together in a month."""

    period: Period
    charged: Money  # subscription fee included
    paid: Money


_OWED = """
SELECT a.owner_id, b.period, sum(b.net_kop)::bigint,
       sum(b.charged_kop + b.subscription_kop) FILTER (WHERE b.period = %(period)s)::bigint,
       -sum(b.subsidy_kop + b.benefit_kop) FILTER (WHERE b.period = %(period)s)::bigint,
       sum(b.charged_kop + b.subscription_kop + b.subsidy_kop + b.benefit_kop)
           FILTER (WHERE b.period > %(period)s AND b.period <= %(last)s)::bigint,
       -sum(b.paid_kop) FILTER (WHERE b.period > %(period)s AND b.period <= %(last)s)::bigint,
       sum(b.charged_kop + b.subscription_kop)::bigint, -sum(b.paid_kop)::bigint,
       sum(b.penalty_kop) FILTER (WHERE b.period = %(period)s)::bigint
FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
WHERE a.kind = 'personal' AND a.owner_id = ANY(%(owners)s::bigint[])
GROUP BY GROUPING SETS ((a.owner_id), (b.period))
HAVING a.owner_id IS NOT NULL OR b.period BETWEEN %(first)s AND %(last)s
ORDER BY b.period
"""


def owed(
    *, account_service_ids: Sequence[int], period: Period, first: Period, last: Period
) -> tuple[dict[int, Owed], list[Turnover]]:
    """What of each account service is owed around the bill of `period` and what moved since up to `last`; and the months
    with movement in `first..last`, oldest first. One query."""
    values = {"owners": list(account_service_ids), "period": int(period), "first": int(first), "last": int(last)}
    found, months = {}, []
    for owner, month, balance, *moved, all_charged, all_paid, penalty in prepared_rows(_OWED, values):
        if owner is None:
            months.append(Turnover(Period(month), Money(all_charged), Money(all_paid)))
        else:
            found[owner] = Owed(Money(balance), *(Money(kop or 0) for kop in [*moved, penalty]))
    nothing = Owed(ZERO, ZERO, ZERO, ZERO, ZERO)
    return {owner: found.get(owner, nothing) for owner in account_service_ids}, months


_MONTHS = """
SELECT a.owner_id, b.period, b.net_kop, b.paid_kop FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
WHERE a.kind = 'personal' AND a.owner_id = ANY(%s) ORDER BY b.period
"""


def open_debts(*, account_service_ids: Sequence[int]) -> dict[int, list[OpenDebt]]:
    """Unpaid months of each account service, oldest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [list(account_service_ids)])
        rows = cursor.fetchall()
    period_of = {number: Period(number) for number in {row[1] for row in rows}}
    months: dict[int, list[tuple[Period, int, int]]] = defaultdict(list)
    for owner, number, net, paid in rows:
        months[owner].append((period_of[number], net, paid))
    return {
        owner: [OpenDebt(period, Money(kop)) for period, kop in unpaid_months(months=months[owner])]
        for owner in account_service_ids
    }


def unpaid_months(*, months: Sequence[tuple[Period, int, int]]) -> list[tuple[Period, int]]:
    """What is owed of each month, oldest first (domain.md §5.4 payment order, rule 2), in kopiykas.

    `months` are (period, net_kop, paid_kop) of one account's balances in the order of time. Whatever reduced the balance
    (payments, subsidy, negative corrections) settles the oldest month first.
    """
    credit = sum(-paid - min(net - paid, 0) for _, net, paid in months)
    owed = []
    for period, net, paid in months:
        due = max(net - paid, 0)
        settled = min(max(credit, 0), due)
        credit -= settled
        if due > settled:
            owed.append((period, due - settled))
    return owed


def system_balance(*, account_id: int) -> Money:
    """Balance of one control, clearing, gateway, fee or suspense account over all periods, now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(net_kop), 0) FROM ledger_turnover WHERE account_id = %s", [account_id])
        (total,) = cursor.fetchone()
    return Money(int(total))


def clearing_balances(*, town_id: int) -> dict[int, Money]:
    """Balances of the town's clearing accounts by provider service: negative is what is not paid out yet. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEARING, [town_id])
        return {owner: Money(int(total)) for owner, total in cursor.fetchall()}


_CLEARING = """
SELECT a.owner_id, sum(b.net_kop) FROM ledger_account a JOIN ledger_turnover b ON b.account_id = a.id
WHERE a.kind = 'clearing' AND a.town_id = %s GROUP BY 1
"""
