"""The town's homes: streets, buildings, flats, families and their habits of paying."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from domivka.demo.town.names import NEW_DISTRICT, STREETS, StreetPlan, full_name

SEED: Final = 20180101
FULL_SIZE: Final = 2000
_SHARES: Final = {"left": 50, "right": 30, "garden": 20}  # per cent of the homes
_BLOCKS: Final = (20, 36, 40, 54, 60, 72)
_POSTAL: Final = {"left": "23991", "right": "23992", "garden": "23993", "new": "23994"}
_ROOM_AREAS: Final = {1: (29, 38), 2: (43, 56), 3: (58, 74), 4: (76, 92)}


@dataclass(frozen=True, slots=True)
class Move:
    """From the first day of the month with this index on, so many people are registered and live here."""

    month: int
    registered: int
    living: int


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A home that bills are made for. `habit`: regular, debtor, overpayer, subsidised or careless (no readings)."""

    index: int
    street: StreetPlan
    building: str
    flat: str  # empty: a private house
    floors: int
    area_m2: Decimal
    heated_area_m2: Decimal
    rooms: int
    registered: int
    living: int
    holder: tuple[str, str, str]
    habit: str
    moves: tuple[Move, ...]

    @property
    def district(self) -> str:
        return self.street.district

    @property
    def holder_name(self) -> str:
        return " ".join(self.holder)

    @property
    def postal_index(self) -> str:
        return _POSTAL[self.district]

    @property
    def is_house(self) -> bool:
        return not self.flat

    def people_in(self, month: int) -> int:
        """How many are registered in the month with this index."""
        return next((move.registered for move in reversed(self.moves) if move.month <= month), self.registered)


@dataclass(frozen=True, slots=True)
class TownPlan:
    """All homes: `dwellings` with connected providers, and those of the district that waits for its providers."""

    seed: int
    dwellings: tuple[Dwelling, ...]
    unconnected: tuple[Dwelling, ...]


def plan_town(*, size: int = FULL_SIZE, seed: int = SEED) -> TownPlan:
    """About `size` connected homes and the 600 of the new district; the same for the same seed."""
    random = Random(f"town:{seed}")  # noqa: S311  # a seed, not a secret
    dwellings: list[Dwelling] = []
    for district, share in _SHARES.items():
        streets = [street for street in STREETS if street.district == district]
        wanted, taken = size * share // 100, 0
        for turn in range(10_000):
            if taken >= wanted:
                break
            street = streets[turn % len(streets)]
            new = _building(random, street, turn // len(streets), wanted - taken, len(dwellings))
            dwellings += new
            taken += len(new)
    return TownPlan(seed, tuple(dwellings), tuple(_new_district(random, len(dwellings))))


def _building(random: Random, street: StreetPlan, turn: int, left: int, index: int) -> list[Dwelling]:
    number = str(1 + 2 * turn + random.choice((0, 1)) + 2 * turn // 3)
    if street.district == "garden":
        number += random.choice(("", "", "", "", "а", "/1"))
        return [_dwelling(random, street, number, "", random.choice((1, 1, 2)), index)]
    number += random.choice(("", "", "", "-А", "/2", " корп. 2"))
    flats = min(random.choice(_BLOCKS), max(4, left))
    floors = max(2, min(9, flats // 6))
    return [_dwelling(random, street, number, str(flat), floors, index + flat - 1) for flat in range(1, flats + 1)]


def _dwelling(random: Random, street: StreetPlan, building: str, flat: str, floors: int, index: int) -> Dwelling:
    rooms = random.choice((1, 2, 2, 2, 3, 3, 4)) if flat else random.choice((3, 3, 4))
    low, high = _ROOM_AREAS[rooms]
    area = Decimal(random.randint(low * 10, high * 10)) / 10 + (0 if flat else 20)
    registered = min(random.choices((0, 1, 2, 3, 4, 5, 6), (2, 24, 30, 22, 14, 6, 2))[0], rooms + 2)
    habit = random.choices(
        ("regular", "debtor", "overpayer", "subsidised", "careless"), (66, 10, 7, 9, 8)
    )[0]  # fmt: skip  # weights under their names
    moves: tuple[Move, ...] = ()
    if random.random() < 0.06:
        people = max(0, registered + random.choice((-1, 1)))
        moves = (Move(random.randint(2, 10), people, people),)
    return Dwelling(
        index=index,
        street=street,
        building=building,
        flat=flat,
        floors=floors,
        area_m2=area,
        heated_area_m2=area - random.choice((Decimal(0), Decimal("2.8"), Decimal("3.4"))) if flat else area,
        rooms=rooms,
        registered=registered,
        living=max(0, registered - (random.random() < 0.08)),
        holder=full_name(random),
        habit=habit,
        moves=moves,
    )


def _new_district(random: Random, index: int) -> list[Dwelling]:

    found: list[Dwelling] = []
    for kind, name, old, buildings in NEW_DISTRICT:
        street = StreetPlan(kind, name, "new", ((old, dt.date(2023, 7, 21)),) if old else ())
        for entry in buildings.split():
            building, flats = entry.split(":")
            floors = max(2, min(9, int(flats) // 4))
            for flat in range(1, int(flats) + 1):
                found.append(_dwelling(random, street, building, str(flat), floors, index + len(found)))
    return found
