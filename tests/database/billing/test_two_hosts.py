"""A run on two hosts against one database. The second host is a network namespace with its own address, TCP only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection, transaction

from domivka.billing import api as billing
from domivka.billing import tasks
from domivka.billing.models import Run, RunRange
from domivka.kernel.tasks import ATTEMPTS
from domivka.ledger import api as ledger
from tests.database.billing.test_run import balances_of
from tests.database.billing.town import AT, OCT, House

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS: list[subprocess.Popen[bytes]] = []
HERE, THERE = "10.213.77.1", "10.213.77.2"


def _ip(*words: str) -> None:
    subprocess.run([shutil.which("ip") or "ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Host:
    """A command in front of others that runs them on the host, and the database as it is seen from there."""

    prefix: tuple[str, ...]
    database: str

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker there; `_workers_end` sees to its end."""
        environment = {**os.environ, "DATABASE_URL": self.database, "PYTHONPATH": "."}
        process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "domivka", "worker", "--concurrency", "1"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        WORKERS.append(process)
        return process


@pytest.fixture(autouse=True)
def _workers_end(transactional_db: None) -> Iterator[None]:
    yield
    _kill_workers()


def _kill_workers() -> None:
    while WORKERS:
        worker = WORKERS.pop()
        worker.kill()
        worker.wait()


@pytest.fixture
def second_host() -> Iterator[Host]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("a network namespace needs root and iproute2")
    name, inside, outside = f"domivka{os.getpid()}", f"dmvi{os.getpid() % 10000}", f"dmvo{os.getpid() % 10000}"
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError:
        pytest.skip("no network namespaces here")
    try:
        _ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name)
        _ip("addr", "add", f"{HERE}/30", "dev", outside)
        _ip("link", "set", outside, "up")
        _ip("-n", name, "addr", "add", f"{THERE}/30", "dev", inside)
        _ip("-n", name, "link", "set", inside, "up")
        with _listening(HERE) as port:
            address = f"postgres://postgres@{HERE}:{port}/{connection.settings_dict['NAME']}"
            yield Host(("ip", "netns", "exec", name), address)
            _kill_workers()  # while the way to the database is open, so that the server sees them go
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", outside], check=False, capture_output=True)


@pytest.fixture
def first_host() -> Host:
    settings = connection.settings_dict
    return Host((), f"postgres://postgres@{settings['HOST'].replace('/', '%2F')}/{settings['NAME']}")


@contextmanager
def _listening(address: str) -> Iterator[int]:
    """The tests' server listens on a unix socket only: bytes of TCP are handed on to it."""
    settings = connection.settings_dict
    if not str(settings["HOST"]).startswith("/"):
        pytest.skip("the tests run on a server of their own")
    target = f"{settings['HOST']}/.s.PGSQL.{settings['PORT'] or 5432}"
    loop, ready = asyncio.new_event_loop(), queue.Queue[int]()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(target)
        await asyncio.gather(pipe(reader, upstream_writer), pipe(upstream_reader, writer))

    async def listen() -> None:
        server = await asyncio.start_server(hand_on, address, 0, family=socket.AF_INET)
        ready.put(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    def run() -> None:  # a thread of its own: the browser tests keep a loop running in this one
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(listen())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield ready.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(timeout=5)


def _until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def _take_over() -> None:
    """What the jobs process does every minute, in a process of its own."""
    database = connection.settings_dict["NAME"]
    code = (
        "import asyncio, django; django.setup(); from django.db import connection;"
        f"connection.settings_dict['NAME'] = {database!r};"
        "from domivka.kernel.tasks import take_over; asyncio.run(take_over.func(timestamp=0))"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "."}, check=True)


def _stop(*workers: subprocess.Popen[bytes]) -> None:
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.wait(timeout=30)


def _sql(statement: str, *values: int) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def _begin(house: House, parts: int) -> Run:
    """Plan the month in `parts` ranges, one building each, and queue them."""
    building = house.town.building
    for number in range(1, parts):
        building.pk, building.number, building.number_key = None, f"{number + 4}", f"{number + 4}"
        building.save()
        house.town.flat().service("waste")
    run = billing.plan_run(town_id=house.id, period=OCT, at=AT, range_size=1)
    for range_id in run.ranges.order_by("pk").values_list("pk", flat=True):
        tasks.rate.defer(range_id=range_id, run_id=run.pk)
    return run


def test_workers_of_two_hosts_share_the_ranges_of_a_run(first_host: Host, second_host: Host) -> None:
    run = _begin(House(), parts=6)
    first = RunRange.objects.filter(run=run).order_by("pk").first()
    assert first is not None

    with transaction.atomic():  # the first host is held at its first part until the second has done one
        RunRange.objects.select_for_update().get(pk=first.pk)
        here = first_host.worker()
        _until(lambda: _sql("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") != [])
        there = second_host.worker()
        _until(lambda: RunRange.objects.filter(run=run, done_at__isnull=False).count() >= 1)
    _until(lambda: Run.objects.get(pk=run.pk).state == Run.State.DONE)
    workers = _sql("SELECT count(*) FROM procrastinate_workers")
    _stop(here, there)

    assert workers == [(2,)]
    assert not RunRange.objects.filter(done_at=None).exists()
    assert ledger.verify() == []


def test_range_of_a_worker_killed_half_way_is_taken_over(first_host: Host, second_host: Host) -> None:
    house, alone = House(), House()
    billing.run_month(town_id=alone.id, period=OCT, at=AT)
    run = _begin(house, parts=1)
    part = run.ranges.get()

    with transaction.atomic():  # the worker waits inside its transaction
        RunRange.objects.select_for_update().get(pk=part.pk)
        there = second_host.worker()
        _until(lambda: _sql("SELECT 1 FROM pg_locks WHERE NOT granted") != [])
        there.kill()
        there.wait()
    assert RunRange.objects.get(pk=part.pk).done_at is None
    _sql("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    _take_over()
    here = first_host.worker()
    _until(lambda: Run.objects.get(pk=run.pk).state == Run.State.DONE)
    _stop(here)

    assert balances_of(house) == balances_of(alone)
    assert ledger.verify() == []


def test_job_that_kills_every_worker_is_put_aside() -> None:
    house = House()
    run = _begin(house, parts=1)
    _sql("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s", ATTEMPTS)

    _take_over()

    assert _sql("SELECT status FROM procrastinate_jobs WHERE task_name = 'billing.rate_range'") == [("failed",)]
    assert run.ranges.filter(done_at=None).count() == 1
