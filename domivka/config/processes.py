"""The long-running processes of an installation: `domivka serve` and `domivka worker`."""

from __future__ import annotations

import argparse
import os
import sys

import django

from domivka.config import assets


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def serve(argv: list[str]) -> int:
    """Granian in this process's place: one worker a core, one thread a worker (a request is one connection's work)."""
    parser = argparse.ArgumentParser(prog="domivka serve", description="Serve the site.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--workers", type=int, default=max(2, cores()), help="processes; by default one a core")
    asked = parser.parse_args(argv)
    django.setup()
    assets.collect()
    options = {
        "--interface": "wsgi",
        "--host": asked.host,
        "--port": str(asked.port),
        "--workers": str(asked.workers),
        "--blocking-threads": "1",
        "--backlog": "2048",
        "--log-level": "warning",
        "--workers-kill-timeout": "10s",
    }
    arguments = [word for option in options.items() for word in option]
    os.execv(  # noqa: S606 - our own interpreter and arguments; signals reach the server directly
        sys.executable,
        [sys.executable, "-m", "granian", *arguments, "--respawn-failed-workers", "domivka.config.wsgi:application"],
    )


def worker(argv: list[str]) -> int:
    """Procrastinate in this process's place; it also starts the periodic jobs."""
    parser = argparse.ArgumentParser(prog="domivka worker", description="Do the jobs.")
    parser.add_argument("--concurrency", type=int, default=max(4, cores()), help="jobs at a time")
    asked = parser.parse_args(argv)
    os.execv(  # noqa: S606 - as above
        sys.executable,
        [
            sys.executable, "-m", "domivka", "procrastinate", "worker", "--concurrency", str(asked.concurrency),
            "--shutdown-graceful-timeout", "10", "--delete-jobs", "successful",
        ],
    )  # fmt: skip
