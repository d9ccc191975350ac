"""Which format a file is, and its tables."""

from __future__ import annotations

from typing import Final

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.formats.content import Content
from domivka.exchange.formats.dbf import is_dbf, read_dbf
from domivka.exchange.formats.delimited import read_csv
from domivka.exchange.formats.sheets import is_xls, is_xlsx, read_sheets
from domivka.exchange.formats.table import Accept, Table

NAMES: Final = {"csv": "CSV", "dbf": "DBF", "xls": "XLS", "xlsx": "XLSX"}


def detect_format(content: bytes) -> str:
    """By how the content begins, never by the file's name: dbf, xls, xlsx, else csv."""
    if is_xlsx(content):
        return "xlsx"
    if is_xls(content):
        return "xls"
    return "dbf" if is_dbf(content) else "csv"


def read_tables(
    content: bytes | Content, *, expected: frozenset[str], accept: Accept, sheets: frozenset[str] = frozenset()
) -> list[Table]:
    """The tables of a file whose format is one of `expected`. Raises `UnreadableFile` saying what is wrong."""
    if not isinstance(content, Content):
        content = Content(content)
    if not content.size:
        raise UnreadableFile("Файл порожній.")
    found = detect_format(content.head(4096))
    if found not in expected:
        wanted = " або ".join(NAMES[name] for name in sorted(expected))
        raise UnreadableFile(f"Цей шаблон читає файли {wanted}, а надіслано файл іншого формату ({NAMES[found]}).")
    if found == "dbf":
        return read_dbf(content, accept)
    if found == "csv":
        return read_csv(content, accept)
    return read_sheets(content.whole(), accept, sheets)
