"""Web processes keep nothing that matters: what one of them began, another goes on with, and a killed one loses nothing."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from domivka.kernel import clock
from domivka.metering.models import Reading
from tests.builders import Town, resident

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a" * 32


class Web:
    """`domivka serve` with one worker on a port of its own."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        database = connection.settings_dict
        address = f"postgres://{database['USER']}@{str(database['HOST']).replace('/', '%2F')}/{database['NAME']}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "domivka", "serve", "--port", str(self.port), "--workers", "1"],
            env={**os.environ, "DATABASE_URL": os.environ.get("DATABASE_URL", address)},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "domivka serve ended"
            try:
                self.ask("GET", "/help/")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("domivka serve does not answer")

    def ask(self, method: str, path: str, cookies: str = "", form: dict[str, str] | None = None) -> int:
        """The status of the answer. Raises `OSError` when there is none."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
            asked.request(method, path, urlencode(form or {}), headers)
            return asked.getresponse().status
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            asked.close()

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def webs() -> Iterator[tuple[Web, Web]]:
    made = (Web(), Web())
    try:
        for web in made:
            web.wait()
        yield made
    finally:
        for web in made:
            web.kill()


def test_killed_web_process_loses_nothing_and_another_goes_on(webs: tuple[Web, Web]) -> None:
    first, second = webs
    today = clock.now().date()
    flat = Town().flat()
    water = flat.service("water", metered=True)
    meter = water.meter(initial="54", on=today - dt.timedelta(days=70))
    one = resident(flat)
    client = Client()
    client.force_login(one.user)
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    path = f"/homes/{one.home.pk}/readings/"
    form = {f"reading_{meter}_single": "58", "client_key": "k1", "csrfmiddlewaretoken": TOKEN}
    assert [web.ask("GET", path, cookies) for web in webs] == [200, 200]

    with ThreadPoolExecutor() as aside, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE metering_reading IN EXCLUSIVE MODE")  # reads pass, writes wait
        asked = aside.submit(first.ask, "POST", path, cookies, form)
        _until_waiting()
        first.kill()
        assert isinstance(asked.exception(timeout=30), OSError)  # the person gets no answer, and nothing was taken

    assert not Reading.objects.filter(channel="web").exists()
    assert [second.ask("POST", path, cookies, form) for _ in range(2)] == [302, 302]
    assert list(Reading.objects.filter(channel="web").values_list("value", flat=True)) == [Decimal("58.000")]


def _until_waiting() -> None:
    """Until the request stands before the lock, in the middle of its transaction."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("the request did not come to the lock")
