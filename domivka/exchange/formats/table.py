"""What every reader gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from domivka.registry.rules.folding import fold

HEADER_WITHIN = 30  # rows in which a header must appear


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table as text. `row_numbers[i]` is the row as the operator sees it in the file; `damaged` maps a
    row's place in the part to why its cells cannot be trusted."""

    cells: pl.DataFrame  # columns c0, c1, …: String, null where empty
    row_numbers: pl.Series
    damaged: dict[int, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its header, and its rows so many at a time. `titles` is what stood above the header; `rows` is how
    many there are, of a long text file about how many."""

    sheet: str
    header: tuple[str, ...]
    titles: str
    encoding: str
    rows: int
    parts: Callable[[int], Iterator[Part]]


def slices(whole: Part) -> Callable[[int], Iterator[Part]]:
    """The parts of a table that was read at once and has no damaged rows."""

    def parts(size: int) -> Iterator[Part]:
        for start in range(0, whole.cells.height, size):
            yield Part(whole.cells.slice(start, size), whole.row_numbers.slice(start, size), {})

    return parts


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
