"""Confirming payments: a signed callback of a basket of eight providers is stored, applied, split and posted.

    python -m bench.confirm_payment      or, with everything else, make bench

Sixteen clients: as the operation alone (two processes of eight threads, each thread with its connection), and as
callbacks over HTTP into the site as `domivka serve` runs it. Beside them pgbench's TPC-B with sixteen clients on the same
server in the same minute: one small transaction of five statements, the yardstick of what the server itself can commit.
Every commit here is durable, ours and pgbench's. A payment is one transaction: an event, 26 postings, 8 balances and
one addition to shared accounts, 8 allocations, the intent, the job of the receipt.
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import django

from bench.harness import Result, percentile, result
from bench.http_load import Load, Request, load, serving

PROCESSES, THREADS = 2, 8
CLIENTS = PROCESSES * THREADS
PROVIDERS = 8
EACH = 250  # payments of a client
ROUNDS = 3
SECONDS = 4  # of pgbench, each round
AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)


def _town(homes: int) -> list[list[int]]:
    """A town of `homes` flats with eight services of eight providers each and a debt on every one; account
    services per flat."""
    from domivka.kernel.period import Period  # Django must be set up first; so below
    from domivka.ledger import api as ledger
    from domivka.ledger.models import Account
    from domivka.registry import models as r

    town = r.Town.objects.create(name="Стенд", genitive="Стенда", katottg="UA05020030010099999")
    street = r.Street.objects.create(town=town, kind="вул.", name="Стендова")
    building = r.Building.objects.create(town=town, street=street, number="1", number_key="1", number_sort="1")
    provided = []
    for n in range(PROVIDERS):
        provider = r.Provider.objects.create(
            town=town, code=f"p{n}", name=f"П{n}", short_name=f"П{n}", edrpou="12345678"
        )
        service = r.Service.objects.create(code=f"s{n}", name=f"Послуга {n}", name_en=f"Service {n}", unit="m3")
        r.BankAccount.objects.create(
            provider=provider, iban="UA393052990000026006060365696", bank_name="Банк", fee_percent=Decimal(1)
        )
        provided.append(r.ProviderService.objects.create(provider=provider, service=service, mode="imported"))
    flats = r.Premises.objects.bulk_create(
        r.Premises(town=town, building=building, flat=str(n), flat_key=str(n)) for n in range(homes)
    )
    opened = dt.date(2020, 1, 1)
    accounts = r.PersonalAccount.objects.bulk_create(
        r.PersonalAccount(
            town=town, provider=row.provider, premises=flat, number=f"{flat.pk}-{row.pk}", opened_on=opened
        )
        for flat in flats
        for row in provided
    )
    services = r.AccountService.objects.bulk_create(
        r.AccountService(account=account, provider_service=provided[n % PROVIDERS], opened_on=opened)
        for n, account in enumerate(accounts)
    )
    period = Period(202610)
    personal = ledger.open_personal_accounts(town_id=town.pk, account_service_ids=[row.pk for row in services])
    control = ledger.system_account(town_id=town.pk, kind=Account.Kind.CONTROL, owner_id=provided[0].pk)
    entries = [ledger.Entry(account, ledger.EntryKind.CHARGE, 300_00, period) for account in personal.values()]
    entries.append(ledger.Entry(control, ledger.EntryKind.CHARGE, -300_00 * len(personal), period))
    ledger.post(town_id=town.pk, key="bench", cause="run", cause_id=1, period=period, entries=entries, at=AT)
    ids = [row.pk for row in services]
    return [ids[n : n + PROVIDERS] for n in range(0, len(ids), PROVIDERS)]


def _intents(flats: list[list[int]], count: int, tag: str) -> list[tuple[bytes, dict[str, str]]]:
    """Started intents over the flats in turn, as the callbacks that will confirm them."""
    from domivka.kernel import clock
    from domivka.payments.models import Intent, IntentLine
    from domivka.registry.models import AccountService

    premises = dict(AccountService.objects.values_list("pk", "account__premises_id"))
    chosen = [flats[n % len(flats)] for n in range(count)]
    intents = Intent.objects.bulk_create(
        Intent(
            premises_id=premises[flat[0]],
            idempotency_key=f"{tag}:{n}",
            period=202610,
            method="card",
            gateway="sandbox",
            gateway_reference=f"{tag}-{n}",
            amount_kop=PROVIDERS * 10_00,
            fee_kop=PROVIDERS * 10,
            state="pending",
            created_at=AT,
            expires_at=AT + dt.timedelta(hours=1),
            next_poll_at=AT,
        )
        for n, flat in enumerate(chosen)
    )
    IntentLine.objects.bulk_create(
        (
            IntentLine(intent=intent, account_service_id=service, amount_kop=10_00, fee_kop=10, purpose="стенд")
            for intent, flat in zip(intents, chosen, strict=True)
            for service in flat
        ),
        batch_size=5000,
    )
    return [signed(f"{tag}-{n}", intent.amount_kop + intent.fee_kop, clock.now()) for n, intent in enumerate(intents)]


def signed(reference: str, amount_kop: int, at: dt.datetime) -> tuple[bytes, dict[str, str]]:
    """A callback of success as the sandbox bank sends it: body and headers."""
    from django.conf import settings

    from domivka.payments.gateways.sandbox import sign

    message = {"order_id": reference, "status": "success", "amount_kop": amount_kop, "currency": "UAH"}
    body, stamp = json.dumps(message).encode(), str(int(at.timestamp()))
    signature = sign(secret=settings.SANDBOX_BANK_SECRET, timestamp=stamp, nonce="n", body=body)
    return body, {"X-Sandbox-Timestamp": stamp, "X-Sandbox-Nonce": "n", "X-Sandbox-Signature": signature}


def _process(callbacks: list[tuple[bytes, dict[str, str]]], go: Any, times: Any, database: str) -> None:
    """One web process: `THREADS` threads with a connection each confirm the payments."""
    django.setup()
    from django.db import connection  # Django must be set up first

    spent: list[float] = []
    failed: list[object] = []

    def client(mine: list[tuple[bytes, dict[str, str]]]) -> None:
        try:
            connection.settings_dict["NAME"] = database
            _confirm(*mine[0])  # the connection and the first plans are made before the clock runs
            ready.wait()
            started.wait()
            for body, headers in mine[1:]:
                begun = time.perf_counter()
                _confirm(body, headers)
                spent.append(time.perf_counter() - begun)
        except Exception as error:  # noqa: BLE001 - told to the parent
            failed.append(repr(error))
            ready.abort()
        finally:
            connection.close()

    ready, started = threading.Barrier(THREADS + 1), threading.Event()
    threads = [threading.Thread(target=client, args=(callbacks[n::THREADS],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    ready.wait()
    go.wait()
    started.set()
    for thread in threads:
        thread.join()
    times.put((spent, failed))


def _confirm(body: bytes, headers: dict[str, str]) -> None:
    from domivka.kernel import clock
    from domivka.payments import api

    received = api.receive_callback(gateway="sandbox", body=body, headers=headers, at=clock.now())
    if received.outcome != "applied":
        raise RuntimeError(received)


def operation(flats: list[list[int]], each: int, tag: str) -> Load:
    """`CLIENTS` clients confirm `each` payments; the flats are shared, as in life at most by chance."""
    from django.db import connection  # Django must be set up first

    spawn = multiprocessing.get_context("spawn")
    callbacks = _intents(flats, CLIENTS * (each + 1), tag)
    go, times = spawn.Barrier(PROCESSES + 1, timeout=60), spawn.Queue()
    workers = [
        spawn.Process(target=_process, args=(callbacks[n::PROCESSES], go, times, connection.settings_dict["NAME"]))
        for n in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    go.wait()
    started = time.perf_counter()
    answers = [times.get() for _ in workers]
    took = time.perf_counter() - started
    for worker in workers:
        worker.join()
    assert not any(failed for _, failed in answers), answers[0][1]
    return Load([second for spent, _ in answers for second in spent], took)


def over_http(flats: list[list[int]], each: int, tag: str) -> Load:
    """The same callbacks from `CLIENTS` connections into the running site."""
    callbacks = [
        Request("POST", "/gateways/sandbox/callback/", headers, body)
        for body, headers in _intents(flats, CLIENTS * each, tag)
    ]
    return load([iter(callbacks[n::CLIENTS]) for n in range(CLIENTS)])


def tpc_b(clients: int, seconds: int) -> float:
    """pgbench TPC-B transactions per second on the same server, in the same database."""
    done = _pgbench("-c", str(clients), "-j", "2", "-T", str(seconds), "-n")
    (per_second,) = re.findall(r"tps = ([\d.]+)", done)
    return float(per_second)


def _pgbench(*arguments: str) -> str:
    from django.db import connection

    from domivka.config import postgres

    found = connection.settings_dict
    target = ["-h", found["HOST"], "-p", str(found["PORT"]), "-U", found["USER"]]
    program = str(postgres.BIN / "pgbench")
    done = subprocess.run([program, *target, *arguments, found["NAME"]], check=True, capture_output=True, text=True)
    return str(done.stdout)


@contextmanager
def own_database(suffix: str) -> Iterator[str]:
    """A database of its own beside the bench town's, dropped at the end; its DATABASE_URL."""
    from django.core.management import call_command
    from django.db import connection

    found = connection.settings_dict
    before = str(found["NAME"])
    name = f"{before}_{suffix}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    found["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        yield f"postgres://{found['USER']}@{quote(str(found['HOST']), safe='')}:{found['PORT']}/{name}"
    finally:
        connection.close()
        found["NAME"] = before
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def payments(_town_id: int, *, quick: bool = False) -> list[Result]:
    """Rounds of pgbench, the operation and HTTP in turn; medians. The ledger must prove itself afterwards."""
    from django.conf import settings

    from domivka.ledger import api as ledger

    each, rounds, seconds = (10, 1, 1) if quick else (EACH, ROUNDS, SECONDS)
    os.environ["DOMIVKA_SANDBOX_BANK_SECRET"] = settings.SANDBOX_BANK_SECRET = "bench only"  # noqa: S105 - of this bench alone
    reference, alone, http = [], [], []
    with own_database("payments") as url:
        flats = _town(60 if quick else 1000)
        _pgbench("-i", "-s", "20", "-q")
        with serving(DATABASE_URL=url):
            over_http(flats, 2, "warm")
            for n in range(rounds):
                reference.append(tpc_b(CLIENTS, seconds))
                alone.append(operation(flats, each, f"alone{n}"))
                http.append(over_http(flats, each, f"http{n}"))
        assert ledger.verify() == []
    return [
        _row("confirm_payment", alone, reference, "receive_callback in 2 processes of 8 threads"),
        _row("confirm_payment_http", http, reference, "POST into Granian as `domivka serve`"),
    ]


def _row(name: str, loads: list[Load], references: list[float], what: str) -> Result:
    middle = sorted(loads, key=lambda one: one.rate)[len(loads) // 2]
    return result(
        name,
        middle.rate,
        "payments/s",
        reference=sorted(references)[len(references) // 2],
        target="≥ 0.5 × pgbench TPC-B",
        met=lambda _, ratio: ratio is not None and ratio >= 0.5,
        note=f"{what}, {CLIENTS} clients; p50 {percentile(middle.seconds, 0.5) * 1000:.1f} ms, "
        f"p99 {percentile(middle.seconds, 0.99) * 1000:.1f} ms; pgbench -c {CLIENTS} -j 2",
    )


def main() -> None:
    from domivka.config import environment, postgres

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "domivka.config.settings")
    if not environment.text("DATABASE_URL"):
        postgres.start(environment.home())
    django.setup()
    for row in payments(0):
        print(row)


if __name__ == "__main__":
    main()
