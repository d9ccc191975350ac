"""A process that dies anywhere inside an apply leaves nothing of it; the file can then be applied."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from domivka.billing.models import ChargeLine
from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch, ImportReading, ImportRow
from domivka.ledger import api as ledger
from domivka.ledger.models import Transaction
from domivka.metering.models import Channel, Meter
from domivka.registry.models import AccountService, PersonalAccount
from tests.builders import Town
from tests.database.exchange.terminal import NOV, said, standing, water
from tests.database.exchange.terminal import upload as upload_register
from tests.database.exchange.town import AT, GOOD, SECOND, add_addresses, gaz_csv, make_town, upload
from tests.database.payments.killable import KILLED
from tests.unit.exchange.files import pay, register

pytestmark = pytest.mark.django_db(transaction=True)


Run = Callable[[str, int, str], int]


@contextmanager
def dying() -> Iterator[Run]:
    """Runs a check or an apply in a child that dies as it is told; its exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.database.exchange.killable", str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    told, answers = process.stdin, process.stdout
    assert told is not None
    assert answers is not None

    def run(what: str, batch: int, death: str) -> int:
        told.write(f"{what} {batch} {death}\n")
        told.flush()
        return int(answers.readline())

    yield run
    told.close()
    process.wait(timeout=10)


def state_of(batch: int) -> str:
    return ImportBatch.objects.values_list("state", flat=True).get(pk=batch)


def left_behind() -> tuple[int, ...]:
    models = (Transaction, ChargeLine, Meter, PersonalAccount, AccountService)
    return tuple(model.objects.count() for model in models)


def test_apply_killed_at_every_step_leaves_nothing_and_can_be_done_again() -> None:
    town = make_town()
    add_addresses(town, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    batch = upload(town, gaz_csv(GOOD, SECOND))
    exchange.check(batch_id=batch, at=AT)

    deaths = 0
    with dying() as run:
        for point in itertools.count(1):
            code = run("apply", batch, str(point))
            if state_of(batch) == "applied":
                break
            assert code == KILLED, f"step {point}"
            assert left_behind() == (0, 0, 0, 0, 0), f"step {point}"
            deaths += 1

    assert deaths >= 20
    assert left_behind() == (1, 2, 2, 2, 2)
    owners = list(AccountService.objects.values_list("pk", flat=True))
    assert sum(money.kop for money in ledger.balances(account_service_ids=owners).values()) == 180000 + 5920
    assert ledger.verify() == []
    with pytest.raises(exchange.WrongState):
        exchange.apply(batch_id=batch, user_id=None, at=AT)


ROWS = 4_000


def month_of_rows() -> bytes:
    return gaz_csv(
        *(f"{3_000_000 + n};К;Соборна;{n // 50};{n % 50};жовтень 2026;0;1;1;7,96;7,96;0;0;7,96" for n in range(ROWS))
    )


def test_check_and_apply_killed_at_random_moments_come_to_the_same_totals() -> None:
    town, moments = make_town(), random.Random(20261105)
    add_addresses(town, [("вул.", "Соборна", str(n // 50), str(n % 50)) for n in range(ROWS)])
    batch = upload(town, month_of_rows())
    unkilled = upload(town, month_of_rows() + b"\r\n")
    totals = exchange.check(batch_id=unkilled, at=AT)
    deaths: Counter[str] = Counter()

    with dying() as run:
        for what, after in (("check", "checked"), ("apply", "applied")):
            while state_of(batch) != after:
                code = run(what, batch, f"{moments.uniform(0.02, 0.2 * (2 + deaths[what]))}s")
                deaths[what] += code != 0
                staged = ImportRow.objects.filter(batch=batch).count()
                if what == "check":
                    assert staged == (ROWS if state_of(batch) == "checked" else 0)
                else:
                    assert (left_behind() == (0, 0, 0, 0, 0)) == (state_of(batch) == "checked")

    assert deaths["check"] >= 1
    assert deaths["apply"] >= 1
    brought = ImportBatch.objects.get(pk=batch).totals
    assert {name: brought[name] for name in totals} == totals
    assert brought["applied"] == ROWS
    assert left_behind() == (1, ROWS, ROWS, ROWS, ROWS)
    owners = list(AccountService.objects.values_list("pk", flat=True))
    assert sum(money.kop for money in ledger.balances(account_service_ids=owners).values()) == ROWS * 796
    assert ledger.verify() == []


def test_register_killed_at_every_step_leaves_neither_payments_nor_readings() -> None:
    town = Town()
    service, meter = water(town)
    said(meter, NOV, 103, Channel.WEB)
    batch = upload_register(town, register(pay(1, "003200001", ("", "", "104")), pay(2, "003200001", ("", "", "90"))))
    exchange.check(batch_id=batch, at=AT)

    deaths = 0
    with dying() as run:
        for point in itertools.count(1):
            code = run("apply", batch, str(point))
            if state_of(batch) == "applied":
                break
            assert code == KILLED, f"step {point}"
            assert standing(meter) == [("single", "103", "web")], f"step {point}"
            assert Transaction.objects.count() == 0, f"step {point}"
            assert set(ImportReading.objects.values_list("state", flat=True)) == {"ready", "refused"}, f"step {point}"
            deaths += 1

    assert deaths >= 20
    assert standing(meter) == [("single", "104", "cash_desk")]
    assert sorted(ImportReading.objects.values_list("state", flat=True)) == ["refused", "taken"]
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == -200_00
    assert ledger.verify() == []
