"""What benefits are worth: categories, per cents and norms with their dates, the country's and then the town's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
from django.utils.translation import get_language

from domivka.tariffs.models import BenefitNorm, BenefitPercent
from domivka.tariffs.queries import holds, national_file
from domivka.tariffs.rules.benefits import NORMS, PERCENTS, Relief


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category of the register of entitled persons (ЄДАРП) with the law that made it."""

    code: str
    name: str
    law: str


@dataclass(frozen=True, slots=True)
class PercentView:
    category: str
    service_code: str
    percent: Decimal
    valid_from: dt.date
    source: str
    is_own: bool  # the town's, not the country's

    @property
    def name(self) -> str:
        return category_name(self.category)


@dataclass(frozen=True, slots=True)
class NormView:
    """Units of the service a month per person, household and m²; square metres of area per person and household."""

    service_code: str
    per_person: Decimal
    per_household: Decimal
    per_m2: Decimal
    m2_per_person: Decimal
    m2_per_household: Decimal
    valid_from: dt.date
    source: str
    is_own: bool


_AMOUNTS = ("per_person", "per_household", "per_m2", "m2_per_person", "m2_per_household")


def benefit_categories() -> dict[str, CategoryView]:
    """Categories by code, in the order of the file, in the reader's language."""
    return _categories(get_language() == "en")


@cache
def _categories(english: bool) -> dict[str, CategoryView]:
    return {
        entry["code"]: CategoryView(entry["code"], entry["name_en"] if english else entry["name"], entry["law"])
        for entry in national_file()["benefit_category"]
    }


def category_name(code: str) -> str:
    """The category's name; its code where the file does not know it (any more)."""
    found = benefit_categories().get(code)
    return found.name if found else code


def benefit_percents(*, town_id: int, on: dt.date) -> list[PercentView]:
    """Per cents in force on a day by category and service; one query."""
    found = {
        (entry["category"], service): PercentView(
            entry["category"], service, Decimal(entry["percent"]), entry["valid_from"], _source(entry), is_own=False
        )
        for entry in _in_force("benefit_percent", on)
        for service in entry["services"].split()
    }
    for row in BenefitPercent.objects.filter(holds(on), town_id=town_id).order_by("category", "service_code"):
        found[row.category, row.service_code] = PercentView(
            row.category, row.service_code, row.percent, row.valid_from, row.source, is_own=True
        )
    return list(found.values())


def benefit_norms(*, town_id: int, on: dt.date) -> list[NormView]:
    """Norms in force on a day by service; one query."""
    found = {
        entry["service"]: _norm_view(
            entry["service"], [Decimal(entry.get(name, 0)) for name in _AMOUNTS], entry["valid_from"], _source(entry)
        )
        for entry in _in_force("benefit_norm", on)
    }
    for row in BenefitNorm.objects.filter(holds(on), town_id=town_id).order_by("service_code"):
        amounts = [getattr(row, name) for name in _AMOUNTS]
        found[row.service_code] = _norm_view(row.service_code, amounts, row.valid_from, row.source, is_own=True)
    return list(found.values())


def _norm_view(
    service: str, amounts: Sequence[Decimal], since: dt.date, source: str, *, is_own: bool = False
) -> NormView:
    person, household, m2, m2_person, m2_household = amounts
    return NormView(service, person, household, m2, m2_person, m2_household, since, source, is_own)


def relief(*, holders: pl.DataFrame, town_id: int, on: dt.date) -> Relief:
    """What the rule needs of these holders (`rules.benefits.HOLDERS`): terms as of the first day of a month. Two queries."""
    percents = [
        (one.category, one.service_code, _scaled(one.percent, 2)) for one in benefit_percents(town_id=town_id, on=on)
    ]
    norms = [
        (
            one.service_code,
            _scaled(one.per_person, 4),
            _scaled(one.per_household, 4),
            _scaled(one.per_m2, 6),
            _scaled(one.m2_per_person, 2),
            _scaled(one.m2_per_household, 2),
        )
        for one in benefit_norms(town_id=town_id, on=on)
    ]
    return Relief(
        holders,
        pl.DataFrame(percents, schema=PERCENTS, orient="row"),
        pl.DataFrame(norms, schema=NORMS, orient="row"),
    )


def _in_force(table: str, on: dt.date) -> list[Mapping[str, Any]]:
    """Entries of the country's file on a day, oldest first."""
    rows = [e for e in national_file()[table] if e["valid_from"] <= on < e.get("valid_to", dt.date.max)]
    return sorted(rows, key=lambda entry: entry["valid_from"])


def _source(entry: Mapping[str, Any]) -> str:
    return str(entry["source_en" if get_language() == "en" else "source"])


def _scaled(value: Decimal, scale: int) -> int:
    return int(value.scaleb(scale))
