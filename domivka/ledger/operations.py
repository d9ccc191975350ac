"""Writing the journal. Everything that moves money comes through `post` or `post_frame`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.copy import copy_frame
from domivka.kernel.errors import DomainError
from domivka.kernel.frames import id_array, read_frame
from domivka.kernel.partitions import ensure_partitions
from domivka.kernel.period import Period
from domivka.ledger.models import Account, EntryKind, Transaction

JOURNAL_LOCK: Final = 7_201_001
"""Advisory lock: writers share it, sealing takes it alone, so a seal never skips a transaction under way."""

FRAME_SCHEMA: Final = {
    "account_id": pl.Int64,
    "kind": pl.String,
    "amount_kop": pl.Int64,
    "period": pl.Int32,
    "ref_id": pl.Int64,
}
"""Columns of `post_frame`'s postings; `ref_id` may be null."""


class UnbalancedTransaction(DomainError):
    """The postings do not sum to zero."""


class IdempotencyConflict(DomainError):
    """The key was used before for a transaction of other postings."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting to be written: debit positive, credit negative."""

    account_id: int
    kind: EntryKind
    amount_kop: int
    period: Period
    ref_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The transaction of a key; `created` is False when an earlier call had written it."""

    transaction_id: int
    created: bool


def post(
    *,
    town_id: int,
    key: str,
    cause: str,
    cause_id: int | str,
    period: Period,
    entries: Iterable[Entry],
    at: dt.datetime,
) -> Posted:
    """Write one transaction. The same key again changes nothing; entries of zero are left out.

    Raises `UnbalancedTransaction`, `IdempotencyConflict`. Runs in the caller's transaction or its own.
    """
    rows = [
        (entry.account_id, str(entry.kind), entry.amount_kop, int(entry.period), entry.ref_id)
        for entry in entries
        if entry.amount_kop
    ]
    if len(rows) >= _COPY_FROM:
        frame = pl.DataFrame(rows, schema=FRAME_SCHEMA, orient="row")
        return post_frame(
            town_id=town_id, key=key, cause=cause, cause_id=cause_id, period=period, postings=frame, at=at
        )
    total = sum(row[2] for row in rows)
    if total:
        raise UnbalancedTransaction(f"{key}: {total} kop")
    accounts, kinds, amounts, periods, refs = zip(*rows, strict=True) if rows else ((),) * 5
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _POST,
            [
                *(town_id, key, cause, str(cause_id), int(period), at),
                *(list(accounts), list(kinds), list(amounts), list(periods), list(refs)),
            ],
        )
        (transaction_id,) = cursor.fetchone()
    if transaction_id is None:
        return Posted(transaction_id=_known(key, len(rows), sum(max(row[2], 0) for row in rows)), created=False)
    return Posted(transaction_id=transaction_id, created=True)


_POST: Final = """
SELECT ledger_post(%s, %s, %s, %s, %s, %s, %s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::bigint[])
"""


def post_frame(
    *,
    town_id: int,
    key: str,
    cause: str,
    cause_id: int | str,
    period: Period,
    postings: pl.DataFrame,
    at: dt.datetime,
) -> Posted:
    """Write one transaction of many postings (columns `FRAME_SCHEMA`) by `COPY`; otherwise as `post`."""
    frame = postings.select(pl.col(name).cast(kind) for name, kind in FRAME_SCHEMA.items())
    frame = frame.filter(pl.col("amount_kop") != 0)
    if frame["amount_kop"].sum():
        raise UnbalancedTransaction(f"{key}: {frame['amount_kop'].sum()} kop")
    return _write(town_id=town_id, key=key, cause=cause, cause_id=cause_id, period=period, postings=frame, at=at)


_INSERT_POSTINGS: Final = """
INSERT INTO ledger_posting (transaction_id, account_id, kind, amount_kop, period, ref_id)
SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::bigint[])
"""
_COPY_FROM: Final = 500  # rows from which COPY is faster than one INSERT of arrays


def _write(
    *,
    town_id: int,
    key: str,
    cause: str,
    cause_id: int | str,
    period: Period,
    postings: pl.DataFrame,
    at: dt.datetime,
    reverses_id: int | None = None,
) -> Posted:
    ensure_partitions(table="ledger_posting", periods=[Period(p) for p in postings["period"].unique()])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock_shared({JOURNAL_LOCK}); "
            "INSERT INTO ledger_transaction (town_id, idempotency_key, cause, cause_id, period, recorded_at, reverses_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (idempotency_key) DO NOTHING RETURNING id",
            [town_id, key, cause, str(cause_id), int(period), at, reverses_id],
        )
        cursor.nextset()
        written = cursor.fetchone()
        if written is None:
            debit = postings.filter(pl.col("amount_kop") > 0)["amount_kop"].sum()
            return Posted(transaction_id=_known(key, postings.height, int(debit)), created=False)
        transaction_id = int(written[0])
        if postings.height >= _COPY_FROM:  # in the order in which balances are written, and indexes grow at their end
            ordered = postings.sort("account_id", maintain_order=True)
            copy_frame(
                table="ledger_posting", frame=ordered.with_columns(transaction_id=pl.lit(transaction_id, pl.Int64))
            )
        elif postings.height:
            columns = [postings[name].to_list() for name in FRAME_SCHEMA]
            cursor.execute(_INSERT_POSTINGS, [transaction_id, *columns])
        return Posted(transaction_id=transaction_id, created=True)


def _known(key: str, count: int, debit_kop: int) -> int:
    known = Transaction.objects.get(idempotency_key=key)
    amounts = list(known.postings.values_list("amount_kop", flat=True))
    if (len(amounts), sum(max(amount, 0) for amount in amounts)) != (count, debit_kop):
        raise IdempotencyConflict(key)
    return known.pk


def reverse(*, transaction_id: int, key: str, at: dt.datetime) -> Posted:
    """Write the exact opposite of a transaction, in the same periods and kinds. A second reversal is a no-op
    with the same key and `IdempotencyConflict` with another."""
    original = Transaction.objects.get(pk=transaction_id)
    earlier = Transaction.objects.filter(reverses=original).first()
    if earlier is not None:
        if earlier.idempotency_key != key:
            raise IdempotencyConflict(key)
        return Posted(transaction_id=earlier.pk, created=False)
    postings = read_frame(
        query="SELECT account_id, kind, -amount_kop, period, ref_id FROM ledger_posting WHERE transaction_id = %(id)s",
        parameters={"id": transaction_id},
        schema=FRAME_SCHEMA,
    )
    return _write(
        town_id=original.town_id,
        key=key,
        cause="reversal",
        cause_id=transaction_id,
        period=original.period,
        postings=postings,
        at=at,
        reverses_id=transaction_id,
    )


def fold() -> int:
    """Add to the balances of shared accounts what transactions have appended since the last time; how many transactions.
    Changes no sum: readers see each addition before, or in the balance after."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_addition")
        return int(cursor.rowcount)


