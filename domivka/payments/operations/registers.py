"""Payments of a bank's or post office's register: read, split and written as sets, whatever its size."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.copy import copy_frame, next_ids
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.payments.models import RegisterPayment
from domivka.payments.operations.confirm import SystemAccounts, lock_personal_accounts
from domivka.payments.rules.split import Part, over_services
from domivka.payments.types import RegisterResult, RegisterRow

UNKNOWN_ACCOUNT: Final = "unknown_account"
AMBIGUOUS_ACCOUNT: Final = "ambiguous_account"
"""The number belongs to accounts of several providers and the register does not say whose."""
NO_SUCH_SERVICE: Final = "no_such_service"
_ANALYZE_FROM: Final = 5_000  # rows from which the planner is told at once how the tables grew

_SEEN: Final = """
SELECT digest FROM payments_registerpayment WHERE bank = %s AND digest = ANY(%s) AND reversed_at IS NULL
"""
_SERVICES: Final = """
SELECT a.number, a.id, x.id, x.provider_service_id, s.code
FROM registry_personalaccount a
JOIN registry_accountservice x ON x.account_id = a.id
JOIN registry_providerservice p ON p.id = x.provider_service_id
JOIN registry_service s ON s.id = p.service_id
WHERE a.town_id = %(town)s AND a.number = ANY(%(numbers)s)
  AND (%(provider)s::bigint IS NULL OR a.provider_id = %(provider)s)
