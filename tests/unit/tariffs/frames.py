"""Frames for the rating rules, written the short way: one account, one plan, amounts as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from domivka.metering.rules.volumes import VOLUMES, resolve
from domivka.tariffs.rules.pricing import price

ACCOUNTS = {
    "account_service_id": pl.Int64, "premises_id": pl.Int64, "building_id": pl.Int64, "provider_service_id": pl.Int64,
    "plan_id": pl.Int64, "structure": pl.String, "volume_decimals": pl.Int64, "first_day": pl.Int64, "last_day": pl.Int64,
    "area_e2": pl.Int64, "heated_area_e2": pl.Int64, "load_e6": pl.Int64, "norm_person_e4": pl.Int64,
    "norm_household_e4": pl.Int64, "norm_m2_e6": pl.Int64, "building_volume_e6": pl.Int64,
}  # fmt: skip
PEOPLE = {"premises_id": pl.Int64, "from_day": pl.Int64, "to_day": pl.Int64, "persons": pl.Int64}
METERS = {
    "account_service_id": pl.Int64, "meter_id": pl.Int64, "zone": pl.String, "digits": pl.Int64, "previous_e3": pl.Int64,
    "current_e3": pl.Int64, "is_valid": pl.Boolean, "average_e3": pl.Int64, "average_days": pl.Int64,
    "estimated_e6": pl.Int64, "months_without": pl.Int64,
}  # fmt: skip
RATES = {
    "plan_id": pl.Int64, "version_id": pl.Int64, "from_day": pl.Int64, "to_day": pl.Int64, "component": pl.String,
    "from_volume_e3": pl.Int64, "to_volume_e3": pl.Int64, "price_e7": pl.Int64, "coefficient_e4": pl.Int64,
}  # fmt: skip


def scaled(value: str | int | Decimal, scale: int) -> int:
    return int(Decimal(value) * 10**scale)


def frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([[row[name] for name in schema] for row in rows], schema=schema, orient="row")


@dataclass
class Case:
    """One account service and everything its month needs; D is the days of the month."""

    structure: str = "single"
    decimals: int = 3
    days: tuple[int, int] | None = None
    area: str = "0"
    heated: str = "0"
    load: str = "0"
    norm_person: str = "0"
    norm_household: str = "0"
    norm_m2: str = "0"
    building: str | None = None
    people: list[tuple[int, int, int]] = field(default_factory=list)  # from day, to day, persons
    meters: list[dict[str, Any]] = field(default_factory=list)
    rates: list[dict[str, Any]] = field(default_factory=list)


def meter(previous: str, current: str | None, **more: Any) -> dict[str, Any]:
    """One register; by default verified, five digits, no history."""
    return {
        "zone": "single", "digits": 5, "is_valid": True, "average": None, "average_days": None, "estimated": "0",
        "months_without": 1, "meter_id": 1, "previous": previous, "current": current, **more,
    }  # fmt: skip


def rate(price_text: str, **more: Any) -> dict[str, Any]:
    """One price; by default of the whole month's only version."""
    return {
        "version": 1, "days": None, "component": "single", "from": "0", "to": None, "coefficient": "1",
        "price": price_text, **more,
    }  # fmt: skip


def frames(cases: list[Case], month_days: int = 31) -> dict[str, pl.DataFrame]:
    """The four input frames; account n has premises n, plan n; all share one building and provider service."""
    accounts, people, meters, rates = [], [], [], []
    for n, case in enumerate(cases, start=1):
        first, last = case.days or (1, month_days)
        accounts.append({
            "account_service_id": n, "premises_id": n, "building_id": 1, "provider_service_id": 1, "plan_id": n,
            "structure": case.structure, "volume_decimals": case.decimals, "first_day": first, "last_day": last,
            "area_e2": scaled(case.area, 2), "heated_area_e2": scaled(case.heated, 2), "load_e6": scaled(case.load, 6),
            "norm_person_e4": scaled(case.norm_person, 4), "norm_household_e4": scaled(case.norm_household, 4),
            "norm_m2_e6": scaled(case.norm_m2, 6),
            "building_volume_e6": None if case.building is None else scaled(case.building, 6),
        })  # fmt: skip
        people += [{"premises_id": n, "from_day": a, "to_day": b, "persons": p} for a, b, p in case.people]
        meters += [{
            **m, "account_service_id": n, "previous_e3": scaled(m["previous"], 3),
            "current_e3": None if m["current"] is None else scaled(m["current"], 3),
            "average_e3": None if m["average"] is None else scaled(m["average"], 3),
            "estimated_e6": scaled(m["estimated"], 6),
        } for m in case.meters]  # fmt: skip
        rates += [{
            "plan_id": n, "version_id": n * 100 + r["version"], "from_day": (r["days"] or (1, month_days))[0],
            "to_day": (r["days"] or (1, month_days))[1], "component": r["component"],
            "from_volume_e3": scaled(r["from"], 3), "to_volume_e3": None if r["to"] is None else scaled(r["to"], 3),
            "price_e7": scaled(r["price"], 7), "coefficient_e4": scaled(r["coefficient"], 4),
        } for r in case.rates]  # fmt: skip
    return {
        "accounts": frame(accounts, ACCOUNTS),
        "people": frame(people, PEOPLE),
        "meters": frame(meters, METERS),
        "rates": frame(rates, RATES),
    }


def rated(cases: list[Case], month_days: int = 31, average_months: int = 3) -> pl.DataFrame:
    """Volumes resolved and priced, as the monthly run does it."""
    inputs = frames(cases, month_days)
    metered = inputs["accounts"].filter(pl.col("structure").is_in(["single", "zones", "blocks", "two_part_heat"]))
    volumes = resolve(
        accounts=metered,
        people=inputs["people"],
        meters=inputs["meters"],
        month_days=month_days,
        average_months=average_months,
    )
    assert volumes.columns == list(VOLUMES)
    return price(
        accounts=inputs["accounts"],
        people=inputs["people"],
        rates=inputs["rates"],
        volumes=volumes,
        month_days=month_days,
    )


def amounts(case: Case, month_days: int = 31) -> list[int]:
    """Kopiykas of each line of one account."""
    return rated([case], month_days)["amount_kop"].to_list()


def plain(volume_e6: int) -> str:
    """A volume without trailing zeros."""
    return f"{Decimal(volume_e6) / 10**6:.6f}".rstrip("0").rstrip(".")


def lines(case: Case, month_days: int = 31) -> list[tuple[str, str, str, str]]:
    """(component, method, volume, hryvnias) of each line of one account."""
    return [
        (row["component"], row["method"], plain(row["volume_e6"]),
         f"{Decimal(row['amount_kop']) / 100:.2f}")
        for row in rated([case], month_days).iter_rows(named=True)
    ]  # fmt: skip
