"""What every reader gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from domivka.registry.rules.folding import fold

HEADER_WITHIN = 30  # rows in which a header must appear


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one sheet as text. `row_numbers[i]` is the row as the operator sees it in the file; `titles` is what
    stood above the header; `damaged` maps a row's place to why its cells cannot be trusted."""

    sheet: str
    header: tuple[str, ...]
    cells: pl.DataFrame  # columns c0, c1, …: String, null where empty
    row_numbers: pl.Series
    titles: str
    encoding: str
    damaged: dict[int, str]


Accept = Callable[[Sequence[str]], bool]
"""Is this row the header the preset describes."""


def column_names(count: int) -> list[str]:
    return [f"c{place}" for place in range(count)]


def header_key(text: str | None) -> str:
    """The form in which headers compare: folded, look-alikes and punctuation aside."""
    return fold(text or "")


def find_header(rows: Sequence[Sequence[str | None]], accept: Accept) -> int | None:
    """The place of the first row that is the header, among the first ones."""
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if accept([cell or "" for cell in row]):
            return place
    return None
