"""Finding a street or premises by what people type: today's or an old name, any apostrophe, Latin look-alikes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _

from domivka.kernel.frames import read_frame
from domivka.registry.models import Premises, StreetName
from domivka.registry.rules.folding import building_key, flat_key, parse_street


@dataclass(frozen=True, slots=True)
class StreetView:
    """A street as a list shows it; `former_name` is filled when an old name is what was found."""

    id: int
    kind: str
    name: str
    former_name: str

    @property
    def text(self) -> str:
        """«вул. Соборна», «вул. Соборна (колишня вул. Леніна)»."""
        street = f"{self.kind} {self.name}"
        if not self.former_name:
            return street
        return _("%(street)s (колишня назва: %(former)s)") % {"street": street, "former": self.former_name}


_SEARCH = """
WITH found AS (
    SELECT DISTINCT ON (s.id) s.id, s.kind, s.name, n.valid_to IS NOT NULL AS former, n.kind || ' ' || n.name AS by_name,
           CASE WHEN n.key = %(key)s THEN 0 WHEN n.key LIKE %(prefix)s THEN 1 WHEN n.key LIKE %(word)s THEN 2 ELSE 3 END
               AS rank,
           similarity(uk_latin(n.key), uk_latin(%(key)s)) AS likeness
    FROM registry_streetname n JOIN registry_street s ON s.id = n.street_id
    WHERE s.town_id = %(town)s AND (%(kind)s = '' OR n.kind = %(kind)s)
      AND (n.key LIKE %(prefix)s OR n.key LIKE %(word)s OR (length(%(key)s) > 3 AND uk_latin(n.key) %% uk_latin(%(key)s)))
    ORDER BY s.id, rank, former, likeness DESC
)
SELECT id, kind, name, CASE WHEN former THEN by_name ELSE '' END FROM found
ORDER BY rank = 3, CASE WHEN rank = 3 THEN -likeness END, uk_sort_key(name), kind LIMIT %(limit)s
"""


def search_streets(*, town_id: int, text: str, limit: int = 20) -> list[StreetView]:
    """Streets whose name, today's or old, starts with `text`, has a word that does, or is like it; one query.

    Beginnings come first in alphabetical order, likenesses after them, best first. A kind word («пров. Гонти»)
    narrows; an empty text lists the first streets of the town.
    """
    street = parse_street(text)
    parameters: dict[str, int | str] = {
        "town": town_id,
        "kind": street.kind,
        "key": street.key,
        "prefix": _like(street.key) + "%",
        "word": "% " + _like(street.key) + "%",
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, parameters)
        return [StreetView(*row) for row in cursor.fetchall()]


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_PREMISES: Final = """
SELECT b.street_id, b.number_key, p.flat_key, p.id FROM registry_building b
JOIN registry_premises p ON p.building_id = b.id
WHERE b.street_id = ANY(%(streets)s) AND b.number_key = ANY(%(buildings)s)
"""


def premises_at(*, town_id: int, addresses: pl.DataFrame) -> pl.DataFrame:
    """The premises of each address that names exactly one; others are left out. Two queries.

    `addresses` are different texts `street`, `building`, `flat` as a file writes them; the answer has them with
    `premises_id`. A street is compared by folded name, today's or old, and by kind when both sides have it; buildings
    and flats by their keys, so «12-А» finds «12а».
    """
    streets = _streets_named(town_id, set(addresses["street"].unique()))
    buildings = {text: building_key(text) for text in addresses["building"].unique()}
    flats = {text: flat_key(text) for text in addresses["flat"].unique()}
    keys: dict[str, Any] = {
        "streets": sorted({street_id for _, street_id in streets}),
        "buildings": sorted(set(buildings.values())),
    }
    premises = read_frame(
        query=_PREMISES,
        parameters=keys,
        schema={"street_id": pl.Int64, "building_key": pl.String, "flat_key": pl.String, "premises_id": pl.Int64},
    ).with_columns(pl.col(pl.String).fill_null(""))
    named = pl.DataFrame(streets, schema={"street": pl.String, "street_id": pl.Int64}, orient="row")
    return (
        addresses.with_columns(
            building_key=pl.col("building").replace_strict(buildings, return_dtype=pl.String),
            flat_key=pl.col("flat").replace_strict(flats, return_dtype=pl.String),
        )
        .join(named, on="street")
        .join(premises, on=["street_id", "building_key", "flat_key"])
        .group_by("street", "building", "flat")
        .agg(pl.col("premises_id").min(), several=pl.col("premises_id").n_unique() > 1)
        .filter(~pl.col("several"))
        .drop("several")
    )


def _streets_named(town_id: int, texts: set[str]) -> list[tuple[str, int]]:
    """Each written street with every street of the town it may mean."""
    parsed = {text: parse_street(text) for text in texts}
    known = StreetName.objects.filter(
        street__town_id=town_id, key__in={street.key for street in parsed.values()}
    ).values_list("key", "kind", "street_id")
    by_key: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for key, kind, street_id in known:
        by_key[key].add((kind, street_id))
    return sorted(
        {
            (text, street_id)
            for text, street in parsed.items()
            for kind, street_id in by_key[street.key]
            if street.kind in ("", kind)
        }
    )


def find_premises(*, town_id: int, street_id: int, building: str, flat: str) -> int | None:
    """The premises of a chosen street by typed building and flat, or None. One query."""
    return (
        Premises.objects.filter(
            town_id=town_id,
            building__street_id=street_id,
            building__number_key=building_key(building),
            flat_key=flat_key(flat),
        )
        .values_list("pk", flat=True)
        .first()
    )
