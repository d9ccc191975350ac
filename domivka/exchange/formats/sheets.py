"""xls and xlsx by calamine: every cell as text, titles above the header, several sheets."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import polars as pl

from domivka.exchange.errors import FileTooLarge, UnreadableFile
from domivka.exchange.formats.table import HEADER_WITHIN, Accept, Part, Table, find_header, slices

_BOOK: Final = Path(__file__).with_name("book.py")
_SECONDS: Final = 600  # of the clock; the child's own limit is of the processor
_UNPACKED_LIMIT: Final = 1_500_000_000  # bytes of XML: an archive that unpacks to more is a bomb


def is_xlsx(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def is_xls(content: bytes) -> bool:
    return content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_sheets(content: bytes, accept: Accept, wanted: frozenset[str]) -> list[Table]:
    """The sheets that have the preset's header; with `wanted`, exactly those sheets, and a missing one is an error."""
    if is_xlsx(content):
        _refuse_bomb(content)
    names, sheets = _book(content, wanted)
    if missing := wanted - set(names):
        raise UnreadableFile(f"У книзі немає аркуша «{min(missing)}». Є аркуші: {', '.join(names)[:300]}.")
    tables = [table for name, first, frame in sheets if (table := _sheet(name, first, frame, accept))]
    if not tables or (wanted and {table.sheet for table in tables} != wanted):
        raise UnreadableFile("У книзі Excel немає рядка заголовка з колонками цього шаблону.")
    return tables


def _book(content: bytes, wanted: frozenset[str]) -> tuple[list[str], list[tuple[str, int, pl.DataFrame]]]:
    """Names of all sheets; of those read the name, where it begins (from 0) and its rows. See `book.py`."""
    asked = json.dumps(sorted(wanted)).encode() + b"\n" + content
    command = [sys.executable, "-I", "-B", str(_BOOK)]
    limits: dict[str, Any] = {"timeout": _SECONDS, "check": True, "env": {"POLARS_MAX_THREADS": "1"}, "cwd": "/"}
    try:
        done = subprocess.run(command, input=asked, capture_output=True, **limits)  # noqa: S603 - our own script
    except (subprocess.SubprocessError, OSError) as error:
        if isinstance(error, subprocess.CalledProcessError) and error.returncode < 0:  # more memory or time than it may
            raise FileTooLarge(
                "Книга Excel займає забагато місця: у ній є клітинки далеко від таблиці, або файл пошкоджений. "
                "Скопіюйте таблицю до нової книги."
            ) from error
        raise UnreadableFile("Книгу Excel не вдалося прочитати: файл пошкоджений або обірваний.") from error
    out = io.BytesIO(done.stdout)
    about = json.loads(out.readline())
    sheets = [(name, first, pl.read_ipc_stream(io.BytesIO(out.read(size)))) for name, first, size in about["sheets"]]
    return about["names"], sheets


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise UnreadableFile("Книгу Excel не вдалося прочитати: файл пошкоджений або обірваний.") from error
    if size > _UNPACKED_LIMIT:
        raise FileTooLarge("Книга Excel розпаковується у завеликий обсяг даних. Поділіть її на частини.")


def _sheet(name: str, first: int, frame: pl.DataFrame, accept: Accept) -> Table | None:
    place = find_header(frame.head(HEADER_WITHIN).rows(), accept)
    if place is None:
        return None
    header = tuple((cell or "").strip() for cell in frame.row(place))
    titles = "\n".join(" ".join(cell for cell in row if cell) for row in frame.head(place).rows())
    cells = frame.slice(place + 1).with_columns(pl.all().str.strip_chars(" \t\r\n\u00a0\u202f").replace("", None))
    numbers = pl.Series("number", range(first + place + 2, first + place + 2 + cells.height), dtype=pl.Int32)
    filled = cells.select(~pl.all_horizontal(pl.all().is_null())).to_series() if cells.height else None
    if filled is not None:
        cells, numbers = cells.filter(filled), numbers.filter(filled)
    return Table(name, header, titles, "", cells.height, slices(Part(cells, numbers, {})))
