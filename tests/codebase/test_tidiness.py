"""What a reader of the tree may rely on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
PYTHON = [path for path in FILES if path.suffix == ".py" and "migrations" not in path.parts]

# Longer than 500 lines, and why each stays whole.
LONG: dict[str, str] = {}
NO_CODE = {".lock", ".po", ".css", ".svg", ".md", ""}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_short_or_say_why() -> None:
    long = {
        name(path)
        for path in FILES
        if path.suffix in {".py", ".html", ".js", ".typ", ".sql"}
        if "migrations" not in path.parts and len(path.read_text().splitlines()) > 500
    }

    assert long == set(LONG)


@pytest.mark.parametrize("marker", ["noqa", "type: ignore", "pragma: no cover"])
def test_exemptions_carry_their_reason(marker: str) -> None:
    # `
    bare = re.compile(rf"#\s*{marker}(?:[:\[][^\]#–—]*?\]?)?\s*$")
    reasonless = [
        f"{name(path)}:{number}"
        for path in PYTHON
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := bare.search(line)) and " - " not in found.group(0)
    ]

    assert reasonless == []


def test_skipped_tests_carry_their_reason() -> None:
    bare = re.compile(r"mark\.(?:skip|xfail)(?:if)?(?!\w)(?!.*reason=)")
    reasonless = [
        name(path)
        for path in PYTHON
        if path.name != Path(__file__).name
        for line in path.read_text().splitlines()
        if bare.search(line) and not line.rstrip().endswith("(")
    ]

    assert reasonless == []


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile(
        "|".join([r"pypi\." + "org", r"files\.python" + "hosted", r"registry\.npm" + "js", r"deb\.debian" + r"\.org"])
    )
    naming = []
    for path in FILES:
        try:
            if hosts.search(path.read_text()):
                naming.append(name(path))
        except UnicodeDecodeError:
            continue  # pictures and the like

    assert naming == []


def test_lock_pins_everything_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [Requirement(line) for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]
    pinned = dict(
        re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )

    wrong = [
        str(requirement)
        for requirement in asked
        if requirement.name.lower().replace("_", "-") not in pinned
        or not requirement.specifier.contains(pinned[requirement.name.lower().replace("_", "-")])
    ]

    assert wrong == []


def test_every_context_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in PYTHON
        if path.match("domivka/*/__init__.py") and not path.read_text().lstrip().startswith(('"""', "'''"))
    ]

    assert silent == []


def test_links_between_pages_lead_somewhere() -> None:
    lost = [
        f"{name(path)}: {link}"
        for path in FILES
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
        if not link.startswith(("http:", "https:", "mailto:")) and not (path.parent / link).exists()
    ]

    assert lost == []
