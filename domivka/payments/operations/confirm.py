"""Money arrived: allocations, postings and the new state in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from procrastinate.contrib.django import app

from domivka.kernel.clock import KYIV
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.payments.models import Allocation, Intent
from domivka.payments.rules.split import Part, oldest_first
from domivka.payments.rules.states import State

RECEIPT_TASK: Final = "statements.send_receipt"
"""A job of a context above this one, so it is known here by name only. It gets `intent_id`."""

_PAYMENT: Final = ledger.EntryKind.PAYMENT


def confirm(intent: Intent, *, at: dt.datetime) -> None:
    """Credit a paid intent. The caller holds its row lock and has asked the table of states.

    Chosen lines get what was chosen for them; inside a line the oldest debt is settled first and the rest is an
    advance (domain.md §5.4). Dr gateway (sum + commission), Cr each personal account, Cr fee; Dr control, Cr clearing
    of each provider's service. The receipt is queued in the same transaction.
    """
    period = Period.of(at.astimezone(KYIV).date())
    lines = _lines(intent)
    town_id = lines[0].town_id
    debts = ledger.open_debts(account_service_ids=[line.account_service_id for line in lines])
    posted = ledger.post(
        town_id=town_id,
        key=f"payment:{intent.pk}",
        cause="payment",
        cause_id=str(intent.pk),
        period=period,
        entries=_entries(intent, lines, SystemAccounts(town_id, [], [intent.gateway]), period),
        at=at,
    )
    Allocation.objects.bulk_create(
        Allocation(
            intent_line_id=line.id,
            account_service_id=line.account_service_id,
            for_period=part.period,
            is_advance=part.is_advance,
            amount_kop=part.amount_kop,
            ledger_transaction_id=posted.transaction_id,
        )
        for line in lines
        for part in _parts(line, debts[line.account_service_id], period)
    )
    _mark_paid(intent, period, posted.transaction_id, at)
    app.configure_task(RECEIPT_TASK).defer(intent_id=str(intent.pk))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the intent with the ledger accounts that it moves."""

    id: int
    account_service_id: int
    amount_kop: int
    town_id: int
    personal: int
    control: int
    clearing: int


# The personal accounts are locked in one order, so that two payments do not settle the same debt twice.
_LINES: Final = """
SELECT l.id, l.account_service_id, l.amount_kop, pa.town_id, p.id, control.id, clearing.id
FROM payments_intentline l
JOIN registry_accountservice s ON s.id = l.account_service_id
JOIN registry_personalaccount pa ON pa.id = s.account_id
JOIN ledger_account p ON p.kind = 'personal' AND p.owner_id = s.id
JOIN ledger_account control ON control.kind = 'control' AND control.owner_id = s.provider_service_id
JOIN ledger_account clearing ON clearing.kind = 'clearing' AND clearing.owner_id = s.provider_service_id
WHERE l.intent_id = %s ORDER BY p.id FOR NO KEY UPDATE OF p
"""


def _lines(intent: Intent) -> list[_Line]:
    """One query when every ledger account was used before; else they are opened first."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [intent.pk])
        rows = cursor.fetchall()
        if not rows or sum(row[2] for row in rows) != intent.amount_kop:
            _open_accounts(intent)
            cursor.execute(_LINES, [intent.pk])
            rows = cursor.fetchall()
    return [_Line(*row) for row in rows]


def _open_accounts(intent: Intent) -> None:
    services = list(
        intent.lines.values_list(
            "account_service", "account_service__provider_service", "account_service__account__town"
        )
    )
    town_id = services[0][2]
    ledger.open_personal_accounts(town_id=town_id, account_service_ids=[row[0] for row in services])
    accounts = SystemAccounts(town_id, [row[1] for row in services], [])
    for _service, provider_service, _town in services:
        accounts.control(provider_service)
        accounts.clearing(provider_service)


def _parts(line: _Line, debts: Sequence[ledger.OpenDebt], period: Period) -> list[Part]:
    owed = [(debt.period, debt.amount.kop) for debt in debts]
    return oldest_first(amount_kop=line.amount_kop, debts=owed, advance_from=period)


def _entries(intent: Intent, lines: list[_Line], accounts: SystemAccounts, period: Period) -> list[ledger.Entry]:
    entries = [
        ledger.Entry(accounts.gateway(intent.gateway), _PAYMENT, intent.amount_kop + intent.fee_kop, period),
    ]
    if intent.fee_kop:
        entries.append(ledger.Entry(accounts.fee(intent.gateway), ledger.EntryKind.FEE, -intent.fee_kop, period))
    for line in lines:
        entries += [
            ledger.Entry(line.personal, _PAYMENT, -line.amount_kop, period, line.id),
            ledger.Entry(line.control, _PAYMENT, line.amount_kop, period, line.id),
            ledger.Entry(line.clearing, _PAYMENT, -line.amount_kop, period, line.id),
        ]
    return entries


_PAID: Final = """
UPDATE payments_intent SET state = 'paid', confirmed_at = %s, ledger_transaction_id = %s, next_poll_at = NULL,
    failure = '', receipt_number = %s || '-' || lpad(nextval('payments_receipt_seq')::text, 7, '0')
WHERE id = %s
"""


def _mark_paid(intent: Intent, period: Period, transaction_id: int, at: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [at, transaction_id, f"{int(period) % 10000:04d}", intent.pk])
    intent.state = State.PAID


_LOCK: Final = """
SELECT owner_id, id FROM ledger_account WHERE kind = 'personal' AND owner_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


def lock_personal_accounts(town_id: int, account_service_ids: Sequence[int]) -> dict[int, int]:
    """Lock the ledger accounts of `account_service_ids` in one order, so that two payments do not settle the same
    debt twice; opens those that never had a posting. {account service: ledger account}."""
    ids = list(account_service_ids)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [ids])
        found: dict[int, int] = dict(cursor.fetchall())
        if len(found) < len(ids):
            ledger.open_personal_accounts(town_id=town_id, account_service_ids=ids)
            cursor.execute(_LOCK, [ids])
            found = dict(cursor.fetchall())
    return found


class SystemAccounts:
    """Ids of the control, clearing, gateway, fee and suspense accounts a payment touches: one query for all that
    exist, opened one by one at their first use."""

    def __init__(self, town_id: int, provider_service_ids: Iterable[int], codes: Sequence[str]) -> None:
        self._town_id = town_id
        rows = Account.objects.filter(
            town_id=town_id, kind__in=["control", "clearing"], owner_id__in=set(provider_service_ids)
        ) | Account.objects.filter(town_id=town_id, kind__in=["gateway", "fee", "suspense"], code__in=codes)
        self._known = {
            (kind, owner, code): pk for kind, owner, code, pk in rows.values_list("kind", "owner_id", "code", "pk")
        }

    def _get(self, kind: Account.Kind, owner_id: int | None = None, code: str = "") -> int:
        key = (kind.value, owner_id, code)
        if key not in self._known:
            self._known[key] = ledger.system_account(town_id=self._town_id, kind=kind, owner_id=owner_id, code=code)
        return self._known[key]

    def control(self, provider_service_id: int) -> int:
        return self._get(Account.Kind.CONTROL, provider_service_id)

    def clearing(self, provider_service_id: int) -> int:
        return self._get(Account.Kind.CLEARING, provider_service_id)

    def gateway(self, code: str) -> int:
        return self._get(Account.Kind.GATEWAY, code=code)

    def fee(self, code: str) -> int:
        return self._get(Account.Kind.FEE, code=code)

    def suspense(self, code: str) -> int:
        return self._get(Account.Kind.SUSPENSE, code=code)
