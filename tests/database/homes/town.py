"""A small town with two streets for tests."""

from __future__ import annotations

import datetime as dt

from domivka.identity.api import create_person
from domivka.registry.models import Building, Premises, Street, StreetName, Town

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def make_town(flats: int = 6) -> list[Premises]:
    """Premises «Вишнівка, вул. Садова, буд. 6/1, кв. 1…»."""
    town = Town.objects.create(name="Вишнівка", genitive="Вишнівки", katottg="UA05020030010063857")
    street = Street.objects.create(town=town, kind="вул.", name="Садова")
    StreetName.objects.create(street=street, kind="вул.", name="Садова", key="садова")
    building = Building.objects.create(town=town, street=street, number="6/1", number_key="6/1", number_sort="00006/1")
    return [
        Premises.objects.create(town=town, building=building, flat=str(n), flat_key=str(n), flat_sort=f"{n:05d}")
        for n in range(1, flats + 1)
    ]


def make_person(email: str = "olena@example.com", phone: str = "") -> int:
    return create_person(at=AT, email=email, phone=phone, surname="Коваль", name="Олена")
