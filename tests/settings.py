"""Settings of the suite: the embedded PostgreSQL of a folder of its own, or `TEST_DATABASE_URL`."""

import os
from pathlib import Path

os.environ.setdefault("DOMIVKA_HOME", str(Path(__file__).resolve().parents[1] / ".domivka" / "tests"))
os.environ.setdefault("DOMIVKA_SECRET_KEY", "tests only")
os.environ.setdefault("DOMIVKA_DEMO", "true")
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from domivka.config.settings import *  # noqa: F403 - the environment must be set first

PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
