"""How much a home uses in each month of a year: warmer and colder months, flats and houses."""

from __future__ import annotations

from random import Random
from typing import Final

from domivka.demo.town.plan import Dwelling

# January … December
HEAT: Final = (125, 115, 82, 30, 0, 0, 0, 0, 0, 52, 86, 110)
WATER: Final = (96, 95, 97, 100, 106, 112, 115, 113, 104, 99, 96, 97)
POWER: Final = (118, 112, 105, 97, 90, 92, 98, 96, 92, 99, 108, 120)

_LITRES_A_PERSON: Final = 2900
_HOT_LITRES_A_PERSON: Final = 1500


def water_litres(random: Random, dwelling: Dwelling, month_index: int, calendar_month: int) -> int:
    """Cold water of a month, litres; a garden is watered in summer."""
    people = dwelling.people_in(month_index)
    garden = 9000 if dwelling.is_house and calendar_month in (5, 6, 7, 8) else 0
    litres = people * _LITRES_A_PERSON * WATER[calendar_month - 1] // 100 + garden
    return int(litres * random.uniform(0.72, 1.3)) + random.randint(0, 400)


def hot_water_m3(random: Random, dwelling: Dwelling, month_index: int) -> int:
    """Hot water of a month, whole cubic metres."""
    return round(dwelling.people_in(month_index) * _HOT_LITRES_A_PERSON / 1000 * random.uniform(0.6, 1.4))


def heat_e4(random: Random, dwelling: Dwelling, calendar_month: int) -> int:
    """Heat of a month in ten-thousandths of a Gcal: about 0.0155 Gcal for a square metre in a cold month."""
    return int(float(dwelling.heated_area_m2) * 1.55 * HEAT[calendar_month - 1] * random.uniform(0.93, 1.07))


def gas_m3(random: Random, dwelling: Dwelling, month_index: int, calendar_month: int) -> int:
    """Gas of a month, whole cubic metres: cooking in flats, heating in houses."""
    cooking = dwelling.people_in(month_index) * 3.3
    heating = float(dwelling.area_m2) * 3.1 * HEAT[calendar_month - 1] / 100 if dwelling.is_house else 0
    return round((cooking + heating) * random.uniform(0.85, 1.15))


def power_kwh(random: Random, dwelling: Dwelling, month_index: int, calendar_month: int) -> int:
    """Electricity of a month, kWh; the right bank cooks on electric stoves."""
    people = dwelling.people_in(month_index)
    base = 70 + 38 * people + (60 if dwelling.district == "right" else 0) + (40 if dwelling.is_house else 0)
    return round(base * POWER[calendar_month - 1] / 100 * random.uniform(0.75, 1.25))
