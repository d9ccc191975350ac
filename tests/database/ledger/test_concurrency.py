"""Many writers at once, and a process that dies in the middle."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import textwrap
import threading

import pytest
from django.db import connection

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Addition, Transaction

pytestmark = pytest.mark.django_db(transaction=True)

AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)
NOV = Period(202611)
TOWN = 1


def _pay(key: str, owner: int, kop: int) -> ledger.Posted:
    personal = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=[owner])[owner]
    gateway = ledger.system_account(town_id=TOWN, kind=Account.Kind.GATEWAY, code="sandbox")
    entries = [
        ledger.Entry(personal, ledger.EntryKind.PAYMENT, -kop, NOV),
        ledger.Entry(gateway, ledger.EntryKind.PAYMENT, kop, NOV),
    ]
    return ledger.post(town_id=TOWN, key=key, cause="payment", cause_id=key, period=NOV, entries=entries, at=AT)


def _in_threads(count: int, work: object) -> None:
    def run(n: int) -> None:
        try:
            work(n)  # type: ignore[operator]  # any callable of one int
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_post_of_one_key_by_sixteen_threads_is_one_transaction() -> None:
    created: list[bool] = []

    _in_threads(16, lambda n: created.append(_pay("pay:1", 11, 100_00).created))

    assert sorted(created) == [False] * 15 + [True]
    assert ledger.balances(account_service_ids=[11]) == {11: Money(-100_00)}


def test_post_while_sealing_leaves_nothing_out() -> None:
    def work(n: int) -> None:
        for m in range(5):
            _pay(f"pay:{n}:{m}", 11 + n % 3, 1_00)
            if n % 4 == 0:
                ledger.seal(at=AT, batch=3)

    _in_threads(12, work)
    ledger.seal(at=AT)

    assert Transaction.objects.count() == 60
    assert sum(money.kop for money in ledger.balances(account_service_ids=[11, 12, 13]).values()) == -60_00
    assert ledger.verify() == []


def test_shared_balances_are_exact_at_every_moment_while_payments_are_folded() -> None:
    gateway = ledger.system_account(town_id=TOWN, kind=Account.Kind.GATEWAY, code="sandbox")
    seen: list[int] = []
    findings: list[ledger.Finding] = []

    def work(n: int) -> None:
        for m in range(12):
            if n < 8:
                _pay(f"pay:{n}:{m}", 11 + n, 1_00)
            elif n < 10:
                ledger.fold()
            else:  # one look at a time, so that what is seen can only grow
                seen.append(ledger.system_balance(account_id=gateway).kop)
                findings.extend(ledger.verify())

    _in_threads(11, work)

    assert findings == []
    assert seen == sorted(seen)
    assert all(kop % 1_00 == 0 and 0 <= kop <= 96_00 for kop in seen)
    assert ledger.system_balance(account_id=gateway) == Money(96_00)
    assert ledger.verify() == []
    ledger.fold()
    assert ledger.system_balance(account_id=gateway) == Money(96_00)
    assert not Addition.objects.exists()
    assert ledger.verify() == []


KILLED = """
    import os, django
    django.setup()
    import datetime as dt
    from django.db import connection
    from domivka.kernel.period import Period
    from domivka.ledger import api as ledger
    left = {statements}
    def kill(execute, sql, params, many, context):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return execute(sql, params, many, context)
    connection.settings_dict["NAME"] = {database!r}
    from tests.database.ledger.test_concurrency import _pay
    with connection.execute_wrapper(kill):
        _pay("pay:killed", 11, 55_00)
"""


@pytest.mark.parametrize("statements", range(7))
def test_post_killed_at_any_statement_is_whole_after_the_retry(statements: int) -> None:
    database = connection.settings_dict["NAME"]
    code = textwrap.dedent(KILLED.format(statements=statements, database=database))

    killed = subprocess.run(
        [sys.executable, "-c", code], cwd=os.getcwd(), env={**os.environ, "PYTHONPATH": "."}, check=False
    )
    _pay("pay:killed", 11, 55_00)

    assert killed.returncode == 9, "the process must die before it ends, or this test proves nothing"
    assert ledger.balances(account_service_ids=[11]) == {11: Money(-55_00)}
    assert ledger.verify() == []
