"""Many at once, and a process that dies anywhere between the callback and the receipt."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from domivka.emulators.sandbox_bank import SandboxBank
from domivka.kernel import clock
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.notifications.models import Message
from domivka.payments import api
from domivka.payments.models import Allocation, Intent
from domivka.statements.tasks import send_receipt
from tests.database.payments.bank import BASKET, create, headers, hear, mark_started, message
from tests.database.payments.killable import KILLED
from tests.database.payments.town import House, balance, system

Killable = Callable[[int, dict[str, Any]], int]

pytestmark = pytest.mark.django_db(transaction=True)


def _in_threads(count: int, work: Callable[[int], object]) -> None:
    def run(n: int) -> None:
        try:
            work(n)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_sixteen_threads_confirm_one_payment_once(house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)
    outcomes: list[str] = []

    _in_threads(16, lambda _: outcomes.append(hear(intent_id, "success")))

    assert sorted(outcomes) == ["applied"] + ["repeated"] * 15
    assert [balance(house, code) for code in BASKET] == [0, 0, 0]
    assert system(house, Account.Kind.GATEWAY, code="sandbox") == 3181_50
    assert ProcrastinateJob.objects.filter(task_name="statements.send_receipt").count() == 1
    assert ledger.verify() == []


def test_sixteen_threads_create_one_intent(house: House) -> None:
    found: list[uuid.UUID] = []

    _in_threads(16, lambda _: found.append(create(house)))

    assert len(found) == 16
    assert len(set(found)) == 1
    assert Intent.objects.get().lines.count() == 3


def test_sixteen_payments_of_one_debt_settle_it_once(house: House) -> None:
    """The same two services paid from many forms at once: one of them settles the debt, the rest are advances."""
    intents = [
        create(house, {"water": 1264_70, "housing": 1021_00}, token=f"f{n}", method="city_card") for n in range(16)
    ]
    for intent_id in intents:
        mark_started(intent_id)

    _in_threads(16, lambda n: hear(intents[n], "success"))

    assert balance(house, "water") == -15 * 1264_70
    settled = Allocation.objects.filter(is_advance=False).order_by("amount_kop")
    assert list(settled.values_list("amount_kop", flat=True)) == [1021_00, 1264_70]
    assert Allocation.objects.filter(is_advance=True).count() == 30
    assert ledger.verify() == []


@pytest.fixture
def killable() -> Iterator[Killable]:
    """Do something in a process killed at a point; its exit code: `KILLED`, or 0 when it lived."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.database.payments.killable", str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def run(point: int, what: dict[str, Any]) -> int:
        print(json.dumps({"point": point, **what}), file=process.stdin, flush=True)
        return int(process.stdout.readline())  # type: ignore[union-attr]  # asserted above

    yield run
    process.stdin.close()
    process.wait(timeout=10)


@pytest.mark.slow
@pytest.mark.parametrize("recovery", ["redelivery", "poll", "watch"])
def test_killed_at_any_point_the_money_is_there_exactly_once(
    house: House, bank: SandboxBank, killable: Killable, recovery: str, settings: Settings
) -> None:
    settings.PAYMENTS_PER_HOUR = 1000
    now = clock.now()
    bank.clock = now.timestamp
    points = 0
    for point in itertools.count():
        intent_id = create(house, {"water": 3_00, "housing": 2_00}, token=f"f{point}", method="city_card", at=now)
        api.start(user_id=house.user.pk, intent_id=intent_id, at=now)
        bank.orders[intent_id.hex].status = "success"

        body = message(intent_id, "success")
        code = killable(point, {"body": body.decode(), "headers": headers(body, clock.now())})
        assert code in (0, KILLED)
        _recover(recovery, intent_id)
        _recover("redelivery", intent_id)

        assert api.intent(intent_id=intent_id).state == api.State.PAID, f"killed at point {point}"
        assert balance(house, "water") == 1264_70 - 3_00 * (point + 1), f"killed at point {point}"
        assert balance(house, "housing") == 1021_00 - 2_00 * (point + 1)
        receipts = ProcrastinateJob.objects.filter(task_name="statements.send_receipt")
        assert receipts.filter(args={"intent_id": str(intent_id)}).count() == 1
        if code == 0:
            break
        points += 1

    assert points >= 5
    assert ledger.verify() == []


