"""Reading balances. A balance at the end of a period is the sum of the turnovers up to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from domivka.kernel.money import Money
from domivka.kernel.period import Period
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
SELECT a.owner_id, b.period,
       sum(b.net_kop) OVER (PARTITION BY a.owner_id ORDER BY b.period) - b.net_kop + b.opening_kop,
       b.charged_kop, b.subscription_kop, b.penalty_kop, b.correction_kop, -b.subsidy_kop, -b.benefit_kop, -b.paid_kop,
       sum(b.net_kop) OVER (PARTITION BY a.owner_id ORDER BY b.period)
FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
WHERE a.kind = 'personal' AND a.owner_id = ANY(%s) AND b.period <= %s
ORDER BY b.period DESC, a.owner_id
"""


def account_states(*, account_service_ids: Sequence[int], first: Period, last: Period) -> list[AccountState]:
    """States of the months with movement in `first..last`, newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [list(account_service_ids), int(last)])
        rows = cursor.fetchall()
    return [
        AccountState(owner, Period(period), *(Money(int(kop)) for kop in amounts))
        for owner, period, *amounts in rows
        if period >= first
    ]


def open_debts(*, account_service_ids: Sequence[int]) -> dict[int, list[OpenDebt]]:
    """Unpaid months of each account service, oldest first; one query."""
    rows = (
        Balance.objects.filter(account__kind=Account.Kind.PERSONAL, account__owner_id__in=account_service_ids)
        .order_by("period")
        .values_list("account__owner_id", "period", "net_kop", "paid_kop")
    )
    months: dict[int, list[tuple[Period, int, int]]] = defaultdict(list)
    for owner, period, net, paid in rows:
        assert owner is not None  # noqa: S101 - personal accounts have owners, a CHECK says so
        months[owner].append((period, net, paid))
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
    """Balance of one control, clearing, gateway, fee or suspense account: all its shards and periods."""
    total = Balance.objects.filter(account_id=account_id).aggregate(total=Sum("net_kop"))["total"]
    return Money(int(total or 0))
