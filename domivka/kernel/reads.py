"""Reads that every page repeats. The ORM composes a statement anew and the server plans it anew each time, which for a
page of a home takes longer than all the reading; here the statement is written once, and a connection plans it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor


def prepared_rows(statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that never changes its text. Arrays are written `%(ids)s::bigint[]`: parameters travel apart
    from the statement, so the server must be told their type."""
    with connection.cursor() as cursor:
        cursor.cursor = Cursor(
            connection.connection
        )  # Django's own binds in the client, which leaves nothing to prepare
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