ORDER BY x.id
"""
# The rule of `ledger.unpaid_months`, said over sets so that a long history stays in the database: what reduced the
# balance settles the oldest months; of each month comes what is left, and of each service its last charge.
_DEBTS: Final = """
WITH months AS (
    SELECT a.owner_id AS owner, b.period, b.charged_kop, greatest(b.net_kop - b.paid_kop, 0) AS due,
           -b.paid_kop - least(b.net_kop - b.paid_kop, 0) AS credit
    FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
    WHERE a.kind = 'personal' AND a.owner_id = ANY(%s)
),
settled AS (
    SELECT owner, period, due, sum(due) OVER (PARTITION BY owner ORDER BY period) AS due_so_far,
           greatest(sum(credit) OVER (PARTITION BY owner), 0) AS credit
    FROM months
)
SELECT owner, period, least(due, due_so_far - credit)::bigint, false
FROM settled WHERE due > 0 AND due_so_far > credit
UNION ALL
SELECT owner, period, charged_kop, true
FROM (SELECT DISTINCT ON (owner) * FROM months WHERE charged_kop > 0 ORDER BY owner, period DESC) last
ORDER BY 1, 2
"""


class _Book:
    """What is known of the accounts of a register: services, and debts that shrink as rows are settled."""

    def __init__(self, town_id: int, provider_id: int | None, rows: Sequence[RegisterRow]) -> None:
        numbers = sorted({row.account_number for row in rows})
        self.provider_service: dict[int, int] = {}
        self.service_code: dict[int, str] = {}
        self._services: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        with connection.cursor() as cursor:
            cursor.execute(_SERVICES, {"town": town_id, "numbers": numbers, "provider": provider_id})
            for number, account, service, provider_service, code in cursor.fetchall():
                self._services[number][account].append(service)
                self.provider_service[service], self.service_code[service] = provider_service, code
            ids = sorted(self.provider_service)
            self.personal = lock_personal_accounts(town_id, ids) if ids else {}
            self.debts: dict[int, dict[Period, int]] = {service: {} for service in ids}
            self.charges: dict[int, int] = {}
            cursor.execute(_DEBTS, [ids])
            month = cache(Period)
            for service, period, kop, is_charge in cursor.fetchall():
                if is_charge:
                    self.charges[service] = kop
                else:
                    self.debts[service][month(period)] = kop

    def services(self, row: RegisterRow) -> list[int] | str:
        """The account services a row pays, or the reason why it cannot be known."""
        accounts = self._services.get(row.account_number)
        if not accounts:
            return UNKNOWN_ACCOUNT
        if len(accounts) > 1:
            return AMBIGUOUS_ACCOUNT
        (services,) = accounts.values()
        if row.service_code:
            services = [service for service in services if self.service_code[service] == row.service_code]
        return services or NO_SUCH_SERVICE

    def settle(self, row: RegisterRow, services: list[int]) -> dict[int, list[Part]]:
        """Split a row and take its parts off the debts."""
        parts = over_services(
            amount_kop=row.amount_kop,
            debts={service: list(self.debts[service].items()) for service in services},
            charges=self.charges,
            advance_from=_month_of(row.paid_on),
        )
        for service, settled in parts.items():
            debts = self.debts[service]
            for part in settled:
                if not part.is_advance:
                    debts[part.period] -= part.amount_kop
        return parts


@cache
def _month_of(day: dt.date) -> Period:
    return Period.of(day)


@transaction.atomic
def record_register(
    *,
    town_id: int,
    bank: str,
    batch: str,
    rows: Sequence[RegisterRow],
    at: dt.datetime,
    provider_id: int | None = None,
) -> RegisterResult:
    """Take the rows of a bank register into the ledger in one transaction.

    A row's money goes to the services of its account: month by month from the oldest debt, inside a month in
    proportion to the debts, the rest in proportion to the last charges. A row whose owner is not known waits in
    suspense with its reason. A digest seen before (and not reversed) is skipped. `provider_id` narrows account
    numbers to one provider's. Amounts in kopiykas, above zero. A constant number of queries.
    """
    with connection.cursor() as cursor:  # one register of a bank at a time: digests are checked, then written
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"register:{bank}"])
        cursor.execute(_SEEN, [bank, [row.digest for row in rows]])
        seen = {digest for (digest,) in cursor.fetchall()}
    fresh = list({row.digest: row for row in rows if row.digest not in seen}.values())
    if not fresh:
        return RegisterResult(None, 0, 0, len(rows), 0, 0, {})
    book = _Book(town_id, provider_id, fresh)
    reasons: dict[int, str] = {}
    split: dict[int, dict[int, list[Part]]] = {}
    for row in fresh:
        services = book.services(row)
        if isinstance(services, str):
            reasons[row.row_id] = services
        else:
            split[row.row_id] = book.settle(row, services)
    posted = _post(town_id, bank, batch, fresh, split, book, at)
    _write_rows(town_id, bank, batch, fresh, split, reasons, posted, at)
    suspended = sum(row.amount_kop for row in fresh if row.row_id in reasons)
    return RegisterResult(
        ledger_transaction_id=posted,
        credited=len(split),
        suspended=len(reasons),
        repeated=len(rows) - len(fresh),
        credited_kop=sum(row.amount_kop for row in fresh) - suspended,
        suspended_kop=suspended,
        suspense_reasons=reasons,
        fresh_rows=frozenset(row.row_id for row in fresh),
    )


def _post(
    town_id: int,
    bank: str,
    batch: str,
    rows: list[RegisterRow],
    split: dict[int, dict[int, list[Part]]],
    book: _Book,
    at: dt.datetime,
) -> int:
    """Dr bank, Cr personal accounts or suspense; Dr control, Cr clearing. Periods are those of the payment days."""
    accounts = SystemAccounts(town_id, set(book.provider_service.values()), [bank])
    entries: list[tuple[int, str, int, int, int]] = []
    for row in rows:
        period = int(_month_of(row.paid_on))
        entries.append((accounts.gateway(bank), "payment", row.amount_kop, period, row.row_id))
        if row.row_id not in split:
            entries.append((accounts.suspense(bank), "payment", -row.amount_kop, period, row.row_id))
            continue
        for service, parts in split[row.row_id].items():
            kop, provider_service = sum(part.amount_kop for part in parts), book.provider_service[service]
            entries += [
                (book.personal[service], "payment", -kop, period, row.row_id),
                (accounts.control(provider_service), "payment", kop, period, row.row_id),
                (accounts.clearing(provider_service), "payment", -kop, period, row.row_id),
            ]
    attempt = RegisterPayment.objects.filter(bank=bank, batch=batch).values("ledger_transaction_id").distinct().count()
    posted = ledger.post_frame(
        town_id=town_id,
        key=f"register:{bank}:{batch}:{attempt}",
        cause="register",
        cause_id=batch,
        period=Period.of(max(row.paid_on for row in rows)),
        postings=pl.DataFrame(entries, schema=["account_id", "kind", "amount_kop", "period", "ref_id"], orient="row"),
        at=at,
    )
    return posted.transaction_id


def _write_rows(
    town_id: int,
    bank: str,
    batch: str,
    rows: list[RegisterRow],
    split: dict[int, dict[int, list[Part]]],
    reasons: dict[int, str],
    transaction_id: int,
    at: dt.datetime,
) -> None:
    ids = next_ids(sequence="payments_registerpayment_id_seq", count=len(rows)).to_list()
    payments = pl.DataFrame(
        [
            (key, row.digest, row.row_id, row.account_number, row.amount_kop, row.paid_on, row.purpose,
             reasons.get(row.row_id, ""))
            for key, row in zip(ids, rows, strict=True)
        ],
        schema={
            "id": pl.Int64, "digest": pl.String, "row_id": pl.Int64, "account_number": pl.String,
            "amount_kop": pl.Int64, "paid_on": pl.Date, "purpose": pl.String, "suspense_reason": pl.String,
        },
        orient="row",
    ).with_columns(
        pl.lit(town_id).alias("town_id"),
        pl.lit(bank).alias("bank"),
        pl.lit(batch).alias("batch"),
        pl.lit(transaction_id).alias("ledger_transaction_id"),
        pl.lit(at.astimezone(dt.UTC).replace(tzinfo=None)).alias("recorded_at"),
    )  # fmt: skip
    copy_frame(table="payments_registerpayment", frame=payments)
    allocations = pl.DataFrame(
        [
            (key, service, int(part.period), part.is_advance, part.amount_kop)
            for key, row in zip(ids, rows, strict=True)
            for service, parts in split.get(row.row_id, {}).items()
            for part in parts
        ],
        schema={
            "register_payment_id": pl.Int64, "account_service_id": pl.Int64, "for_period": pl.Int32,
            "is_advance": pl.Boolean, "amount_kop": pl.Int64,
        },
        orient="row",
    ).with_columns(pl.lit(transaction_id).alias("ledger_transaction_id"))  # fmt: skip
    copy_frame(table="payments_allocation", frame=allocations)
    if len(rows) >= _ANALYZE_FROM:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE payments_registerpayment, payments_allocation")


@transaction.atomic
def reverse_register(*, bank: str, batch: str, at: dt.datetime) -> int:
    """Undo a batch: its postings are reversed, its rows may come again. How many rows; a second undo does nothing."""
    rows = RegisterPayment.objects.select_for_update().filter(bank=bank, batch=batch, reversed_at__isnull=True)
    for transaction_id in sorted(set(rows.values_list("ledger_transaction_id", flat=True))):
        ledger.reverse(transaction_id=transaction_id, key=f"register-reversal:{transaction_id}", at=at)
    return rows.update(reversed_at=at)
