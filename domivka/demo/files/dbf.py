"""A dBASE III table in CP866, the way old municipal offices write it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domivka.kernel.period import Period

_NO_CP866: Final = str.maketrans("іІґҐ’ʼ", "iIгГ''")
"""CP866 has no і and ґ: offices type the Latin i and г."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: str  # C text, N number, D date
    width: int
    decimals: int = 0


def write(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, period: Period) -> bytes:
    """The file's bytes. Values are text already; numbers are right-aligned. The date inside is the period's last day."""
    records = bytearray()
    count = 0
    for row in rows:
        records += b" "
        for column, value in zip(columns, row, strict=True):
            cell = value.translate(_NO_CP866).encode("cp866", "replace")[: column.width]
            records += cell.rjust(column.width) if column.kind == "N" else cell.ljust(column.width)
        count += 1
    record_size = 1 + sum(column.width for column in columns)
    header = struct.pack(
        "<BBBBIHH20x",
        3,
        period.year - 1900,
        period.month,
        period.days,
        count,
        32 * len(columns) + 33,
        record_size,
    )
    fields = b"".join(
        column.name.encode().ljust(11, b"\0")
        + struct.pack("<c4xBB14x", column.kind.encode(), column.width, column.decimals)
        for column in columns
    )
    return header + fields + b"\r" + bytes(records) + b"\x1a"
