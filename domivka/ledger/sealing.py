"""The hash chain over the journal, and the proof that journal, balances and chain agree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from domivka.kernel.period import Period
from domivka.ledger.models import Seal
from domivka.ledger.operations import JOURNAL_LOCK

GENESIS: Final = bytes(32)
_BATCH: Final = 20_000  # transactions

# A transaction's digest covers its own row and its postings in order; a batch's covers the previous hash and theirs.
_BATCH_HASH: Final = """
WITH digests AS (
    SELECT t.id, coalesce(p.n, 0) AS n, sha256(convert_to(concat_ws('|', t.id, t.town_id, t.idempotency_key, t.cause, t.cause_id,
        t.period, extract(epoch FROM t.recorded_at), t.reverses_id, p.lines), 'UTF8')) AS digest
    FROM ledger_transaction t LEFT JOIN LATERAL (
        SELECT count(*) AS n, string_agg(concat_ws(',', q.id, q.period, q.account_id, q.kind, q.amount_kop, q.ref_id),
            ';' ORDER BY q.id) AS lines
        FROM ledger_posting q WHERE q.transaction_id = t.id
    ) p ON true
    WHERE t.id BETWEEN %(first)s AND %(last)s
)
SELECT coalesce(sum(n), 0), sha256(%(previous)s || coalesce(string_agg(digest, ''::bytea ORDER BY id), ''::bytea)) FROM digests
"""


def _batch_hash(first: int, last: int, previous: bytes) -> tuple[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(_BATCH_HASH, {"first": first, "last": last, "previous": previous})
        postings, digest = cursor.fetchone()
    return int(postings), bytes(digest)


def seal(*, at: dt.datetime, batch: int = _BATCH) -> int:
    """Seal every transaction that is not sealed yet; returns how many. Waits for writers under way."""
    sealed = 0
    while count := _seal_batch(at=at, batch=batch):
        sealed += count
    return sealed


@transaction.atomic
def _seal_batch(*, at: dt.datetime, batch: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [JOURNAL_LOCK])
        last_seal = Seal.objects.order_by("-last_transaction_id").first()
        after = last_seal.last_transaction_id if last_seal else 0
        previous = bytes(last_seal.hash) if last_seal else GENESIS
        cursor.execute(
            "SELECT min(id), max(id), count(*) FROM "
            "(SELECT id FROM ledger_transaction WHERE id > %s ORDER BY id LIMIT %s) t",
            [after, batch],
        )
        first, last, count = cursor.fetchone()
    if not count:
        return 0
    postings, digest = _batch_hash(first, last, previous)
    Seal.objects.create(
        first_transaction_id=first,
        last_transaction_id=last,
        postings=postings,
        previous_hash=previous,
        hash=digest,
        sealed_at=at,
    )
    return int(count)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: what kind, and where."""

    kind: str  # unbalanced, empty_transaction, balance_differs, seal_broken, chain_broken
    where: str


_UNBALANCED: Final = "SELECT transaction_id FROM ledger_posting GROUP BY 1 HAVING sum(amount_kop) <> 0"
_DIFFERENT: Final = """
SELECT coalesce(j.account_id, b.account_id), coalesce(j.period, b.period)
FROM (SELECT account_id, period, sum(amount_kop) AS total FROM ledger_posting GROUP BY 1, 2) j
FULL JOIN (SELECT account_id, period, sum(net_kop) AS total FROM ledger_balance GROUP BY 1, 2) b
    ON b.account_id = j.account_id AND b.period = j.period
WHERE coalesce(j.total, 0) <> coalesce(b.total, 0)
"""


def verify(*, limit: int = 100) -> list[Finding]:
    """Prove that every transaction sums to zero, that balances equal the journal and that no sealed row was
    edited, removed or reordered. An empty list is the proof; at most `limit` findings of a kind."""
    findings: list[Finding] = []
    with connection.cursor() as cursor:
        cursor.execute(f"{_UNBALANCED} LIMIT %s", [limit])
        findings += [Finding("unbalanced", f"transaction {row[0]}") for row in cursor.fetchall()]
        cursor.execute(f"{_DIFFERENT} LIMIT %s", [limit])
        findings += [Finding("balance_differs", f"account {row[0]}, {Period(row[1])}") for row in cursor.fetchall()]
    previous, after = GENESIS, 0
    for stored in Seal.objects.order_by("last_transaction_id"):
        if bytes(stored.previous_hash) != previous:
            findings.append(Finding("chain_broken", f"seal {stored.pk}"))
        # From the end of the seal before: a row slipped in between seals is found too.
        postings, digest = _batch_hash(after + 1, stored.last_transaction_id, bytes(stored.previous_hash))
        if (postings, digest) != (stored.postings, bytes(stored.hash)):
            findings.append(
                Finding("seal_broken", f"transactions {stored.first_transaction_id}–{stored.last_transaction_id}")
            )
        previous, after = bytes(stored.hash), stored.last_transaction_id
    return findings
