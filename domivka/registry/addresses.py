"""Taking a town's address register in: streets with their old names, buildings, premises, residents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.copy import copy_frame
from domivka.registry.rules.folding import building_key, flat_key, fold, natural_key, parse_street

ADDRESS_SCHEMA: Final[dict[str, pl.DataType]] = {
    "street_kind": pl.String(),
    "street": pl.String(),
    "old_names": pl.String(),  # «вул. Леніна; вул. Радянська», the newest first
    "building": pl.String(),
    "postal_index": pl.String(),
    "floors": pl.Int16(),
    "built_in": pl.Int16(),
    "flat": pl.String(),
    "area_m2": pl.Decimal(9, 2),
    "heated_area_m2": pl.Decimal(9, 2),
    "rooms": pl.Int16(),
    "registered": pl.Int16(),
    "living": pl.Int16(),
}
"""Columns of `register_addresses`; a premises a row."""


@dataclass(frozen=True, slots=True)
class Registered:
    """How many were new."""

    streets: int
    buildings: int
    premises: int
    occupancies: int


_STREETS = """
INSERT INTO registry_street (town_id, kind, name)
SELECT DISTINCT %(town)s::bigint, kind, street FROM incoming i
WHERE NOT EXISTS (
    SELECT 1 FROM registry_streetname n JOIN registry_street s ON s.id = n.street_id
    WHERE s.town_id = %(town)s AND n.key = i.street_key AND n.kind = i.kind)
ON CONFLICT (town_id, kind, name) DO NOTHING
"""
_NAMES = """
INSERT INTO registry_streetname (street_id, kind, name, key)
SELECT s.id, s.kind, s.name, min(i.street_key) FROM incoming i
JOIN registry_street s ON s.town_id = %(town)s AND s.kind = i.kind AND s.name = i.street
GROUP BY s.id ON CONFLICT (street_id, kind, name) DO NOTHING
"""
_OLD_NAMES = """
INSERT INTO registry_streetname (street_id, kind, name, key, valid_to)
SELECT DISTINCT s.id, o.kind, o.name, o.key, %(on)s::date FROM incoming_names o
JOIN registry_street s ON s.town_id = %(town)s AND s.kind = o.street_kind AND s.name = o.street
ON CONFLICT (street_id, kind, name) DO NOTHING
"""
_STREET_OF = """
    (SELECT min(n.street_id) FROM registry_streetname n JOIN registry_street s ON s.id = n.street_id
     WHERE s.town_id = %(town)s AND n.key = i.street_key AND n.kind = i.kind)
"""
_RESOLVE = f"ALTER TABLE incoming ADD COLUMN street_id bigint; UPDATE incoming i SET street_id = {_STREET_OF}"
_BUILDINGS = """
INSERT INTO registry_building
    (town_id, street_id, number, number_key, number_sort, postal_index, floors, built_in)
SELECT DISTINCT ON (street_id, building_key) %(town)s::bigint, street_id, building, building_key, building_sort,
    postal_index, floors, built_in
FROM incoming ORDER BY street_id, building_key
ON CONFLICT (street_id, number_key) DO UPDATE SET
    postal_index = coalesce(nullif(EXCLUDED.postal_index, ''), registry_building.postal_index),
    floors = coalesce(EXCLUDED.floors, registry_building.floors),
    built_in = coalesce(EXCLUDED.built_in, registry_building.built_in)
RETURNING (xmax = 0)
"""
_PREMISES = """
INSERT INTO registry_premises
    (town_id, building_id, flat, flat_key, flat_sort, area_m2, heated_area_m2, rooms, paper_bill)
SELECT DISTINCT ON (b.id, i.flat_key) %(town)s::bigint, b.id, i.flat, i.flat_key, i.flat_sort,
    coalesce(i.area_m2, 0), coalesce(i.heated_area_m2, i.area_m2, 0), i.rooms, true
FROM incoming i JOIN registry_building b ON b.street_id = i.street_id AND b.number_key = i.building_key
ORDER BY b.id, i.flat_key
ON CONFLICT (building_id, flat_key) DO UPDATE SET area_m2 = EXCLUDED.area_m2,
    heated_area_m2 = EXCLUDED.heated_area_m2, rooms = coalesce(EXCLUDED.rooms, registry_premises.rooms)
