"""dBASE III tables: the header says where each field lies, numpy cuts all rows at once (domain.md §6.1)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.formats.encodings import detect_code_page
from domivka.exchange.formats.table import Accept, Table, column_names

_VERSIONS: Final = {0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5, 0xFB}
_DOS: Final = ("cp866", "cp1125")
_BY_LANGUAGE: Final = {0x26: _DOS, 0x65: _DOS, 0x64: _DOS, 0x57: ("cp1251",), 0xC9: ("cp1251",), 0x7D: ("cp1251",)}
"""Language driver byte → tables to choose from; 866 is written where 1125 is meant, so the bytes decide."""
_ALL: Final = ("cp866", "cp1125", "cp1251")
_SEPARATOR: Final = 0x1F


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    offset: int
    length: int


def is_dbf(content: bytes) -> bool:
    """Does it begin like a dBASE header."""
    if len(content) < 65 or content[0] not in _VERSIONS:
        return False
    header, record = struct.unpack_from("<HH", content, 8)
    return header >= 65 and record > 1 and 1 <= content[2] <= 12 and 1 <= content[3] <= 31


def _fields(content: bytes, header: int, record: int) -> list[Field]:
    fields, place, offset = [], 32, 1
    while place + 32 <= min(header, len(content)) and content[place] != 0x0D:
        name = content[place : place + 11].split(b"\0")[0].decode("cp866", "replace").strip()
        length = content[place + 16]
        fields.append(Field(name, chr(content[place + 11]), offset, length))
        offset += length
        place += 32
    if not fields or offset != record or any(field.length == 0 for field in fields):
        raise UnreadableFile("Заголовок файлу DBF пошкоджений: опис полів не сходиться з довжиною запису.")
    return fields


def read_dbf(content: bytes, accept: Accept) -> list[Table]:
    """The table of a DBF; deleted records are left out, row numbers are record numbers.

    Raises `UnreadableFile` for a damaged header, a file cut short, or other fields than the preset describes.
    """
    count, header, record = struct.unpack_from("<IHH", content, 4)
    fields = _fields(content, header, record)
    names = tuple(field.name for field in fields)
    if not accept(names):
        raise UnreadableFile(f"У файлі DBF немає полів цього шаблону. Є поля: {', '.join(names)}.")
    if len(content) < header + count * record:
        raise UnreadableFile(
            f"Файл DBF обірваний: у заголовку {count} записів, а цілих у файлі {max(0, len(content) - header) // record}."
        )
    records = np.frombuffer(content, dtype=np.uint8, count=count * record, offset=header).reshape(count, record)
    alive = np.flatnonzero(records[:, 0] != ord("*"))
    if len(alive) != count:
        records = records[alive]
    encoding = _encoding(content[29], records, fields)
    return [
        Table(
            sheet="",
            header=names,
            cells=_cells(records, fields, encoding),
            row_numbers=pl.Series("number", alive + 1, dtype=pl.Int32),
            titles="",
            encoding=encoding,
            damaged={},
        )
    ]


def _encoding(language: int, records: np.ndarray[tuple[int, int], np.dtype[np.uint8]], fields: list[Field]) -> str:
    candidates = _BY_LANGUAGE.get(language, _ALL)
    step = max(1, len(records) // 2000)
    sample = b" ".join(
        records[::step, field.offset : field.offset + field.length].tobytes() for field in fields if field.kind == "C"
    )
    return detect_code_page(sample, candidates)


def _cells(
    records: np.ndarray[tuple[int, int], np.dtype[np.uint8]], fields: list[Field], encoding: str
) -> pl.DataFrame:
    """All records as one text with separators, decoded by one call and cut by Polars."""
    names = column_names(len(fields))
    if not len(records):
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    width = sum(field.length + 1 for field in fields)
    text = np.full((len(records), width), _SEPARATOR, dtype=np.uint8)
    place = 0
    for field in fields:
        text[:, place : place + field.length] = records[:, field.offset : field.offset + field.length]
        text[:, place : place + field.length][text[:, place : place + field.length] < 0x20] = 0x20
        place += field.length + 1
    text[:, -1] = 0x0A
    frame = pl.read_csv(
        io.BytesIO(text.tobytes().decode(encoding, "replace").encode()),
        has_header=False,
        separator=chr(_SEPARATOR),
        quote_char=None,
        schema=dict.fromkeys(names, pl.String),
        raise_if_empty=False,
    )
    return frame.with_columns(pl.all().str.strip_chars().replace("", None))
