"""The colours of tokens.css: text at least 4.5:1, lines of inputs and the focus ring at least 3:1, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = Path(__file__).parents[3] / "domivka" / "portal" / "static" / "domivka" / "css" / "tokens.css"
_PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)")
TOKENS = {name: (light, dark) for name, light, dark in _PAIR.findall(SHEET.read_text(encoding="utf-8"))}


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    *((ink, paper) for ink in ("ink", "muted", "primary", "debt", "settled") for paper in ("paper", "surface")),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
    ("primary-strong", "primary-soft"),
    ("notice", "notice-soft"),
    ("debt", "debt-soft"),
    ("settled", "settled-soft"),
    ("muted", "sunken"),
]
LINES = [("line", "surface"), ("series-1", "surface"), ("ink", "paper")]


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_is_readable(ink: str, paper: str, look: int) -> None:
    assert contrast(TOKENS[ink][look], TOKENS[paper][look]) >= 4.5


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "paper"), LINES)
def test_lines_can_be_seen(line: str, paper: str, look: int) -> None:
    assert contrast(TOKENS[line][look], TOKENS[paper][look]) >= 3


def test_light_values_are_the_same_with_and_without_light_dark() -> None:
    plain = dict(re.findall(r"^  --([a-z0-9-]+): (#[0-9A-F]{6});", SHEET.read_text(encoding="utf-8"), re.MULTILINE))

    assert {name: light for name, (light, _) in TOKENS.items()} == {name: plain[name] for name in TOKENS}
