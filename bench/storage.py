"""What a town takes on the disk: the arithmetic of docs/operations.md, «How big a machine»."""

from __future__ import annotations

from django.db import connection

from bench.harness import Result, result
from bench.town import OCT
from domivka.registry.models import AccountService

_MONTHS = ("billing_charge_line", "ledger_posting", "metering_reading")


def storage(town_id: int) -> list[Result]:
    """Bytes with indexes: a charged month and the rest of the database, each for one account service."""
    accounts = AccountService.objects.filter(account__town_id=town_id).count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
            " WHERE c.relname = ANY(%s) OR c.relname = 'statements_bill'",  # bills of this month alone are issued here
            [[f"{table}_{int(OCT)}" for table in _MONTHS]],
        )
        (month,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE period = %s), count(*), pg_total_relation_size('ledger_balance')"
            " FROM ledger_balance",
            [int(OCT)],
        )
        now, ever, size = cursor.fetchone()
        cursor.execute("SELECT pg_database_size(current_database())")
        (whole,) = cursor.fetchone()
    month += size * now // max(ever, 1)
    return [
        result(
            "month_on_disk", month / accounts, "bytes an account service",
            note="readings, lines with their explanation, postings, balances, bills; with indexes",
        ),
        result(
            "town_on_disk", (whole - month) / accounts, "bytes an account service",
            note="all but that month: addresses, accounts, meters, and 12 months of readings, postings and balances",
        ),
    ]  # fmt: skip
