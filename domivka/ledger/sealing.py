"""The hash chain over the journal, and the proof that journal, balances and chain agree."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from domivka.kernel.period import Period
from domivka.kernel.processes import spread
from domivka.ledger.models import Seal
from domivka.ledger.operations import JOURNAL_LOCK

GENESIS: Final = bytes(32)
_BATCH: Final = 20_000  # transactions of a seal
_PIECE: Final = (
    500  # transactions looked at by one query: of a run they are millions of postings, of payments thousands
)
_END: Final = 2**63 - 1

# A transaction's digest covers its own row and its postings in order; a seal's covers the previous hash and theirs. By the
# index of transactions in their order, so that nothing is sorted but the postings of one transaction.
_DIGESTS: Final = """
WITH lines AS (
    SELECT q.transaction_id, count(*) AS n, sum(q.amount_kop) AS total,
           string_agg(concat_ws(',', q.id, q.period, q.account_id, q.kind, q.amount_kop, q.ref_id), ';' ORDER BY q.id) AS lines
    FROM ledger_posting q WHERE q.transaction_id BETWEEN %(first)s AND %(last)s GROUP BY q.transaction_id
)
SELECT coalesce(sum(p.n), 0), string_agg(sha256(convert_to(concat_ws('|', t.id, t.town_id, t.idempotency_key, t.cause, t.cause_id,
           t.period, extract(epoch FROM t.recorded_at), t.reverses_id, p.lines), 'UTF8')), ''::bytea ORDER BY t.id)
           FILTER (WHERE t.id IS NOT NULL),
       array_agg(coalesce(t.id, p.transaction_id)) FILTER (WHERE p.total <> 0 OR t.id IS NULL)
FROM (SELECT * FROM ledger_transaction WHERE id BETWEEN %(first)s AND %(last)s) t
FULL JOIN lines p ON p.transaction_id = t.id
"""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one query says of the transactions `first..last`: how many postings, the digests, and which do not balance."""

    postings: int
    digests: bytes
    wrong: tuple[int, ...]


def read_piece(*, first: int, last: int) -> _Piece:
    """Digest the transactions `first..last`; runs in any process."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashagg = off"
        )
        cursor.execute(_DIGESTS, {"first": first, "last": last})
        postings, digests, wrong = cursor.fetchone()
        cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on; SET LOCAL enable_hashagg = on")
    return _Piece(int(postings), bytes(digests or b""), tuple(wrong or ()))


def _pieces(after: int, last: int) -> list[tuple[int, int]]:
    """The ids `after + 1 .. last` cut so that each piece ends with a transaction; nothing between two ids is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) FROM (SELECT id, (sum(CASE cause WHEN 'payment' THEN 1 ELSE 25 END) OVER (ORDER BY id) / %s)::int"
            " AS piece FROM ledger_transaction WHERE id > %s AND id <= %s) t GROUP BY piece ORDER BY 1",
            [_PIECE, after, last],
        )
        ends = [row[0] for row in cursor.fetchall()]
    if not ends or ends[-1] != last:
        ends.append(last)
    return [(low + 1, high) for low, high in itertools.pairwise([after, *ends])]


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
    pieces = [read_piece(first=low, last=high) for low, high in _pieces(after, last)]
    Seal.objects.create(
        first_transaction_id=first,
        last_transaction_id=last,
        postings=sum(piece.postings for piece in pieces),
        previous_hash=previous,
        hash=hashlib.sha256(previous + b"".join(piece.digests for piece in pieces)).digest(),
        sealed_at=at,
    )
    return int(count)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: what kind, and where."""

    kind: str  # unbalanced, balance_differs, orphan, seal_broken, chain_broken
    where: str


_KINDS: Final = {
    "opening": "opening", "charge": "charged", "subscription": "subscription", "penalty": "penalty",
    "correction": "correction", "subsidy": "subsidy", "benefit": "benefit", "payment": "paid",
}  # fmt: skip
_POSTED: Final = ", ".join(f"sum(amount_kop) FILTER (WHERE kind = '{kind}') AS {name}" for kind, name in _KINDS.items())
_KEPT: Final = ", ".join(f"sum({name}_kop) FILTER (WHERE {name}_kop <> 0) AS {name}" for name in _KINDS.values())
_SAME: Final = " AND ".join(f"coalesce(j.{name}, 0) = coalesce(b.{name}, 0)" for name in ["total", *_KINDS.values()])
_DIFFERENT: Final = f"""
SELECT coalesce(j.account_id, b.account_id)
FROM (SELECT account_id, sum(amount_kop) AS total, {_POSTED} FROM ledger_posting WHERE period = %(period)s GROUP BY 1) j
FULL JOIN (SELECT account_id, sum(net_kop) AS total, {_KEPT} FROM ledger_turnover WHERE period = %(period)s GROUP BY 1) b
    ON b.account_id = j.account_id
