"""Money arrived: allocations, postings and the new state in one transaction, written in one call of the database."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from domivka.kernel.clock import KYIV
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.payments.models import GatewayEvent
from domivka.payments.rules.split import Part, oldest_first

APPLIED: Final = "applied"
"""The outcome of a message that was followed."""

RECEIPT_TASK: Final = "statements.send_receipt"
"""A job of a context above this one, so it is known here by name only. It gets `intent_id`."""


class Line(NamedTuple):
    """A line of a payment with the ledger accounts that it moves and the balances of its personal account."""

    id: int
    account_service_id: int
    amount_kop: int
    provider_service_id: int
    personal: int
    control: int | None  # None before its first posting, as `clearing`
    clearing: int | None
    months: list[tuple[int, int, int]]  # period, net_kop, paid_kop; oldest first


class Due(NamedTuple):
    """A payment whose row, and whose personal accounts' rows, this transaction holds locked."""

    intent_id: uuid.UUID
    state: str
    gateway: str
    amount_kop: int
    fee_kop: int
    town_id: int
    lines: list[Line]
    gateway_account: int | None
    fee_account: int | None


def lock_due(*, gateway: str, reference: str) -> Due | None:
    """Lock a payment and the personal accounts it pays, in one order, so that two payments do not settle the same
    debt twice. None when there is no such payment. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payments_lock_due(%s, %s)::text", [gateway, reference])
        (found,) = cursor.fetchone()
    if found is None:
        return None
    values: dict[str, Any] = json.loads(found)
    values["intent_id"] = uuid.UUID(values["intent_id"])
    values["lines"] = [Line(*line) for line in values["lines"]]
    return Due(**values)


def credit(due: Due, event: GatewayEvent, *, at: dt.datetime) -> None:
    """Credit a payment, and store the message that says so if it is not stored. The caller has asked the table of
    states. One query.

    Chosen lines get what was chosen for them; inside a line the oldest debt is settled first and the rest is an
    advance (domain.md §5.4). Dr gateway (sum + commission), Cr each personal account, Cr fee; Dr control, Cr clearing
    of each provider's service. The receipt is queued in the same transaction.
    """
    period = Period.of(at.astimezone(KYIV).date())
    split = [(line, part) for line in due.lines for part in _parts(line, period)]
    new = event.pk is None
    with connection.cursor() as cursor:
        cursor.execute(
            _CREDIT_AND_STORE if new else _CREDIT,
            [
                *(due.intent_id, due.town_id, int(period), at),
                *map(list, zip(*_postings(due), strict=True)),
                [line.id for line, _ in split],
                [line.account_service_id for line, _ in split],
                [int(part.period) for _, part in split],
                [part.is_advance for _, part in split],
                [part.amount_kop for _, part in split],
                RECEIPT_TASK,
                *(_stored(event, due) if new else []),
            ],
        )
        if new:
            (event.pk,) = cursor.fetchone()


_CREDIT: Final = """
SELECT payments_credit(%s, %s, %s, %s, %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::int[], %s::bool[], %s::bigint[], %s)
"""
_CREDIT_AND_STORE: Final = f"""
WITH credited AS MATERIALIZED ({_CREDIT})
INSERT INTO payments_gatewayevent
    (gateway, received_at, source, body, headers, signature_ok, event_key, intent_id, applied_at, outcome)
SELECT %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s FROM credited RETURNING id
"""


def _stored(event: GatewayEvent, due: Due) -> list[Any]:
    return [
        *(event.gateway, event.received_at, event.source, event.body, json.dumps(event.headers), event.signature_ok),
        *(event.event_key, due.intent_id, event.applied_at, APPLIED),
    ]


def _parts(line: Line, period: Period) -> list[Part]:
    months = [(Period(month), net, paid) for month, net, paid in line.months]
    return oldest_first(amount_kop=line.amount_kop, debts=ledger.unpaid_months(months=months), advance_from=period)


def _postings(due: Due) -> list[tuple[int, str, int, int | None]]:
    """Account, kind, kopiykas and line of each posting."""
    kind, code = Account.Kind, due.gateway
    gateway = _opened(due.gateway_account, due, kind.GATEWAY, code=code)
    postings: list[tuple[int, str, int, int | None]] = [(gateway, _PAYMENT, due.amount_kop + due.fee_kop, None)]
    if due.fee_kop:
        fee = _opened(due.fee_account, due, kind.FEE, code=code)
        postings.append((fee, ledger.EntryKind.FEE.value, -due.fee_kop, None))
    for line in due.lines:
        postings += [
            (line.personal, _PAYMENT, -line.amount_kop, line.id),
            (_opened(line.control, due, kind.CONTROL, line.provider_service_id), _PAYMENT, line.amount_kop, line.id),
            (_opened(line.clearing, due, kind.CLEARING, line.provider_service_id), _PAYMENT, -line.amount_kop, line.id),
        ]
    return postings


_PAYMENT: Final = ledger.EntryKind.PAYMENT.value


def _opened(known: int | None, due: Due, kind: Account.Kind, owner_id: int | None = None, code: str = "") -> int:
    if known is not None:
        return known
    return ledger.system_account(town_id=due.town_id, kind=kind, owner_id=owner_id, code=code)


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
