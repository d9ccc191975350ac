"""xls and xlsx by calamine: every cell as text, titles above the header, several sheets."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import fastexcel
import polars as pl

from domivka.exchange.errors import FileTooLarge, UnreadableFile
from domivka.exchange.formats.table import HEADER_WITHIN, Accept, Part, Table, column_names, find_header, slices

_UNPACKED_LIMIT: Final = 1_500_000_000  # bytes of XML: an archive that unpacks to more is a bomb


def is_xlsx(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def is_xls(content: bytes) -> bool:
    return content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_sheets(content: bytes, accept: Accept, wanted: frozenset[str]) -> list[Table]:
    """The sheets that have the preset's header; with `wanted`, exactly those sheets, and a missing one is an error."""
    if is_xlsx(content):
        _refuse_bomb(content)
    try:
        book = fastexcel.read_excel(content)
        names = [name for name in book.sheet_names if not wanted or name in wanted]
        if missing := wanted - set(names):
            raise UnreadableFile(
                f"У книзі немає аркуша «{min(missing)}». Є аркуші: {', '.join(book.sheet_names)[:300]}."
            )
        tables = [table for name in names if (table := _sheet(book, name, accept))]
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise UnreadableFile("Книгу Excel не вдалося прочитати: файл пошкоджений або обірваний.") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile("Книгу Excel не вдалося прочитати: файл пошкоджений або обірваний.") from None
    if not tables or (wanted and {table.sheet for table in tables} != wanted):
        raise UnreadableFile("У книзі Excel немає рядка заголовка з колонками цього шаблону.")
    return tables


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise UnreadableFile("Книгу Excel не вдалося прочитати: файл пошкоджений або обірваний.") from error
    if size > _UNPACKED_LIMIT:
        raise FileTooLarge("Книга Excel розпаковується у завеликий обсяг даних. Поділіть її на частини.")


def _sheet(book: fastexcel.ExcelReader, name: str, accept: Accept) -> Table | None:
    sheet = book.load_sheet(name, header_row=None, dtypes="string", skip_whitespace_tail_rows=True)
    frame = sheet.to_polars()
    first = int(sheet.total_height - frame.height) if sheet.total_height >= frame.height else 0
    frame = frame.rename(dict(zip(frame.columns, column_names(frame.width), strict=True)))
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