WHERE NOT ({_SAME}) LIMIT %(limit)s
"""


def compare_month(*, period: int, limit: int) -> list[int]:
    """Ledger accounts whose balance of a month is not what its postings come to; runs in any process."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")  # a group for every account of the town
        cursor.execute(_DIFFERENT, {"period": period, "limit": limit})
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL work_mem TO DEFAULT")
    return found


_ORPHANS: Final = """
SELECT DISTINCT b.account_id FROM ledger_turnover b
WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.id = b.account_id) LIMIT %(limit)s
"""
_ELSEWHERE: Final = """
SELECT account_id FROM ledger_turnover WHERE period <> ALL(%(periods)s) AND net_kop <> 0 LIMIT %(limit)s
"""


def _months() -> list[int]:
    """Months that have a partition of postings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(inhrelid::regclass::text, 6)::int FROM pg_inherits"
            " WHERE inhparent = 'ledger_posting'::regclass ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def check(*, what: str, **job: Any) -> Any:
    """One job of the proof: a `month` of balances or a `piece` of the journal; runs in any process."""
    return compare_month(**job) if what == "month" else read_piece(**job)


def verify(*, limit: int = 100, workers: int = 1) -> list[Finding]:
    """Prove that every transaction sums to zero, that balances equal the journal kind by kind, that no posting lacks its
    account or transaction, and that no sealed row was edited, removed or reordered. An empty list is the proof; at most
    `limit` findings of a kind."""
    with connection.cursor() as cursor:  # so that each month below reads its own pages only
        cursor.execute("SELECT brin_summarize_new_values('ledger_balance_period')")
    months, seals = _months(), list(Seal.objects.order_by("last_transaction_id"))
    ends = [0, *(stored.last_transaction_id for stored in seals), _END]
    # From the end of the seal before: a row slipped in between seals is found too.
    cuts = [_pieces(after, last) for after, last in itertools.pairwise(ends)]
    jobs: list[dict[str, Any]] = [{"what": "month", "period": month, "limit": limit} for month in months]
    jobs += [{"what": "piece", "first": low, "last": high} for cut in cuts for low, high in cut]
    done = spread(workers=workers, module=__name__, function="check", jobs=jobs) if workers > 1 else map(_call, jobs)
    findings: list[Finding] = []
    for month, accounts in zip(months, itertools.islice(done, len(months)), strict=True):
        findings += [Finding("balance_differs", f"account {row}, {Period(month)}") for row in accounts]
    with connection.cursor() as cursor:
        cursor.execute(_ELSEWHERE, {"periods": months, "limit": limit})
        findings += [
            Finding("balance_differs", f"account {row[0]}, month without postings") for row in cursor.fetchall()
        ]
        cursor.execute(_ORPHANS, {"limit": limit})
        findings += [
            Finding("orphan", f"account {row[0]} has a balance and does not exist") for row in cursor.fetchall()
        ]
    return [*findings[:limit], *_verify_chain([len(cut) for cut in cuts], seals, done, limit)]


def _call(job: dict[str, Any]) -> Any:
    return check(**job)


def _verify_chain(sizes: list[int], seals: list[Seal], read: Iterator[_Piece], limit: int) -> list[Finding]:
    """Hold the digests of the pieces against the seals; `sizes` says how many pieces each seal has, and the rest."""
    findings: list[Finding] = []
    wrong: list[int] = []
    previous = GENESIS
    for size, stored in itertools.zip_longest(sizes, seals):
        digest, postings = hashlib.sha256(), 0
        digest.update(bytes(stored.previous_hash) if stored else b"")
        for piece in itertools.islice(read, size):
            digest.update(piece.digests)
            postings += piece.postings
            wrong += piece.wrong
        if stored is None:  # what is not sealed yet
            break
        if bytes(stored.previous_hash) != previous:
            findings.append(Finding("chain_broken", f"seal {stored.pk}"))
        if (postings, digest.digest()) != (stored.postings, bytes(stored.hash)):
            findings.append(
                Finding("seal_broken", f"transactions {stored.first_transaction_id}–{stored.last_transaction_id}")
            )
        previous = bytes(stored.hash)
    return [*(Finding("unbalanced", f"transaction {row}") for row in wrong[:limit]), *findings]
