"""What people see when something is missing, forbidden or broken."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.views import defaults

from tests.builders import person


def test_broken_page_says_so_without_the_database() -> None:
    """No database mark: the page must come even when the database is what broke."""
    answer = defaults.server_error(RequestFactory().get("/"))

    page = answer.content.decode()
    assert answer.status_code == 500
    assert 'lang="uk"' in page
    assert "<script" not in page.lower() or "src=" in page


@pytest.mark.django_db
def test_missing_page_says_so_in_ukrainian(client: Client) -> None:
    answer = client.get("/nothing-here/")

    assert answer.status_code == 404
    assert "Такої сторінки немає" in answer.content.decode()


@pytest.mark.django_db
def test_forbidden_page_says_so_to_whoever_signed_in(client: Client) -> None:
    client.force_login(person())

    answer = client.get("/staff/imports/")

    assert answer.status_code == 403
    assert "Немає доступу" in answer.content.decode()


@pytest.mark.django_db
def test_form_without_its_token_is_refused_kindly() -> None:
    answer = Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"})

    assert answer.status_code == 403
    assert "<h1" in answer.content.decode()
