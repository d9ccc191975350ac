"""`domivka demo`: from an empty folder to a healthy site, and down again without a trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domivka.config import postgres, supervisor

pytestmark = pytest.mark.slow
LIMIT_S = 120


def free_port() -> int:
    """The first of three free ports in a row."""
    for port in range(18_000 + os.getpid() % 5_000, 30_000, 3):
        try:
            supervisor.free_or_complain([port, port + 1, port + 2])
        except supervisor.CannotStart:
            continue
        return port
    raise AssertionError("no free ports")


def wait_for(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    """A running demo whose town is there already: building it has tests of its own."""
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    (home / "demo.json").write_text(json.dumps({"url": "http://127.0.0.1:8000", "people": []}))
    running = {name: value for name, value in os.environ.items() if not name.startswith(("DOMIVKA_", "DJANGO_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "domivka", "demo", "--port", str(port)],
        env={**running, "DOMIVKA_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    yield process, home, port
    if process.poll() is None:
        process.terminate()
        process.wait(60)
    postgres.stop(home)


def status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def processes(home: Path) -> dict[int, str]:
    """Every living process that was started for this data folder, with its command."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"DOMIVKA_HOME={home}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it ended meanwhile
    return found


def web(home: Path) -> set[int]:
    return {pid for pid, command in processes(home).items() if " granian " in command}


def test_demo_serves_restarts_what_dies_and_stops_without_a_trace(
    demo: tuple[subprocess.Popen[str], Path, int],
) -> None:
    process, home, port = demo
    wait_for(lambda: status(port) == 200)
    first = web(home)

    os.kill(min(first), signal.SIGKILL)  # the web server itself; its workers are younger
    wait_for(lambda: bool(web(home)) and not web(home) & first)
    wait_for(lambda: status(port) == 200)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "starting it again" in said
    assert json.loads((home / "demo.json").read_text())["url"] == f"http://127.0.0.1:{port}"
    assert processes(home) == {}
    assert not postgres.is_running(home)


def test_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = subprocess.run(
            [sys.executable, "-m", "domivka", "demo", "--port", str(port)],
            env={**os.environ, "DOMIVKA_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == (
        f"domivka: port {port} is taken; choose others: make demo PORT={port + 100} (it and the two after it)\n"
    )


def test_addresses_move_with_the_port() -> None:
    text = '{"url": "http://127.0.0.1:8000", "bank": "http://127.0.0.1:8001/x", "sum": 8000}'

    moved = supervisor.readdress(text, "http://127.0.0.1:8000", "http://127.0.0.1:8001")

    assert moved == '{"url": "http://127.0.0.1:8001", "bank": "http://127.0.0.1:8002/x", "sum": 8000}'
