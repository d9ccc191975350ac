"""dBASE III tables: the header says where each field lies, numpy cuts all rows at once (domain.md §6.1)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.formats.content import Content
from domivka.exchange.formats.encodings import detect_code_page
from domivka.exchange.formats.table import Accept, Part, Table, column_names

_VERSIONS: Final = {0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5, 0xFB}
_DOS: Final = ("cp866", "cp1125")
_BY_LANGUAGE: Final = {0x26: _DOS, 0x65: _DOS, 0x64: _DOS, 0x57: ("cp1251",), 0xC9: ("cp1251",), 0x7D: ("cp1251",)}
"""Language driver byte → tables to choose from; 866 is written where 1125 is meant, so the bytes decide."""
_ALL: Final = ("cp866", "cp1125", "cp1251")
_SEPARATOR: Final = 0x1F
_HEAD: Final = 1 << 16  # longer than any header
_SAMPLED: Final = 20_000  # records whose letters tell the encoding
Records = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


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


def read_dbf(content: Content, accept: Accept) -> list[Table]:
    """The table of a DBF; deleted records are left out, row numbers are record numbers.

    Raises `UnreadableFile` for a damaged header, a file cut short, or other fields than the preset describes.
    """
    head = content.head(_HEAD)
    count, header, record = struct.unpack_from("<IHH", head, 4)
    fields = _fields(head, header, record)
    names = tuple(field.name for field in fields)
    if not accept(names):
        raise UnreadableFile(f"У файлі DBF немає полів цього шаблону. Є поля: {', '.join(names)}.")
    if content.size < header + count * record:
        raise UnreadableFile(
            f"Файл DBF обірваний: у заголовку {count} записів, а цілих у файлі {max(0, content.size - header) // record}."
        )
    sample = next(_records(content, header, record, min(count, _SAMPLED)), np.empty((0, record), dtype=np.uint8))
    encoding = _encoding(head[29], sample, fields)

    def parts(size: int) -> Iterator[Part]:
        first = 1
        for records in _records(content, header, record, count, size):
            alive = np.flatnonzero(records[:, 0] != ord("*"))
            kept = records if len(alive) == len(records) else records[alive]
            yield Part(_cells(kept, fields, encoding), pl.Series("number", alive + first, dtype=pl.Int32), {})
            first += len(records)

    return [Table("", names, "", encoding, count, parts)]


def _records(content: Content, header: int, record: int, count: int, size: int = _SAMPLED) -> Iterator[Records]:
    """The first `count` records, so many at a time."""
    pending, skip = bytearray(), header
    for block in content.blocks():
        pending += block[skip:]
        skip = max(0, skip - len(block))
        while count and len(pending) >= min(size, count) * record:
            taken = min(size, count)
            yield np.frombuffer(bytes(pending[: taken * record]), dtype=np.uint8).reshape(taken, record)
            del pending[: taken * record]
            count -= taken


def _encoding(language: int, records: Records, fields: list[Field]) -> str:
    candidates = _BY_LANGUAGE.get(language, _ALL)
    step = max(1, len(records) // 2000)
    sample = b" ".join(
        records[::step, field.offset : field.offset + field.length].tobytes() for field in fields if field.kind == "C"
    )
    return detect_code_page(sample, candidates)


def _cells(records: Records, fields: list[Field], encoding: str) -> pl.DataFrame:
    """All records as one text with separators, decoded by one call and cut by Polars."""
    names = column_names(len(fields))
    if not len(records):
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    width = sum(field.length + 1 for field in fields)
    text = np.full((len(records), width), _SEPARATOR, dtype=np.uint8)
    place, records = 0, np.maximum(records, 0x20)  # no mark of ours inside a cell
    for field in fields:
        text[:, place : place + field.length] = records[:, field.offset : field.offset + field.length]
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
