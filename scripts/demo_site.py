"""The running demo town, for pictures of its pages: the one that runs, or one started for the while."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from domivka.config import environment


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310 - the demo's own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def demo_site(port: int = 8700) -> Iterator[dict[str, Any]]:
    """What demo.json says, while the site runs."""
    file = environment.home() / "demo.json"
    if file.exists() and _is_up(json.loads(file.read_text())["url"].rstrip("/")):
        yield json.loads(file.read_text())
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "domivka", "demo", "--port", str(port)], env=dict(os.environ), stdout=sys.stderr
    )
    try:
        while not (file.exists() and _is_up(f"http://127.0.0.1:{port}")):
            if process.poll() is not None:
                raise SystemExit("the demo did not start")
            time.sleep(0.5)
        while json.loads(file.read_text())["url"].rstrip("/") != f"http://127.0.0.1:{port}":
            time.sleep(0.1)
        yield json.loads(file.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
