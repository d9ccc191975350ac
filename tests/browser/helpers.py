"""What journeys share: who has signed in, accessibility, pictures, the keyboard."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from domivka.identity.models import User

# WCAG 2.2 A and AA; best practices that are no requirement are left out.
AXE_OPTIONS: dict[str, object] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# Of a dark page at the same size nothing but colours can differ from the light one.
AXE_COLOURS = {**AXE_OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SIZES = {"360": {"width": 360, "height": 780}, "1280": {"width": 1280, "height": 900}}


def sign_in(context: BrowserContext, user: User, url: str, language: str = "uk") -> None:
    """Put the session of the person into the browser."""
    client = Client()
    client.force_login(user)
    cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": language}
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def assert_accessible(page: Page, options: dict[str, object] = AXE_OPTIONS) -> None:
    """No violation of WCAG 2.2 A or AA that a machine can find, and no sideways scrolling."""
    found = Axe().run(page, options=options).response["violations"]
    lines = [
        f"{rule['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found
        for node in rule["nodes"]
    ]
    assert not lines, "\n".join(lines)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


def assert_accessible_everywhere(page: Page) -> None:
    """On a phone and on a wide screen, light and dark."""
    for size in SIZES.values():
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
        page.emulate_media(color_scheme="light")
        assert_accessible(page)
        page.emulate_media(color_scheme="dark")
        assert_accessible(page, AXE_COLOURS)
    page.set_viewport_size(SIZES["360"])  # type: ignore[arg-type]  # as above
    page.emulate_media(color_scheme="light")


def save_screens(page: Page, name: str, folder: Path | None = None) -> None:
    """`name-360-light.png` and so on, into `folder` or the one that the variable SCREENS names; else nothing."""
    target = folder or (Path(os.environ["SCREENS"]) if "SCREENS" in os.environ else None)
    if target is None:
        return
    target.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for label, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=target / f"{name}-{label}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)


def tab_to(page: Page, name: str, limit: int = 60) -> None:
    """Press Tab until the thing of this accessible name has the focus; fails when the keyboard cannot reach it."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        text = page.evaluate(
            "() => { const e = document.activeElement; return [e.getAttribute('aria-label'), e.textContent, e.value,"
            " ...Array.from(e.labels || [], l => l.textContent)].filter(Boolean).map(t => t.trim().replace(/\\s+/g, ' ')) }"
        )
        if any(name in part for part in text):
            visible = page.evaluate("document.activeElement.matches(':focus-visible')")
            assert visible, f"the focus on «{name}» cannot be seen"
            return
    raise AssertionError(f"the keyboard does not reach «{name}»")
