"""Pages over HTTP from the site as `domivka serve` runs it, 16 connections of 16 people: the cabinet's home and bill
beside a bare page of three ORM queries under the same settings (bench/site_urls.py), in turn."""

from __future__ import annotations

import itertools
import time

from bench.harness import Result, percentile, result
from bench.http_load import Load, load, serving
from bench.residents import Resident, residents

CONNECTIONS = 16
PAGES = {"page_home": "", "page_bill": "bill/"}


def _measure(people: list[Resident], page: str, seconds: float) -> Load:
    """Each person asks for one page again and again."""
    requests = [itertools.repeat(one.get(page)) for one in people]
    return load(requests, until=time.perf_counter() + seconds)


def pages(_town_id: int, *, quick: bool = False) -> list[Result]:
    """Rounds of the three pages in turn; of each the round in the middle by requests a second."""
    rounds, seconds = (1, 0.5) if quick else (3, 4.0)
    people = residents(CONNECTIONS, "pages")
    found: dict[str, list[Load]] = {"/bench/bare/": [], **{page: [] for page in PAGES.values()}}
    with serving(DJANGO_SETTINGS_MODULE="bench.site"):
        for page in found:
            _measure(people, page, seconds / 4)
        for _ in range(rounds):
            for page, loads in found.items():
                loads.append(_measure(people, page, seconds))
    middle = {page: sorted(loads, key=lambda one: one.rate)[rounds // 2] for page, loads in found.items()}
    bare = middle["/bench/bare/"]
    return [_row(name, middle[page], bare) for name, page in PAGES.items()]


def _row(name: str, page: Load, bare: Load) -> Result:
    p95 = percentile(page.seconds, 0.95) * 1000
    return result(
        name,
        page.rate,
        "requests/s",
        reference=bare.rate,
        target="p95 ≤ 40 ms and ≥ 0.8 × a bare page of three ORM queries",
        met=lambda _, ratio: p95 <= 40 and ratio is not None and ratio >= 0.8,
        note=f"p50 {percentile(page.seconds, 0.5) * 1000:.1f} ms, p95 {p95:.1f} ms (bare page: p95 "
        f"{percentile(bare.seconds, 0.95) * 1000:.1f} ms), {CONNECTIONS} connections, the client on the same cores",
    )
