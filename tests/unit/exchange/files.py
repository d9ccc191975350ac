"""Small files of every format, made by other tools than the readers under test."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
import xlsxwriter
import xlwt

from domivka.exchange.formats.table import Part, Table
from domivka.exchange.rows import CHUNK

Field = tuple[str, str, int, int]  # name, kind, length, decimals


def dbf(
    fields: Sequence[Field],
    rows: Sequence[Sequence[str]],
    *,
    encoding: str = "cp866",
    language: int = 0,
    deleted: frozenset[int] = frozenset(),
) -> bytes:
    """A dBASE III file; rows in `deleted` carry the mark."""
    header, record = 32 + 32 * len(fields) + 1, 1 + sum(length for _, _, length, _ in fields)
    out = bytearray(struct.pack("<4BIHH16xBB2x", 3, 126, 11, 5, len(rows), header, record, 0, language))
    for name, kind, length, decimals in fields:
        out += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), length, decimals)
    out += b"\r"
    for place, row in enumerate(rows):
        out += b"*" if place in deleted else b" "
        for (_, kind, length, _), cell in zip(fields, row, strict=True):
            raw = cell.encode(encoding)
            out += raw.rjust(length) if kind == "N" else raw.ljust(length)
    return bytes(out + b"\x1a")


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return buffer.getvalue()


def xls(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                sheet.write(y, x, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def whole(table: Table) -> Part:
    """All rows of a table at once."""
    parts = list(table.parts(CHUNK))
    before = [sum(part.cells.height for part in parts[:place]) for place in range(len(parts))]
    return Part(
        pl.concat([part.cells for part in parts]),
        pl.concat([part.row_numbers for part in parts]),
        {start + row: why for start, part in zip(before, parts, strict=True) for row, why in part.damaged.items()},
    )


TERMINAL: Final = (
    "№ реєстру;Дата реєстру;ID транзакції;Особовий рахунок;Платник;Адреса;За період;Призначення;Сума, грн;Комісія, грн;"
    "Дата платежу;Час платежу;Канал;№ лічильника 1;Зона 1;Попереднє показання 1;Поточне показання 1;"
    "№ лічильника 2;Зона 2;Попереднє показання 2;Поточне показання 2"
)


def pay(
    number: int, account: str, *meters: tuple[str, str, str], day: str = "12.11.2026", amount: str = "100,00"
) -> str:
    """A row of a terminal network's register: the transaction's number, the account, and of each meter its number, zone and reading."""
    cells = [cell for meter, zone, value in meters for cell in (meter, zone, "", value)]
    cells += [""] * (8 - len(cells))
    first = ["17", "20.11.2026", f"TX{number}", account, "Їжак П. Ґ.", "Соборна 73, 2", "10.2026", "ВОДОКАНАЛ", amount]
    return ";".join([*first, "1,00", day, "10:15:00", "термінал", *cells])


def register(*rows: str) -> bytes:
    """A terminal network's register."""
    return "\r\n".join([TERMINAL, *rows, ""]).encode("cp1251")
