"""What monitoring is told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client


@pytest.mark.django_db
def test_healthz_says_that_jobs_are_down_without_a_worker(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json() == {"web": "up", "database": "up", "jobs": "down"}


@pytest.mark.django_db
def test_healthz_is_well_while_a_worker_reports(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")

    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"web": "up", "database": "up", "jobs": "up"}


@pytest.mark.django_db
def test_healthz_does_not_trust_a_worker_that_fell_silent(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")

    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db
def test_every_answer_carries_the_headers_that_protect_it(client: Client) -> None:
    answer = client.get("/healthz")

    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
