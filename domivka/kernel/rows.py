"""Which rows the database shows to this connection: everything, or the accounts of some providers only.

The policies are in registry's migration 0004. The setting belongs to the connection, which outlives a request, so
whoever narrows it widens it again; `widen` costs nothing when nothing was narrowed.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import DatabaseError, connection


def narrow(*, provider_ids: Collection[int]) -> None:
    """From now on only accounts of these providers can be read or written. An empty set shows none."""
    connection.domivka_narrowed = True  # type: ignore[attr-defined]  # a mark of ours on Django's connection
    ids = ",".join(str(int(provider_id)) for provider_id in sorted(provider_ids)) or "0"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('domivka.provider_ids', %s, false)", [ids])


def widen() -> None:
    """Back to everything; a connection that cannot be asked any more is closed, and its setting goes with it."""
    if not getattr(connection, "domivka_narrowed", False):
        return
    connection.domivka_narrowed = False  # type: ignore[attr-defined]  # as above
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('domivka.provider_ids', '', false)")
    except DatabaseError:
        connection.close()
