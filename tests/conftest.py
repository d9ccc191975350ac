"""The suite's database server and compiled translations are there before anything else."""

from __future__ import annotations

import os

from domivka.config import environment, messages, postgres


def pytest_configure() -> None:
    messages.compile_catalogues()
    if not os.environ.get("DATABASE_URL"):
        postgres.start(environment.home(), durable=False)
