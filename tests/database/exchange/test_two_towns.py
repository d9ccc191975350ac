"""Two towns of one installation apply files at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from domivka.exchange import api as exchange
from domivka.exchange.operations import applying
from domivka.kernel.partitions import ensure_ahead
from domivka.kernel.period import Period
from tests.database.exchange.town import AT, GOOD, SECOND, add_addresses, bring, gaz_csv, make_town, upload

pytestmark = pytest.mark.django_db(transaction=True)
HOMES = [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")]
OCTOBER = GOOD.replace("1 000,50 грн.;44,26 грн.;1 800,00", "1 800,00 грн.;44,26 грн.;2 599,50")


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND NOT granted)")
        return bool(cursor.fetchone()[0])


def test_file_that_opens_accounts_and_file_that_adds_a_month_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(applying, "_ANALYZE_FROM", 1)  # as with 5 000 rows
    monkeypatch.setattr(applying, "_ANALYZE_OPENED_FROM", 0)  # as with 1 000 services
    towns = (make_town(), make_town(katottg="UA05020030010063858"))
    for town in towns:
        add_addresses(town, HOMES)
    bring(towns[0], gaz_csv(GOOD.replace("жовтень", "вересень")), period=Period(202609))
    adding, opening = upload(towns[0], gaz_csv(OCTOBER)), upload(towns[1], gaz_csv(GOOD, SECOND))
    for batch in (adding, opening):
        exchange.check(batch_id=batch, at=AT)
    ensure_ahead(period=Period(202610))
    has_opened, added, problems = threading.Event(), threading.Event(), []
    analyse, ready_rows = applying._analyse, applying._ready_rows

    def opened(batch: Any, preset: Any) -> Any:
        if batch.pk == opening:
            has_opened.set()  # it holds what it has analysed until its end, which comes later
        return ready_rows(batch, preset)

    def analysed(rows: int, period: Period) -> None:
        if threading.current_thread().name == str(opening):
            until = time.monotonic() + 10
            while not added.is_set() and not somebody_waits() and time.monotonic() < until:
                time.sleep(0.02)
        analyse(rows, period)

    def apply(batch: int) -> None:
        try:
            if batch == adding:
                has_opened.wait(20)
            exchange.apply(batch_id=batch, user_id=None, at=AT)
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)
        finally:
            if batch == adding:
                added.set()
            connection.close()

    monkeypatch.setattr(applying, "_ready_rows", opened)
    monkeypatch.setattr(applying, "_analyse", analysed)
    threads = [threading.Thread(target=apply, args=(batch,), name=str(batch)) for batch in (opening, adding)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert problems == []
