"""The bill of a home as the cabinet shows it: what was owed, charged, paid, and what is left to pay, per service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.api import AccountState
from domivka.registry import api as registry
from domivka.registry.api import ServiceView


@dataclass(frozen=True, slots=True)
class BillRow:
    """One service of the bill; `debt_before + charged − paid = to_pay` always holds (seed S0, «Рахунок за березень»)."""

    service: ServiceView
    debt_before: Money  # «Заборгованість / переплата»: positive is debt
    charged: Money  # charged in the month, subscription fee included
    paid: Money  # came after the month
    to_pay: Money  # the balance now; negative is an overpayment
    due_on: dt.date  # by when this provider wants it paid
    newer: Money  # charged after the month: part of the balance, but not of this bill

    def overdue(self, today: dt.date) -> Money:
        """What is still unpaid of this bill and what came before it, after its day."""
        unpaid = self.to_pay - self.newer
        return unpaid if today > self.due_on and unpaid.kop > 0 else ZERO


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of the last charged month."""

    period: Period
    rows: tuple[BillRow, ...]
    states: tuple[AccountState, ...]  # every month with movement since `Bill.first`, newest first

    @property
    def debt_before(self) -> Money:
        return total(row.debt_before for row in self.rows)

    @property
    def charged(self) -> Money:
        return total(row.charged for row in self.rows)

    @property
    def paid(self) -> Money:
        return total(row.paid for row in self.rows)

    @property
    def balance(self) -> Money:
        """All services together; negative is an overpayment."""
        return total(row.to_pay for row in self.rows)

    @property
    def to_pay(self) -> Money:
        """What is asked for: an overpayment of one service does not pay for another provider's."""
        return total(row.to_pay for row in self.rows if row.to_pay.kop > 0)

    def overdue(self, today: dt.date) -> Money:
        """What should have been paid already."""
        return total(row.overdue(today) for row in self.rows)

    def overdue_since(self, today: dt.date) -> dt.date | None:
        """The day after which the first of the overdue services waits."""
        return min((row.due_on for row in self.rows if row.overdue(today)), default=None)

    def due_on(self, today: dt.date) -> dt.date | None:
        """The next day by which something is to be paid; None when all of it is overdue or paid."""
        return min((row.due_on for row in self.rows if row.to_pay.kop > 0 and today <= row.due_on), default=None)

    @property
    def overpaid(self) -> Money:
        return -total(row.to_pay for row in self.rows if row.to_pay.kop < 0)


def total(amounts: Iterable[Money]) -> Money:
    return sum(amounts, ZERO)


def bill_of(*, premises_id: int, today: dt.date, months: int = 1) -> Bill:
    """The bill of the month before `today`'s, with the states of the last `months` months. Four queries."""
    services = registry.services_of(premises_ids=[premises_id], on=today)
    current = Period.of(today)
    period = current.previous
    ids = [service.account_service_id for service in services]
    states = ledger.account_states(account_service_ids=ids, first=period.shift(1 - months), last=current)
    balances = ledger.balances(account_service_ids=ids)
    rows = tuple(_row(service, period, states, balances[service.account_service_id]) for service in services)
    return Bill(period, rows, tuple(states))


def _row(service: ServiceView, period: Period, states: Sequence[AccountState], balance: Money) -> BillRow:
    own = [state for state in states if state.account_service_id == service.account_service_id]
    charged = total(state.charged + state.subscription for state in own if state.period == period)
    paid = total(state.paid for state in own if state.period > period)
    newer = total(state.charged + state.subscription for state in own if state.period > period)
    due_on = registry.due_day(period=period, services=[service])
    return BillRow(service, balance - charged + paid, charged, paid, balance, due_on, newer)
