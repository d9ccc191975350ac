"""What a context gives of one person, for the export «Вивантажити мої дані»."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PersonalFile:
    """A file of the person: its place in the archive, and how to read it when its turn comes."""

    path: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Rows by the name of what they are (a JSON file each), and files."""

    sections: Mapping[str, Rows]
    files: Sequence[PersonalFile] = field(default=())


def rows(found: QuerySet[Any], *fields: str, **named: str) -> Rows:
    """These columns of the rows; `named` renames what is joined: `town="office__town__name"`."""
    renamed = {column: name for name, column in named.items()}
    return [
        {renamed.get(column, column): value for column, value in row.items()}
        for row in found.values(*fields, *named.values())
    ]
