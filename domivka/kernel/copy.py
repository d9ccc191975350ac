"""Frames into PostgreSQL by `COPY`: the fast road for sets of rows."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import polars as pl
from django.db import connection

_AT_ONCE: Final = 100_000  # rows that become text at once: memory stays flat with size


def copy_frame(*, table: str, frame: pl.DataFrame) -> int:
    """Append the frame's rows to `table`, columns by name; returns the rows written.

    Decimals, dates, UTC datetimes, booleans and text go exactly; null is NULL, an empty text stays empty.
    Runs in the caller's transaction. Names come from code, never from people.
    """
    if frame.is_empty():
        return 0
    columns = ", ".join(frame.columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for part in frame.iter_slices(_AT_ONCE):
            buffer = io.BytesIO()
            part.write_csv(
                buffer, include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ"
            )
            copy.write(buffer.getbuffer())
    return frame.height


def next_ids(*, sequence: str, count: int) -> pl.Series:
    """Take `count` ids of a sequence for rows that are about to be copied; increasing, not always consecutive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(nextval(%s)::text, ',') FROM generate_series(1, %s)", [sequence, count])
        text = cursor.fetchone()[0] or ""
    return pl.Series("id", np.fromstring(text, dtype=np.int64, sep=","))
