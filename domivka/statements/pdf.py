"""Receipts and certificates straight from the Typst designs in `designs/`; bills are filled instead (`fill`)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import fontpkg_fira_sans
import typst

_DESIGNS: Final = Path(str(resources.files("domivka.statements").joinpath("designs")))
_FONTS: Final = Path(fontpkg_fira_sans.__file__).parent / "files"


@cache
def _compiler() -> typst.Compiler:
    """One a process: it reads the fonts once."""
    return typst.Compiler(root=str(_DESIGNS), font_paths=[str(_FONTS)], ignore_system_fonts=True)


def render(design: str, data: dict[str, Any]) -> bytes:
    """A design filled with data, as PDF."""
    made = _compiler().compile(
        input=str(_DESIGNS / design), format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made
