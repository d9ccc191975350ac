"""The suite's database server and what is made from packages are there before anything else."""

from __future__ import annotations

import os

from domivka.config import assets, environment, postgres


def pytest_configure() -> None:
    assets.make()
    if not os.environ.get("DATABASE_URL"):
        postgres.start(environment.home(), durable=False)
