"""Pages that belong to no home."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/help/", "/accessibility/", "/design/"])
def test_site_page_opens_for_a_stranger(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert '<html lang="uk">' in response.content.decode()


def test_design_is_absent_outside_the_demo(client: Client, settings: object) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]  # pytest-django's wrapper

    assert client.get("/design/").status_code == 404


def test_theme_is_remembered_and_returns_to_the_page(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/help/"})

    assert (response.status_code, response["Location"]) == (302, "/help/")
    assert '<html lang="uk" data-theme="dark">' in client.get("/help/").content.decode()


def test_theme_never_leads_to_another_site(client: Client) -> None:
    response = client.post("/theme/", {"theme": "light", "next": "https://example.org/"})

    assert response["Location"] == "/"


def test_theme_of_the_device_forgets_the_choice(client: Client) -> None:
    client.post("/theme/", {"theme": "dark"})

    client.post("/theme/", {"theme": "auto"})

    assert "data-theme" not in client.get("/help/").content.decode()


def test_language_switches_by_a_form(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "en", "next": "/help/"})

    assert '<html lang="en">' in client.get("/help/").content.decode()


def test_unknown_address_says_so_in_the_frame(client: Client) -> None:
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "Такої сторінки немає" in response.content.decode()
