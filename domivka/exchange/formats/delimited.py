"""CSV and its relatives: any usual separator, any usual encoding, titles above the header."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.formats.content import Content
from domivka.exchange.formats.encodings import UTF_8, find_encoding
from domivka.exchange.formats.table import HEADER_WITHIN, Accept, Part, Table, column_names, find_header

_SEPARATORS: Final = ";\t|,"
_HEAD: Final = 200_000
_LINES_OF_A_CELL: Final = 100  # a quoted cell may have so many; more is a quote that is not closed
_LIMIT: Final = 1_000_000  # longest cell

csv.field_size_limit(_LIMIT)


def read_csv(content: Content, accept: Accept) -> list[Table]:
    """The one table of a text file. Raises `UnreadableFile` when no separator shows the preset's header."""
    encoding, mark = find_encoding(content)
    if encoding.startswith("utf-16"):  # lines of it do not end in one byte
        text = content.whole()[mark:].decode(encoding, "replace")
        content, mark = Content(text.encode()), 0
    start = content.head(_HEAD)[mark:]
    if b"\0" in start:
        raise UnreadableFile("Це не текстовий файл CSV: усередині двійкові дані.")
    letters = UTF_8 if encoding.startswith("utf") else encoding
    head = start.decode(letters, "replace").splitlines()[:HEADER_WITHIN]
    if not any(line.strip() for line in head):
        raise UnreadableFile("Файл порожній.")
    for separator in _SEPARATORS:
        rows = [_split(line, separator) for line in head]
        place = find_header(rows, accept)
        if place is None:
            continue
        header = tuple(cell.strip() for cell in rows[place])
        form = _Form(letters, separator, len(header), place + 1)
        titles = "\n".join(" ".join(row) for row in rows[:place])
        return [Table("", header, titles, encoding, _about(content, start, place), partial(_parts, content, form))]
    guess = max(_SEPARATORS, key=lambda mark: head[0].count(mark))
    columns = ", ".join(cell for cell in _split(head[0], guess)[:20] if cell)[:300]
    raise UnreadableFile(f"У файлі CSV немає колонок цього шаблону. Перший рядок: {columns}.")


@dataclass(frozen=True, slots=True)
class _Form:
    """How the rows of a file are written: letters, separator, columns, lines before the first (the header's at least)."""

    letters: str
    separator: str
    width: int
    skipped: int


def _about(content: Content, start: bytes, place: int) -> int:
    """Rows below the header: counted in a short file, of a long one judged by its beginning."""
    lines = start.count(b"\n") + (not start.endswith(b"\n"))
    return max(lines * content.size // max(len(start), 1) - place - 1, 0)


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _parts(content: Content, form: _Form, size: int) -> Iterator[Part]:
    number = form.skipped + 1
    for lines in _lines(content, form, size):
        body = lines if form.letters == UTF_8 else lines.decode(form.letters, "replace").encode()
        damaged: dict[int, str] = {}
        try:
            if body.count(b'"') % 2:
                raise pl.exceptions.ComputeError("a quote is not closed")
            cells = _fast(body, form.separator, form.width)
        except pl.exceptions.PolarsError:
            cells, damaged = _careful(body.decode("utf-8", "replace"), form.separator, form.width)
        keep = cells.select(~pl.all_horizontal(pl.all().is_null())).to_series()
        numbers = pl.Series("number", range(number, number + cells.height), dtype=pl.Int32)
        number += cells.height
        if damaged:
            kept = keep.arg_true().to_list()
            damaged = {new: damaged[old] for new, old in enumerate(kept) if old in damaged}
        if keep.any():
            yield Part(cells.filter(keep), numbers.filter(keep), damaged)


def _lines(content: Content, form: _Form, size: int) -> Iterator[bytes]:
    """Whole lines below the header, so many at a time; a quoted cell of several lines is not torn."""
    waiting, lines, skipped = [b""], 0, form.skipped
    for block in content.blocks():
        waiting.append(block)
        lines += block.count(b"\n")
        if lines < size + form.skipped:
            continue
        pending = b"".join(waiting)
        ends = np.flatnonzero(np.frombuffer(pending, dtype=np.uint8) == 0x0A) + 1
        start = int(ends[skipped - 1]) if skipped else 0
        ends, skipped = ends[skipped:], 0
        while len(ends) >= size:
            taken = size - 1
            while pending.count(b'"', start, ends[taken]) % 2 and taken + 1 < min(len(ends), size + _LINES_OF_A_CELL):
                taken += 1
            yield pending[start : ends[taken]]
            start, ends = int(ends[taken]), ends[taken + 1 :]
        waiting, lines = [pending[start:]], len(ends)
    rest = b"".join(waiting).split(b"\n", skipped)
    if len(rest) > skipped and rest[skipped]:
        yield rest[skipped]


def _fast(body: bytes, separator: str, width: int) -> pl.DataFrame:
    """All rows at once; a row with more cells than the header is an error here."""
    frame = pl.read_csv(
        io.BytesIO(body),
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
