"""Finding a street or premises by what people type: today's or an old name, any apostrophe, Latin look-alikes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from domivka.registry.models import Premises
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
        former = f" (колишня назва: {self.former_name})" if self.former_name else ""
        return f"{self.kind} {self.name}{former}"


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


@dataclass(frozen=True, slots=True)
class AddressText:
    """An address as a file writes it."""

    street: str
    building: str
    flat: str


def premises_at(*, town_id: int, addresses: Iterable[AddressText]) -> dict[AddressText, int]:
    """The premises of each address that names exactly one; others are left out. One query.

    A street is compared by folded name, today's or old, and by kind when both sides have it; buildings and flats
    by their keys, so «12-А» finds «12а».
    """
    wanted = list(dict.fromkeys(addresses))
    streets = [parse_street(address.street) for address in wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.n, min(p.id) FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " w(n, kind, key, building, flat) "
            "JOIN registry_streetname s ON s.key = w.key AND (w.kind = '' OR s.kind = w.kind) "
            "JOIN registry_building b ON b.street_id = s.street_id AND b.number_key = w.building "
            "JOIN registry_premises p ON p.building_id = b.id AND p.flat_key = w.flat "
            "WHERE p.town_id = %s GROUP BY w.n HAVING count(DISTINCT p.id) = 1",
            [
                list(range(len(wanted))),
                [street.kind for street in streets],
                [street.key for street in streets],
                [building_key(address.building) for address in wanted],
                [flat_key(address.flat) for address in wanted],
                town_id,
            ],
        )
        return {wanted[n]: premises_id for n, premises_id in cursor.fetchall()}


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
