"""Months of the big tables: made while others read and write, once, ahead of need."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from domivka.kernel.partitions import ensure_ahead, ensure_partitions
from domivka.kernel.period import Period

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "metering_reading"
FAR = Period(209901)


@pytest.fixture(autouse=True)
def swept() -> object:
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '_2(09[89]|100)(01|02|12)$' AND relkind = 'r'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")


def months(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table])
        return {name for (name,) in cursor.fetchall()}


def until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(400):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = ("
                "SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone() == (1,):
                return
            time.sleep(0.05)
    raise AssertionError("the second transaction never came to wait for the first one")


def test_month_is_made_while_another_transaction_that_read_the_table_waits_to_make_it() -> None:
    """The first readings of a month by two people at once: neither blocks the other for ever."""
    reads, made, problems = threading.Event(), threading.Event(), []

    def second_person() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {TABLE}")
                reads.set()
                made.wait(20)
                ensure_partitions(table=TABLE, periods=[FAR])
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=second_person)
    thread.start()
    assert reads.wait(20)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        ensure_partitions(table=TABLE, periods=[FAR])
        made.set()
        until_somebody_waits()
    thread.join(20)

    assert problems == []
    assert f"{TABLE}_209901" in months(TABLE)


def test_rows_of_a_new_month_keep_every_rule_of_the_table() -> None:
    ensure_partitions(table=TABLE, periods=[FAR, FAR])
    ensure_partitions(table=TABLE, periods=[FAR])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE relispartition) FROM pg_index JOIN pg_class ON oid = indexrelid"
            " WHERE indrelid = %s::regclass",
            [f"{TABLE}_209901"],
        )
        assert cursor.fetchone() == (3, 3)
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c' AND coninhcount = 1",
            [f"{TABLE}_209901"],
        )
        assert cursor.fetchone() == (1,)


def test_months_are_made_ahead_in_every_table_that_has_them() -> None:
    ensure_ahead(period=FAR)

    for table in ("metering_reading", "billing_charge_line", "ledger_posting"):
        assert {f"{table}_{month}" for month in (209812, 209901, 209902)} <= months(table)
