"""The suite's database server and what is made from packages are there before anything else."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.core.servers.basehttp import WSGIServer
from django.db import connection
from django.utils import translation

from domivka.config import assets, environment, postgres

# Two hundred people come at once (tests/database/appointments/test_rush.py): they wait, nobody is sent away.
WSGIServer.request_queue_size = 200


def pytest_configure() -> None:
    assets.make()
    if not os.environ.get("DATABASE_URL"):
        postgres.start(environment.home(), durable=False)


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins in Ukrainian. Tests that really commit also commit jobs and counters of requests, and Django's
    flush knows only models."""
    translation.deactivate()
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    _empty()
    yield
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, identity_cache CASCADE")