@pytest.mark.slow
def test_killed_at_random_moments_the_money_is_there_exactly_once(
    house: House, killable: Killable, settings: Settings
) -> None:
    settings.PAYMENTS_PER_HOUR = 1000
    moments, killed, lived = random.Random(2026), 0, 0
    longest = 0.05  # seconds; a callback that lives longer widens it
    for n in itertools.count(1):
        intent_id = create(house, {"water": 3_00, "housing": 2_00}, token=f"r{n}", method="city_card")
        mark_started(intent_id)

        body = message(intent_id, "success")
        began = time.monotonic()
        after = moments.uniform(0.0005, longest)
        code = killable(0, {"after_s": after, "body": body.decode(), "headers": headers(body, clock.now())})
        _recover("redelivery", intent_id)

        assert code in (0, -signal.SIGALRM)
        assert api.intent(intent_id=intent_id).state == api.State.PAID
        assert balance(house, "water") == 1264_70 - 3_00 * n, f"killed after {after} s"
        assert balance(house, "housing") == 1021_00 - 2_00 * n, f"killed after {after} s"
        killed, lived = killed + (code != 0), lived + (code == 0)
        if code == 0:
            longest = time.monotonic() - began
        if killed >= 20 and lived >= 1:
            break
        longest *= 1.1 if code else 1

    assert ledger.verify() == []


@pytest.mark.slow
def test_killed_at_any_point_of_the_receipt_it_is_sent_exactly_once(house: House, killable: Killable) -> None:
    points = 0
    for point in itertools.count():
        intent_id = create(house, {"water": 1_00}, token=f"f{point}")
        mark_started(intent_id)
        hear(intent_id, "success")
        paid = api.intent(intent_id=intent_id)

        code = killable(point, {"receipt": str(intent_id)})
        assert code in (0, KILLED)
        send_receipt(intent_id=str(intent_id))  # the job comes again: Procrastinate retries, `watch` queues anew

        letters = Message.objects.filter(idempotency_key=f"receipt:{intent_id}")
        assert letters.count() == 1, f"killed at point {point}"
        assert api.intent(intent_id=intent_id).receipt_sent_at is not None
        assert paid.receipt_number
        if code == 0:
            break
        points += 1

    assert points >= 8


def _recover(how: str, intent_id: uuid.UUID) -> None:
    """What happens by itself after a restart."""
    now = clock.now()
    if how == "redelivery":
        body = message(intent_id, "success")
        api.receive_callback(gateway="sandbox", body=body, headers=headers(body, now), at=now)
    elif how == "poll":
        api.poll(intent_id=intent_id, at=now)
    else:
        api.watch(at=now + dt.timedelta(minutes=5))


def test_a_payment_commits_without_the_lock_of_notifications(house: House) -> None:
    """A transaction that notifies holds one lock of the database while it commits, so payments would queue for it."""
    intent_id = create(house)
    mark_started(intent_id)
    with connection.cursor() as cursor:
        cursor.execute("LISTEN procrastinate_any_queue_v1")

    hear(intent_id, "success")
    from_payment = list(connection.connection.notifies(timeout=0.2))
    app.configure_task("payments.poll").defer(intent_id=str(intent_id))
    from_other_job = list(connection.connection.notifies(timeout=30, stop_after=1))

    assert (len(from_payment), len(from_other_job)) == (0, 1)
    assert ProcrastinateJob.objects.filter(task_name="statements.send_receipt", status="todo").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("UNLISTEN *")
