"""Confirming payments: a signed callback of a basket of eight providers is stored, applied, split and posted.

    python -m bench.confirm_payment      or, with everything else, make bench

Beside it, pgbench's TPC-B on the same server: one small transaction with five statements, the classic yardstick of
what the server itself can commit. Every payment here is two commits (the event, then everything else).
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import re
import subprocess
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django

from bench.harness import Result, percentile, result

CLIENTS = (1, 4, 16)
PROVIDERS = 8
EACH = 150  # payments of a client
SECONDS = 5  # of pgbench
AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Spent:
    """Seconds of every payment, and of all of them together."""

    seconds: list[float]
    took: float


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
    from django.conf import settings

    from domivka.payments.gateways.sandbox import sign
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
    callbacks = []
    for n, intent in enumerate(intents):
        total = intent.amount_kop + intent.fee_kop
        message = {"order_id": f"{tag}-{n}", "status": "success", "amount_kop": total, "currency": "UAH"}
        body, stamp = json.dumps(message).encode(), str(int(AT.timestamp()))
        signature = sign(secret=settings.SANDBOX_BANK_SECRET, timestamp=stamp, nonce="n", body=body)
        signed = {"X-Sandbox-Timestamp": stamp, "X-Sandbox-Nonce": "n", "X-Sandbox-Signature": signature}
        callbacks.append((body, signed))
    return callbacks


def _client(callbacks: list[tuple[bytes, dict[str, str]]], go: Any, times: Any, database: str) -> None:
    """One process with one connection: a web worker."""
    django.setup()
    from django.db import connection  # Django must be set up first

    from domivka.payments import api

    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    (warm, headers), *rest = callbacks
    api.receive_callback(gateway="sandbox", body=warm, headers=headers, at=AT)
    go.wait()
    spent = []
    for body, headers in rest:
        started = time.perf_counter()
        received = api.receive_callback(gateway="sandbox", body=body, headers=headers, at=AT)
        spent.append(time.perf_counter() - started)
        assert received.outcome == "applied", received
    times.put(spent)


def measure(clients: int, flats: list[list[int]], each: int) -> Spent:
    """`clients` processes confirm `each` payments; the flats are shared, as in life at most by chance."""
    from django.db import connection  # Django must be set up first

    spawn = multiprocessing.get_context("spawn")
    callbacks = _intents(flats, clients * (each + 1), f"c{clients}")
    go, times = spawn.Barrier(clients + 1), spawn.Queue()
    workers = [
        spawn.Process(target=_client, args=(callbacks[n::clients], go, times, connection.settings_dict["NAME"]))
        for n in range(clients)
    ]
    for worker in workers:
        worker.start()
    go.wait()
    started = time.perf_counter()
    spent = [second for _ in workers for second in times.get()]
    took = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return Spent(spent, took)


def reference(clients: int, seconds: int) -> float:
    """pgbench TPC-B transactions per second on the same server, in the same database."""
    from django.db import connection

    from domivka.config import postgres

    found = connection.settings_dict
    target = ["-h", found["HOST"], "-p", str(found["PORT"]), "-U", found["USER"]]
    program = str(postgres.BIN / "pgbench")
    subprocess.run([program, *target, "-i", "-s", "20", "-q", found["NAME"]], check=True, capture_output=True)
    done = subprocess.run(
        [program, *target, "-c", str(clients), "-j", "2", "-T", str(seconds), "-n", found["NAME"]],
        check=True,
        capture_output=True,
        text=True,
    )
    (per_second,) = re.findall(r"tps = ([\d.]+)", done.stdout)
    return round(float(per_second), 1)


def payments(_town_id: int) -> list[Result]:
    """Everything in a database of its own, dropped at the end; the ledger must prove itself after it."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from domivka.ledger import api as ledger

    os.environ["DOMIVKA_SANDBOX_BANK_SECRET"] = settings.SANDBOX_BANK_SECRET = "bench only"  # noqa: S105 - of this bench alone
    before = str(connection.settings_dict["NAME"])
    name = f"{before}_payments"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        flats = _town(500)
        rows = [_row(clients, measure(clients, flats, EACH)) for clients in CLIENTS]
        assert ledger.verify() == []
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return rows


def _row(clients: int, spent: Spent) -> Result:
    times = spent.seconds
    return result(
        f"Payments of eight providers confirmed, {clients} at once",
        len(times) / spent.took,
        "payments/s",
        reference=reference(clients, SECONDS),
        note=f"p50 {percentile(times, 0.5) * 1000:.0f} ms, p99 {percentile(times, 0.99) * 1000:.0f} ms; "
        "reference: pgbench TPC-B transactions/s on the same server",
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