def open_personal_accounts(*, town_id: int, account_service_ids: Sequence[int]) -> dict[int, int]:
    """The ledger account of every account service: {account service: ledger account}. An account service has it from birth
    (a trigger of migration 0003); an owner that the registry does not know gets one here."""
    ids = list(account_service_ids)
    with connection.cursor() as cursor:
        cursor.execute(_PERSONAL, [ids])
        found = dict(cursor.fetchall())
        missing = sorted(set(ids) - found.keys())
        if missing:
            cursor.execute(
                "INSERT INTO ledger_account (town_id, kind, owner_id, code) SELECT %s, 'personal', unnest(%s::bigint[]), ''"
                " ON CONFLICT DO NOTHING",
                [town_id, missing],
            )
            cursor.execute(_PERSONAL, [missing])
            found.update(cursor.fetchall())
        return found


_PERSONAL: Final = "SELECT owner_id, id FROM ledger_account WHERE kind = 'personal' AND owner_id = ANY(%s)"


def personal_accounts(*, account_service_ids: pl.Series) -> pl.DataFrame:
    """account_service_id, account_id: the ledger accounts of account services as a frame; one query, which walks the index
    once for all of them."""
    return read_frame(
        query="SELECT owner_id, id FROM ledger_account WHERE kind = 'personal' AND owner_id = ANY(%(ids)s::bigint[])",
        parameters={"ids": id_array(account_service_ids.sort())},
        schema={"account_service_id": pl.Int64, "account_id": pl.Int64},
    )


def system_account(*, town_id: int, kind: Account.Kind, owner_id: int | None = None, code: str = "") -> int:
    """The id of a control, clearing, gateway, fee or suspense account, opened at first use."""
    account, _ = Account.objects.get_or_create(town_id=town_id, kind=kind, owner_id=owner_id, code=code)
    return account.pk
