"""The bill of a home as the cabinet shows it: what was owed, charged, paid, and what is left to pay, per service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.api import Owed, Turnover
from domivka.registry import api as registry
from domivka.registry.api import ServiceView


@dataclass(frozen=True, slots=True)
class BillRow:
    """One service of the bill; `debt_before + charged + penalty − covered − paid = to_pay` always holds (seed S0, «Рахунок
    за березень»)."""

    service: ServiceView
    debt_before: Money  # «Заборгованість / переплата»: positive is debt
    charged: Money  # charged in the month, subscription fee included
    covered: Money  # of it, by subsidy and benefit
    paid: Money  # came after the month
    to_pay: Money  # the balance now; negative is an overpayment
    due_on: dt.date  # by when this provider wants it paid
    newer: Money  # charged after the month: part of the balance, but not of this bill
    penalty: Money = ZERO  # charged in the month beside `charged`

    def overdue(self, today: dt.date) -> Money:
        """What is still unpaid of this bill and what came before it, after its day."""
        unpaid = self.to_pay - self.newer
        return unpaid if today > self.due_on and unpaid.kop > 0 else ZERO


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of the last charged month."""

    period: Period
    rows: tuple[BillRow, ...]
    turnovers: tuple[Turnover, ...]  # the months with movement that were asked for, oldest first

    @property
    def debt_before(self) -> Money:
        return total(row.debt_before for row in self.rows)

    @property
    def charged(self) -> Money:
        return total(row.charged for row in self.rows)

    @property
    def penalty(self) -> Money:
        return total(row.penalty for row in self.rows)

    @property
    def covered(self) -> Money:
        return total(row.covered for row in self.rows)

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
    """The bill of the month before `today`'s, with the turnovers of the last `months` months. Two queries."""
    services = registry.services_of(premises_ids=[premises_id], on=today)
    current = Period.of(today)
    period = current.previous
    ids = [service.account_service_id for service in services]
    owed, turnovers = ledger.owed(account_service_ids=ids, period=period, first=period.shift(1 - months), last=current)
    rows = tuple(_row(service, period, owed[service.account_service_id]) for service in services)
    return Bill(period, rows, tuple(turnovers))


def _row(service: ServiceView, period: Period, owed: Owed) -> BillRow:
    due_on = registry.due_day(period=period, services=[service])
    debt_before = owed.balance - owed.charged - owed.penalty + owed.covered + owed.paid_since
    return BillRow(
        service,
        debt_before,
        owed.charged,
        owed.covered,
        owed.paid_since,
        owed.balance,
        due_on,
        owed.charged_since,
        owed.penalty,
    )
