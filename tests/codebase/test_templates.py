"""Templates: nothing inline, nothing that nobody renders, everything in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from domivka.config import messages

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "domivka").glob("*/templates/**/*.html"))
NAMES = {str(path).partition("/templates/")[2]: path for path in TEMPLATES}

# Rendered by name by Django or a package, not by our code.
BY_CONVENTION = re.compile(r"^(400|403|403_csrf|404|429|500)\.html$|^account/|^allauth/")
INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"=[\"']\s*javascript:", re.IGNORECASE),
    "something from another site": re.compile(
        r"<(?:script|img|link|iframe)[^>]*(?:src|href)=[\"']https?:", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_template_compiles_and_has_nothing_inline(name: str) -> None:
    source = NAMES[name].read_text()

    get_template(name)

    assert [what for what, pattern in INLINE.items() if pattern.search(source)] == []


def test_every_template_is_used() -> None:
    files = [*(ROOT / "domivka").rglob("*.py"), *TEMPLATES]
    said = "\n".join(path.read_text() for path in files if "migrations" not in path.parts)

    unused = [name for name in NAMES if not BY_CONVENTION.match(name) and not _is_named(name, said)]

    assert unused == []


def _is_named(name: str, said: str) -> bool:
    # A name may be put together: "components/" + name + ".html", f"portal/account_{tab}.html".
    return (
        f'"{name}"' in said
        or f"'{name}'" in said
        or any(
            re.search(r"""f?["']""" + re.escape(name[:cut]) + r"\{\w+", said)
            for cut in range(len(name.rsplit("/", 1)[0]) + 1, len(name))
        )
    )


@pytest.mark.parametrize("language", sorted(messages.PLURALS))
def test_every_phrase_is_translated(language: str) -> None:
    found = [line for context in messages.contexts() for line in messages.problems(context, language)]

    assert found == []
