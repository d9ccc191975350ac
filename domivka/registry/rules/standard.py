"""The services every town has, with the codes that presets and tariffs use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class StandardService:
    """A row of the list of services: `position` orders the bill, `icon` names a sign of the portal."""

    code: str
    name: str
    name_en: str
    unit: str
    volume_decimals: int
    position: int
    icon: str


STANDARD_SERVICES: Final = (
    StandardService("water", "Холодна вода", "Cold water", "m3", 3, 10, "water"),
    StandardService("wastewater", "Водовідведення", "Wastewater", "m3", 3, 20, "sewage"),
    StandardService("water_fee", "Абонентська плата за воду", "Water subscription fee", "month", 0, 25, "water"),
    StandardService("heating", "Опалення", "Heating", "gcal", 4, 30, "heating"),
    StandardService("hot_water", "Гаряча вода", "Hot water", "m3", 3, 40, "hot-water"),
    StandardService("electricity", "Електроенергія", "Electricity", "kwh", 0, 50, "electricity"),
    StandardService("gas", "Постачання газу", "Gas supply", "m3", 2, 60, "gas"),
    StandardService("gas_distribution", "Розподіл газу", "Gas distribution", "m3", 2, 70, "gas-pipe"),
    StandardService("management", "Управління будинком", "Building management", "m2", 2, 80, "building"),
    StandardService("condominium", "Внесок ОСББ", "Condominium dues", "m2", 2, 85, "building"),
    StandardService("waste", "Побутові відходи", "Household waste", "person", 0, 90, "waste"),
    StandardService("intercom", "Домофон", "Intercom", "month", 0, 95, "intercom"),
    StandardService("parking", "Паркування", "Parking", "month", 0, 97, "parking"),
)
