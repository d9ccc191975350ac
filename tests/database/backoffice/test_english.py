"""Staff pages in English: only names of people and places are Ukrainian."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import Settings

from tests.database.backoffice.test_pages import MATRIX, NOON, Office, _arguments
from tests.database.portal.test_english import ukrainian

pytestmark = pytest.mark.django_db

FILES = ("bill_preview", "recalculation_csv")
OPENED = [name for name, codes in MATRIX.items() if codes[-1] == 200 and name not in FILES]


@pytest.mark.parametrize("name", OPENED)
def test_staff_page_is_english(settings: Settings, name: str) -> None:
    settings.FROZEN_NOW = NOON
    office = Office()
    client = office.client("operator")
    client.cookies["django_language"] = "en"

    assert ukrainian(client, reverse(f"backoffice:{name}", args=_arguments(office, name))) == []