RETURNING (xmax = 0)
"""
_OCCUPANCY = """
INSERT INTO registry_occupancy (premises_id, valid_from, registered, living)
SELECT DISTINCT ON (p.id) p.id, %(on)s::date, coalesce(i.registered, i.living), coalesce(i.living, i.registered)
FROM incoming i JOIN registry_building b ON b.street_id = i.street_id AND b.number_key = i.building_key
JOIN registry_premises p ON p.building_id = b.id AND p.flat_key = i.flat_key
LEFT JOIN LATERAL (SELECT o.registered, o.living FROM registry_occupancy o WHERE o.premises_id = p.id
    AND o.valid_from <= %(on)s ORDER BY o.valid_from DESC LIMIT 1) now ON true
WHERE coalesce(i.registered, i.living) IS NOT NULL
  AND (now.registered, now.living) IS DISTINCT FROM
      (coalesce(i.registered, i.living)::smallint, coalesce(i.living, i.registered)::smallint)
ORDER BY p.id
ON CONFLICT (premises_id, valid_from) DO UPDATE SET registered = EXCLUDED.registered, living = EXCLUDED.living
"""


@transaction.atomic
def register_addresses(*, town_id: int, addresses: pl.DataFrame, on: dt.date) -> Registered:
    """Add the premises that are new and bring the known ones up to date; nothing is removed.

    Columns `ADDRESS_SCHEMA`. Areas in m², residents from the day `on`. A fixed number of statements.
    """
    incoming = addresses.select(pl.col(name).cast(kind) for name, kind in ADDRESS_SCHEMA.items())
    incoming = incoming.with_columns(pl.col(pl.String).fill_null("").str.strip_chars())
    parameters: dict[str, int | dt.date] = {"town": town_id, "on": on}
    with connection.cursor() as cursor:
        _stage(incoming)
        cursor.execute(_STREETS, parameters)
        streets = cursor.rowcount
        for statement in (_NAMES, _OLD_NAMES, _RESOLVE):
            cursor.execute(statement, parameters)
        cursor.execute(_BUILDINGS, parameters)
        buildings = sum(new for (new,) in cursor.fetchall())
        cursor.execute(_PREMISES, parameters)
        premises = sum(new for (new,) in cursor.fetchall())
        cursor.execute(_OCCUPANCY, parameters)
        occupancies = cursor.rowcount
        cursor.execute("DROP TABLE incoming, incoming_names")
        cursor.execute("ANALYZE registry_building, registry_premises, registry_occupancy")
    return Registered(streets, buildings, premises, occupancies)


def _stage(incoming: pl.DataFrame) -> None:
    """Copy the rows with their keys into temporary tables of this transaction."""
    streets = incoming.select("street_kind", "street").unique()
    parsed = [parse_street(f"{kind} {street}".strip()) for kind, street in streets.iter_rows()]
    streets = streets.with_columns(
        kind=pl.Series([street.kind or "вул." for street in parsed], dtype=pl.String),
        name=pl.Series([street.name for street in parsed], dtype=pl.String),
        street_key=pl.Series([street.key for street in parsed], dtype=pl.String),
    )
    rows = (
        incoming.join(streets, on=["street_kind", "street"], how="left")
        .with_columns(
            building_key=_mapped("building", building_key, incoming),
            flat_key=_mapped("flat", flat_key, incoming),
        )
        .with_columns(
            building_sort=pl.col("building_key").map_elements(natural_key, pl.String),
            flat_sort=pl.col("flat_key").map_elements(natural_key, pl.String),
        )
        .drop("street_kind", "street")
        .rename({"name": "street"})
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE incoming (old_names text, building text, postal_index text, floors smallint,"
            " built_in smallint, flat text, area_m2 numeric, heated_area_m2 numeric, rooms smallint, registered int,"
            " living int, kind text, street text, street_key text, building_key text, flat_key text,"
            " building_sort text, flat_sort text) ON COMMIT DROP;"
            "CREATE TEMPORARY TABLE incoming_names (street_kind text, street text, kind text, name text, key text)"
            " ON COMMIT DROP"
        )
    copy_frame(table="incoming", frame=rows)
    copy_frame(table="incoming_names", frame=_old_names(rows))


def _mapped(column: str, fold_one: Callable[[str], str], frame: pl.DataFrame) -> pl.Expr:
    """A key of each value, computed once per different value."""
    values = frame[column].unique()
    return pl.col(column).replace_strict(values, pl.Series([fold_one(value) for value in values], dtype=pl.String))


def _old_names(rows: pl.DataFrame) -> pl.DataFrame:
    names = [
        (kind, street, old.kind or kind, old.name, fold(old.name))
        for kind, street, texts in rows.select("kind", "street", "old_names").unique().iter_rows()
        for text in texts.split(";")
        if (old := parse_street(text.strip())).name
    ]
    return pl.DataFrame(
        names, schema=dict.fromkeys(["street_kind", "street", "kind", "name", "key"], pl.String), orient="row"
    )
