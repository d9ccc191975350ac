"""Frames out of PostgreSQL by `COPY`: the fast road for sets of rows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db import connection
from psycopg import ClientCursor

from domivka.kernel.reads import prepared_rows


def read_frame(
    *, query: str, parameters: Mapping[str, Any], schema: Mapping[str, Any], few: bool = False
) -> pl.DataFrame:
    """The rows of a query as a frame with the columns and types of `schema`, in its order; runs in the caller's
    transaction. Decimals travel as whole numbers: scale them in the query. `few`: some dozens of rows at most, and again
    and again, which a prepared query brings in a quarter of the time of a `COPY`; arrays in it name their type."""
    if few:
        return pl.DataFrame(prepared_rows(query, parameters), schema=schema, orient="row")
    with connection.cursor() as cursor:
        raw = connection.connection
        bound = ClientCursor(raw).mogrify(query, parameters)
        buffer = io.BytesIO()
        with cursor.copy(f"COPY ({bound}) TO STDOUT (FORMAT csv)") as copy:
            for block in copy:
                buffer.write(block)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    booleans = [name for name, kind in schema.items() if kind == pl.Boolean]
    read_as = {name: pl.String if name in booleans else kind for name, kind in schema.items()}
    frame = pl.read_csv(buffer, has_header=False, schema=read_as)
    return frame.with_columns(pl.col(name) == "t" for name in booleans) if booleans else frame


def id_array(ids: pl.Series) -> str:
    """Ids as the text of an array for `%(ids)s::bigint[]`: ten times as fast as a list, whose numbers are quoted one by one."""
    return "{" + ",".join(ids.cast(pl.String).to_list()) + "}"
