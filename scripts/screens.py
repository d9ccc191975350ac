"""`make screens`: every page of the demo at 360 and 1280 px, light and dark, as PNG in screens/.

Pages are found by following links from each demo person's first page. `--readme` renews the pictures of the README.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.demo_site import demo_site

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"360": {"width": 360, "height": 780}, "1280": {"width": 1280, "height": 900}}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
LIMIT = 60  # pages a person
# Files to download, and addresses that change something.
SKIPPED = re.compile(r"\.(pdf|csv|xlsx|json|zip)$|/logout/|/i18n/|/theme/|/attachments/|/static/")


def shape(path: str) -> str:
    """One page of a kind is enough: numbers do not count."""
    return re.sub(r"/(?:\d+|\d{4}-\d{2}|[0-9a-f-]{36})(?=/|$)", "/N", path)


def links(page: Page) -> list[str]:
    here = urlsplit(page.url)
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [urlsplit(link).path for link in found if urlsplit(link).netloc == here.netloc]


def pages_of(page: Page, url: str) -> list[str]:
    """Paths of one page of each kind that a person can reach."""
    waiting, seen = ["/"], {"/"}
    found: list[str] = []
    while waiting and len(found) < LIMIT:
        path = waiting.pop(0)
        answer = page.goto(url + path)
        if answer is None or answer.status != 200 or "html" not in answer.headers.get("content-type", ""):
            continue
        found.append(path)
        for link in links(page):
            if shape(link) not in seen and not SKIPPED.search(link):
                seen.add(shape(link))
                waiting.append(link)
    return found


def sign_in(page: Page, url: str, person: dict[str, Any]) -> None:
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", person["login"])
    page.fill("[name=password]", person["password"])
    page.locator("form:has([name=password]) [type=submit]").first.click()
    page.wait_for_url(lambda address: "/login" not in address)


def shoot(page: Page, url: str, paths: list[str], folder: Path) -> int:
    for path in paths:
        name = shape(path).strip("/").replace("/", "-") or "front"
        for label, size in SIZES.items():
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.goto(url + path)
                page.screenshot(path=folder / f"{name}-{label}-{scheme}.png", full_page=True)
    return len(paths) * 4


def all_pages(browser: Browser, site: dict[str, Any], folder: Path) -> int:
    url, taken = site["url"].rstrip("/"), 0
    known: set[str] = set()
    for number, person in enumerate([None, *site["people"]]):
        page = browser.new_context(locale="uk-UA").new_page()
        label = "visitor" if person is None else f"{number}-{person['role']}"
        if person is not None:
            sign_in(page, url, person)
        target = folder / re.sub(r"\W+", "-", label)
        target.mkdir(parents=True, exist_ok=True)
        # A resident's pages are worth seeing for each story; those of a visitor once.
        paths = [
            path
            for path in pages_of(page, url)
            if person is None or path.startswith("/homes/") or shape(path) not in known
        ]
        known |= {shape(path) for path in paths}
        taken += shoot(page, url, paths, target)
        print(f"{label}: {len(paths)} pages")
        page.context.close()
    return taken


def readme(browser: Browser, site: dict[str, Any]) -> None:
    """Two small pictures: the bill on a phone, why an amount is what it is on a wide screen."""
    url = site["url"].rstrip("/")
    person = next(person for person in site["people"] if person["role"] == "resident")
    page = browser.new_context(locale="uk-UA", reduced_motion="reduce").new_page()
    sign_in(page, url, person)
    found = {shape(path): path for path in pages_of(page, url)}
    target = ROOT / "docs" / "img"
    target.mkdir(parents=True, exist_ok=True)
    for name, wanted, size in (("home", "/homes/N", "360"), ("bill", "/homes/N/bill", "1280")):
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]  # as above
        page.goto(url + found[f"{wanted}/"])
        page.screenshot(path=target / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.screens", description=__doc__)
    parser.add_argument("--readme", action="store_true")
    asked = parser.parse_args()
    with demo_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        if asked.readme:
            readme(browser, site)
        else:
            print(f"{all_pages(browser, site, ROOT / 'screens')} pictures in screens/", file=sys.stderr)
        browser.close()


if __name__ == "__main__":
    main()
