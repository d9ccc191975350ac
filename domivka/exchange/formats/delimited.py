"""CSV and its relatives: any usual separator, any usual encoding, titles above the header."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Final

import polars as pl

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.formats.encodings import decode
from domivka.exchange.formats.table import HEADER_WITHIN, Accept, Table, column_names, find_header

_SEPARATORS: Final = ";\t|,"
_HEAD: Final = 200_000
_LIMIT: Final = 1_000_000  # longest cell

csv.field_size_limit(_LIMIT)


def read_csv(content: bytes, accept: Accept) -> list[Table]:
    """The one table of a text file. Raises `UnreadableFile` when no separator shows the preset's header."""
    if b"\0" in content[:_HEAD] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("Це не текстовий файл CSV: усередині двійкові дані.")
    text, encoding = decode(content)
    if not text.strip():
        raise UnreadableFile("Файл порожній.")
    head = text[:_HEAD].splitlines()[:HEADER_WITHIN]
    for separator in _SEPARATORS:
        rows = [_split(line, separator) for line in head]
        place = find_header(rows, accept)
        if place is not None:
            return [_table(text, encoding, separator, place, rows)]
    guess = max(_SEPARATORS, key=lambda mark: head[0].count(mark))
    columns = ", ".join(cell for cell in _split(head[0], guess)[:20] if cell)[:300]
    raise UnreadableFile(f"У файлі CSV немає колонок цього шаблону. Перший рядок: {columns}.")


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _table(text: str, encoding: str, separator: str, place: int, rows: list[list[str]]) -> Table:
    header = tuple(cell.strip() for cell in rows[place])
    body = text.split("\n", place + 1)[place + 1] if text.count("\n") > place else ""
    damaged: dict[int, str] = {}
    try:
        cells = _fast(body, separator, len(header))
    except pl.exceptions.PolarsError:
        cells, damaged = _careful(body, separator, len(header))
    empty = (
        cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
        if cells.height
        else pl.Series([], dtype=pl.Boolean)
    )
    numbers = pl.Series("number", range(place + 2, place + 2 + cells.height), dtype=pl.Int32)
    keep = ~empty
    if damaged:
        kept = keep.arg_true().to_list()
        damaged = {new: damaged[old] for new, old in enumerate(kept) if old in damaged}
    titles = "\n".join(" ".join(row) for row in rows[:place])
    return Table("", header, cells.filter(keep), numbers.filter(keep), titles, encoding, damaged)


def _fast(body: str, separator: str, width: int) -> pl.DataFrame:
    """All rows at once; a row with more cells than the header is an error here."""
    frame = pl.read_csv(
        io.BytesIO(body.encode("utf-8", "replace")),
        has_header=False,
        separator=separator,
        schema=dict.fromkeys(column_names(width), pl.String),
        truncate_ragged_lines=False,
        raise_if_empty=False,
    )
    return _stripped(frame)


def _stripped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.all().str.strip_chars(" \t\r\n\u00a0\u202f\ufeff").replace("", None))


def _careful(body: str, separator: str, width: int) -> tuple[pl.DataFrame, dict[int, str]]:
    """Row by row, for a file with broken quotes or rows of different widths: those rows are marked, not dropped."""
    rows: list[list[str]] = []
    damaged: dict[int, str] = {}
    for line in body.splitlines():
        cells = _split(line, separator)
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) > width:
            damaged[len(rows)] = f"У рядку {len(cells)} комірок замість {width}."
        rows.append((cells + [""] * width)[:width])
    widths = Counter(len(row) for row in rows)
    assert widths.keys() <= {width}  # noqa: S101 - every row was padded or cut
    frame = pl.DataFrame(rows, schema=dict.fromkeys(column_names(width), pl.String), orient="row")
    return _stripped(frame), damaged
