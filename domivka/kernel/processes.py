"""Work spread over processes of this machine.

Processes are spawned, not forked: Polars' threads do not survive a fork. This module imports no models, so that a new
process can read it before Django is set up.
"""

from __future__ import annotations

import gc
import importlib
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import django
from django.db import connection


def _start(database: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that spreads the work: it decides
    django.setup()
    connection.settings_dict["NAME"] = database
    gc.freeze()  # what is loaded lives as long as the process: the collector need not walk it again and again


def _call(job: tuple[str, str, dict[str, Any]]) -> Any:
    module, function, arguments = job
    return getattr(importlib.import_module(module), function)(**arguments)


def spread(*, workers: int, module: str, function: str, jobs: Iterable[dict[str, Any]]) -> Iterator[Any]:
    """`module.function(**job)` for every job in `workers` processes, results in the order of the jobs."""
    database = connection.settings_dict["NAME"]
    with ProcessPoolExecutor(workers, get_context("spawn"), _start, (database,)) as pool:
        yield from pool.map(_call, [(module, function, job) for job in jobs])
