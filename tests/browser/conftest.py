"""A real browser on a live server: Debian's Chromium driven by Playwright.

def test_something(page: Page, live_server: LiveServer) -> None:
    page.goto("/tariffs/")          # relative to the live server
    assert_accessible(page)         # these come from tests.browser.helpers
    save_screens(page, "tariffs")   # only with SCREENS=folder in the environment
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

# Playwright keeps an event loop running in this thread, in which Django would refuse its ordinary database calls.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("DOMIVKA_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 780}
DESKTOP = {"width": 1280, "height": 900}


expect.set_options(timeout=15_000)  # a busy machine of two cores still passes


class LiveServer(Protocol):
    """pytest-django's live server."""

    url: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail(f"no browser at {CHROMIUM}: apt-get install chromium, or name another in DOMIVKA_CHROMIUM")
    connections.close_all()  # from here on this thread has others: Django keeps those of a running event loop apart
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()
        connections.close_all()


@pytest.fixture
def new_context(browser: Browser, live_server: LiveServer) -> Iterator[Any]:
    """A function that opens another browser profile: a second person, another size, no JavaScript."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        settings = {
            "viewport": PHONE,
            "locale": "uk-UA",
            "timezone_id": "Europe/Kyiv",
            "reduced_motion": "reduce",
            **options,
        }
        context = browser.new_context(base_url=live_server.url, **settings)
        context.set_default_timeout(10_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: Any) -> Iterator[Page]:
    """A phone in Ukrainian. The test fails when the page's scripts throw or the policy blocks something."""
    page: Page = new_context().new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    page.on("console", listen)
    yield page
    assert complaints == []


@pytest.fixture
def desktop(new_context: Any) -> Page:
    """A wide screen."""
    page: Page = new_context(viewport=DESKTOP).new_page()
    return page


@pytest.fixture
def without_javascript(new_context: Any) -> Page:
    """Every core task works like this too."""
    page: Page = new_context(java_script_enabled=False).new_page()
    return page
