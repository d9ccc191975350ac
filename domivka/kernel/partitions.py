"""Monthly partitions of the big tables: made ahead by a nightly job, or when a month is first written."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from domivka.kernel.period import Period


def ensure_partitions(*, table: str, periods: Iterable[Period]) -> None:
    """Create the missing partitions of `table` for `periods`; one statement, existing ones cost a look-up each.

    `table` is partitioned by list of the integer period. Safe to call at the same time from many transactions; the second
    one waits until the first one ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kernel_ensure_partition(%s, period) FROM unnest(%s::int[]) period",
            [table, sorted(int(period) for period in set(periods))],
        )


def ensure_ahead(*, period: Period) -> None:
    """Make the partitions of `period` and of the months beside it in every table that has them, so that no long
    transaction makes one that others then wait for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'p' AND relnamespace = current_schema()::regnamespace ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
    for table in tables:  # three or four
        ensure_partitions(table=table, periods=[period.previous, period, period.next])
