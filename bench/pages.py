"""Pages over HTTP from Granian, 16 connections: the cabinet against a page that asks the database for nothing."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
import urllib.request

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from bench.harness import Result, percentile, result
from bench.town import AT
from domivka.homes.models import Home
from domivka.identity.models import User
from domivka.registry.models import Premises

PORT = 8791
CONNECTIONS = 16


def _signed_in() -> tuple[str, int]:
    user = User.objects.create_user(
        email="bench@example.org", password=os.urandom(12).hex(), surname="Вимір", name="Ірина"
    )
    premises = Premises.objects.order_by("pk")[7]
    home = Home.objects.create(user=user, premises=premises, state=Home.State.OPEN, added_at=AT, opened_at=AT)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}", home.pk


def _load(path: str, cookie: str, duration_s: float) -> tuple[float, list[float]]:
    """Requests a second and the times of all, from `CONNECTIONS` clients for a bounded time."""
    times: list[float] = []
    bad: list[int] = []
    deadline = time.perf_counter() + duration_s

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        while (start := time.perf_counter()) < deadline:
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - start)
            if answer.status != 200:
                bad.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if bad:
        raise RuntimeError(f"{path} answered {bad[0]}")
    return len(times) / duration_s, times


def pages(_town_id: int, *, duration_s: float = 6) -> list[Result]:
    cookie, home = _signed_in()
    server = subprocess.Popen(
        [sys.executable, "-m", "domivka", "serve", "--port", str(PORT)],
        env={**os.environ, "DOMIVKA_ALLOWED_HOSTS": "127.0.0.1"},
    )
    try:
        _wait()
        results = []
        reference, _ = _load("/accessibility/", "", duration_s)
        for name, path in (("page_home", f"/homes/{home}/"), ("page_bill", f"/homes/{home}/bill/")):
            _load(path, cookie, 1)
            rate, times = _load(path, cookie, duration_s)
            results.append(
                result(
                    name, percentile(times, 0.95) * 1000, "ms p95", target="≤ 40 ms", met=lambda value, _: value <= 40,
                    note=f"{rate:.0f} requests/s from {CONNECTIONS} connections (client on the same cores); a page without a home: {reference:.0f}/s",
                )
            )  # fmt: skip
        return results
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/accessibility/", timeout=5).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")
