"""Working days: what a term that ends on a day off moves to (Civil Code, article 254)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first_on` to `last_on`, both included."""

    first_on: dt.date
    last_on: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class Holidays:
    """Public holidays: a day of the year with the span in which it is one, less the spans in which all are worked."""

    yearly: tuple[tuple[str, Span], ...]  # ("12-25", since when)
    worked: tuple[Span, ...] = ()

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, dt.date) or any(day in span for span in self.worked):
            return False
        return any(f"{day:%m-%d}" == name and day in span for name, span in self.yearly)


@cache
def holidays() -> Holidays:
    """The country's, as `days_off.toml` beside this file says."""
    data = tomllib.loads(resources.files("domivka.kernel").joinpath("days_off.toml").read_text())
    spans = {
        kind: [Span(row["first_on"], row.get("last_on", dt.date.max)) for row in data.get(kind, [])]
        for kind in ("yearly", "worked")
    }
    names = [row["day"] for row in data["yearly"]]
    return Holidays(tuple(zip(names, spans["yearly"], strict=True)), tuple(spans["worked"]))


@cache
def holiday_names() -> dict[str, str]:
    """Names of the country's holidays by day of the year, «12-25»; those that are not holidays any more too."""
    data = tomllib.loads(resources.files("domivka.kernel").joinpath("days_off.toml").read_text())
    return {row["day"]: row["name"] for row in data["yearly"]}


def next_working_day(day: dt.date, days_off: Container[dt.date] = frozenset()) -> dt.date:
    """The day itself when it is a working one, else the first working day after it."""
    while day.weekday() >= SATURDAY or day in days_off:
        day += dt.timedelta(days=1)
    return day
