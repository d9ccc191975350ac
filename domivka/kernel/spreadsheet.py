"""Tables that people open in a spreadsheet: semicolons, and no cell that would run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

MARK: Final = "\ufeff"
"""What such a file begins with, so that a spreadsheet reads it as UTF-8."""


def guarded(text: str) -> str:
    """A cell as it may be shown: what would run as a formula is text; a number may be below zero."""
    return f"'{text}" if re.match(r"[=+@\t\r]|-(?!\d+([.,]\d+)?$)", text) else text


def line(cells: Iterable[object]) -> str:
    """One row; each cell is guarded, None is empty."""
    buffer = io.StringIO()
    row = (guarded("" if cell is None else str(cell)) for cell in cells)
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(row)
    return buffer.getvalue()
