"""`domivka demo`: everything of the demo town under one process, from nothing to a table of addresses and sign-ins.

Ctrl-C or SIGTERM stops the children and then the database. A child that dies is started again; one that keeps dying
stops everything. Children ask the kernel for SIGTERM when the supervisor itself is killed.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

from domivka.config import environment, postgres

_PR_SET_PDEATHSIG = 1
_GRACE_S = 20
_DEATHS = 5
_WINDOW_S = 60.0
_START_LIMIT_S = 120


class Stopped(Exception):
    """Somebody asked to stop."""


class CannotStart(Exception):
    """Why, in one line."""


@dataclass
class Child:
    """One process of ours and when it died lately."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def spawn(arguments: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    """A command of `domivka` in a session of its own: Ctrl-C is the supervisor's to handle."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and commands
        [sys.executable, "-m", "domivka", *arguments],
        env=env,
        start_new_session=True,
        preexec_fn=_die_with_parent,
        stdin=subprocess.DEVNULL,
    )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """A child and whatever it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def free_or_complain(ports: list[int]) -> None:
    """Raises `CannotStart` when somebody listens on one of `ports`."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CannotStart(
                    f"port {port} is taken; choose others: make demo PORT={ports[0] + 100} (it and the two after it)"
                ) from error


def lock_folder(home: Path) -> IO[str]:
    """One demo a data folder. Raises `CannotStart`."""
    home.mkdir(parents=True, exist_ok=True)
    file = (home / "demo.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CannotStart(f"a demo is already running in {home}; choose another folder with DOMIVKA_HOME") from error
    return file


def child_environment(port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DOMIVKA_HOME": str(environment.home()),
        "DOMIVKA_DEMO": "true",
        "DOMIVKA_BASE_URL": f"http://127.0.0.1:{port}",
        "DOMIVKA_SANDBOX_BANK_URL": f"http://127.0.0.1:{port + 1}",
        "DOMIVKA_LIQPAY_URL": f"http://127.0.0.1:{port + 2}",
        "DOMIVKA_SANDBOX_BANK_SECRET": environment.secret("DOMIVKA_SANDBOX_BANK_SECRET", "sandbox-bank"),
        "DOMIVKA_LIQPAY_PRIVATE_KEY": environment.secret("DOMIVKA_LIQPAY_PRIVATE_KEY", "liqpay-private-key"),
        "DOMIVKA_LIQPAY_PUBLIC_KEY": os.environ.get("DOMIVKA_LIQPAY_PUBLIC_KEY", "sandbox_i00000000"),
    }


def readdress(text: str, before: str, after: str) -> str:
    """The description of the demo when the port changed: every address moves along."""
    old, new = (int(url.rsplit(":", 1)[1].split("/")[0]) for url in (before, after))
    for step in range(3):
        text = text.replace(f"127.0.0.1:{old + step}", f"\0{new + step}")
    return text.replace("\0", "127.0.0.1:")


def table(description: dict[str, Any]) -> str:
    """What a visitor needs, in columns."""
    rows = [("Сайт", "url"), ("Пошта і SMS", "mailbox_url"), ("Тестовий банк", "sandbox_bank_url"), ("API", "openapi")]
    lines = [f"  {label:<14} {description[key]}" for label, key in rows if description.get(key)]
    people = [
        tuple(str(person.get(key) or "") for key in ("login", "password", "role", "story"))
        for person in description.get("people", [])
    ]
    widths = [max((len(row[column]) for row in people), default=0) for column in range(3)]
    lines.append("")
    lines.extend("  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in people)  # fmt: skip
    return "\n".join(lines)


class Supervisor:
    """Starts, watches and stops."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.home = environment.home()
        self.env = child_environment(port)
        self.children = [
            Child("sandbox bank", ["sandbox-bank", "--port", str(port + 1)]),
            Child("LiqPay emulator", ["liqpay-emulator", "--port", str(port + 2)]),
            Child("jobs", ["worker"]),
            Child("web", ["serve", "--port", str(port)]),
        ]

    def finish(self, arguments: list[str], why: str) -> None:
        """Run one command to its end. Raises `CannotStart`."""
        child = Child(why, arguments, spawn(arguments, self.env))
        self.children.append(child)  # so that Ctrl-C ends it too
        assert child.process is not None  # noqa: S101 - made one line above
        code = child.process.wait()
        self.children.remove(child)
        if code:
            raise CannotStart(f"{why} failed (domivka {' '.join(arguments)} ended with {code}); see the lines above")

    def prepare(self) -> None:
        if not environment.text("DATABASE_URL"):
            say("Запускаємо базу даних…")
            postgres.start(self.home)
        begun = self.home / "demo.begun"
        if begun.exists() and not environment.text("DATABASE_URL"):
            postgres.empty(self.home)  # half of a demo town is of no use to anybody
        self.finish(["migrate", "--verbosity", "0"], "the database's structure")
        if not (self.home / "demo.json").exists():
            say("Будуємо демонстраційне місто. Це один раз і займає кілька хвилин…")
            begun.touch()
            self.finish(["demo-town"], "the demo town")
        begun.unlink(missing_ok=True)

    def description(self) -> dict[str, Any]:
        file = self.home / "demo.json"
        text = file.read_text()
        known = json.loads(text).get("url", "")
        if known and known.rstrip("/") != self.env["DOMIVKA_BASE_URL"]:
            text = readdress(text, known, self.env["DOMIVKA_BASE_URL"])
            file.write_text(text)
        found: dict[str, Any] = json.loads(text)
        return found

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.env['DOMIVKA_BASE_URL']}/healthz", timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        while not ready():
            if time.monotonic() > deadline:
                raise CannotStart("the site did not come up; see the lines above")
            self.revive()
            time.sleep(0.2)

    def revive(self) -> None:
        """Start again whatever died. Raises `CannotStart` for what keeps dying."""
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                continue
            if child.process is not None:
                kill_group(child.process)  # a killed web server leaves its workers behind, which hold the port
                say(f"{child.name} ended with {child.process.returncode}; starting it again")
                now = time.monotonic()
                child.deaths = [at for at in [*child.deaths, now] if now - at < _WINDOW_S]
                if len(child.deaths) >= _DEATHS:
                    raise CannotStart(f"{child.name} ended {_DEATHS} times in a minute")
            child.process = spawn(child.arguments, self.env)
        if not environment.text("DATABASE_URL") and not postgres.is_running(self.home):
            say("the database ended; starting it again")
            postgres.start(self.home)

    def stop(self) -> None:
        """Web first, then jobs, emulators, the database."""
        running = [child.process for child in reversed(self.children) if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _GRACE_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                kill_group(process)
                process.wait()
        if not environment.text("DATABASE_URL"):
            postgres.stop(self.home)

    def run(self) -> None:
        began = time.monotonic()
        free_or_complain([self.port, self.port + 1, self.port + 2])
        self.prepare()
        self.wait_until(self.healthy)
        say(f"\nДомівка працює ({time.monotonic() - began:.1f} с). Зупинити: Ctrl-C\n")
        say(table(self.description()))
        while True:
            time.sleep(1)
            self.revive()


def _on_signal(number: int, frame: FrameType | None) -> None:
    # The second signal must not interrupt the stopping.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="domivka demo", description="Run the demo town.")
    parser.add_argument("--port", type=int, default=environment.number("PORT", 8000))
    asked = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGINT, _on_signal)
    try:
        lock = lock_folder(environment.home())
        supervisor = Supervisor(asked.port)
    except CannotStart as error:
        sys.stderr.write(f"domivka: {error}\n")
        return 1
    with lock:
        try:
            supervisor.run()
        except Stopped:
            say("\nЗупиняємо…")
        except (CannotStart, postgres.PostgresError) as error:
            sys.stderr.write(f"domivka: {error}\n")
            return 1
        finally:
            supervisor.stop()
    say("Зупинено.")
    return 0
