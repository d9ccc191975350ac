"""Monthly partitions of the big tables, made when a month is first written."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from domivka.kernel.period import Period


def ensure_partitions(*, table: str, periods: Iterable[Period]) -> None:
    """Create the missing partitions of `table` for `periods`; existing ones cost one look-up for all.

    `table` is partitioned by list of the integer period. Safe to call at the same time from many processes.
    """
    wanted = {int(period) for period in periods}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT period FROM unnest(%s::int[]) period WHERE to_regclass(%s || '_' || period) IS NULL",
            [sorted(wanted), table],
        )
        missing = [row[0] for row in cursor.fetchall()]
        if not missing:
            return
        with transaction.atomic():
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"partitions:{table}"])
            for period in missing:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {table}_{period} PARTITION OF {table} FOR VALUES IN ({period})"
                )
