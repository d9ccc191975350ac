"""Which providers each home has, with account numbers and the attributes that charging uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from domivka.demo.town.plan import Dwelling
from domivka.demo.town.providers import BY_CODE

_EVERYONE: Final = {
    "left": (
        ("vodokanal", ("water", "wastewater", "water_fee")),
        ("teplo", ("heating", "hot_water")),
        ("gaz", ("gas",)),
        ("gazmerezhi", ("gas_distribution",)),
        ("oblenergo", ("electricity",)),
        ("housing", ("management", "waste")),
    ),
    "right": (
        ("akvaservis", ("water", "wastewater", "water_fee")),
        ("kotelnia", ("heating", "hot_water")),
        ("enerhozbut", ("electricity",)),
        ("osbb", ("condominium",)),
        ("chyste", ("waste",)),
    ),
    "garden": (
        ("akvaservis", ("water", "water_fee")),
        ("gaz", ("gas",)),
        ("gazmerezhi", ("gas_distribution",)),
        ("oblenergo", ("electricity",)),
        ("chyste", ("waste",)),
    ),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """A personal account of a home at a provider with its services. `load`: Gcal/h, or m³ agreed for a year."""

    dwelling: Dwelling
    provider: str
    number: str
    services: tuple[str, ...]
    tariff_code: str = ""
    load: Decimal | None = None


def connections(dwellings: Sequence[Dwelling], *, seed: int) -> list[Connection]:
    """All personal accounts of the connected homes, in the order of homes."""
    found: list[Connection] = []
    for dwelling in dwellings:
        random = Random(f"connections:{seed}:{dwelling.index}")  # noqa: S311  # a seed, not a secret
        for provider, services in _EVERYONE[dwelling.district]:
            found.append(_connection(random, dwelling, provider, services))
        if not dwelling.is_house and random.random() < 0.7:
            found.append(_connection(random, dwelling, "domofon", ("intercom",)))
    return found


def _connection(random: Random, dwelling: Dwelling, provider: str, services: tuple[str, ...]) -> Connection:
    tariff_code, load = "", None
    if provider == "enerhozbut":
        tariff_code = random.choices(("", "zones2", "zones3"), (50, 38, 12))[0]
    elif provider == "gazmerezhi":
        load = Decimal(random.randint(900, 2400) if dwelling.is_house else random.randint(60, 160))
    elif provider == "kotelnia":
        load = (dwelling.heated_area_m2 * Decimal("0.000075")).quantize(Decimal("0.000001"))
    elif provider == "osbb" and random.random() < 0.15:
        services = (*services, "parking")
    return Connection(dwelling, provider, BY_CODE[provider].account_number(dwelling.index), services, tariff_code, load)
