"""The suite's database server runs before anything else."""

from __future__ import annotations

import os

from domivka.config import environment, postgres


def pytest_configure() -> None:
    if not os.environ.get("DATABASE_URL"):
        postgres.start(environment.home(), durable=False)
