"""A noon of November and a folder of files of its own for every test."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.database.privacy.everything import AT


@pytest.fixture(autouse=True)
def noon(settings: Settings, tmp_path: Path) -> None:
    settings.FROZEN_NOW = AT
    settings.DOMIVKA_HOME = tmp_path
