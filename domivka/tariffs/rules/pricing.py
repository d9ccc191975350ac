"""Volumes and quantities into money: one line per register, block, part of a price, tariff version and share of a month.

`price` takes frames (scales as in `exact`):

accounts  account_service_id, premises_id, plan_id, structure, volume_decimals, first_day, last_day, area_e2,
          heated_area_e2, load_e6 (Gcal/h of two-part heat, or the agreed yearly volume)
people    premises_id, from_day, to_day, persons
rates     plan_id, version_id, from_day, to_day (days of the month the version is in force), component, from_volume_e3,
          to_volume_e3 (null: no upper bound), price_e7, coefficient_e4
volumes   as `metering.rules.volumes.resolve` returns them

Sources: domain.md §5.2 (structures), §5.4 (rounding: half up to a kopiyka per line; volumes are rounded before).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from domivka.tariffs.rules.exact import KOP_PER_SCALE, WIDE, divide_half_up, round_to

BY_VOLUME: Final = ["single", "zones", "blocks", "two_part_heat"]
PARTS: Final = ["constant", "subscription"]
"""Components that are charged every month whatever the volume."""

LINES: Final = {
    "account_service_id": pl.Int64,
    "kind": pl.String,
    "component": pl.String,
    "structure": pl.String,
    "method": pl.String,
    "meter_id": pl.Int64,
    "previous_e3": pl.Int64,
    "current_e3": pl.Int64,
    "base_e4": pl.Int64,
    "base_kind": pl.String,
    "base_total_e4": pl.Int64,
    "source_e6": pl.Int64,
    "volume_e6": pl.Int64,
    "price_e7": pl.Int64,
    "coefficient_e4": pl.Int64,
    "days": pl.Int64,
    "amount_kop": pl.Int64,
    "tariff_version_id": pl.Int64,
}
"""A priced line. `days` is null where the line covers all the days of the month; base, base_total and source are what
the volume was made of (`metering.rules.volumes.VOLUMES`)."""


_STRUCTURE, _COMPONENT, _DECIMALS = pl.col("structure"), pl.col("component"), pl.col("volume_decimals")
# Expressions that do not depend on a call are made once: a what-if of one home would else spend a fifth of its time on that.
_SHAPE: Final = [pl.col(name).cast(kind) for name, kind in LINES.items()]
_ORDER: Final = ["account_service_id", "tariff_version_id", "kind", "component", "meter_id", "days", "volume_e6"]


def price(
    *, accounts: pl.DataFrame, people: pl.DataFrame, rates: pl.DataFrame, volumes: pl.DataFrame, month_days: int
) -> pl.DataFrame:
    """All lines of all accounts, in the order account, version, component. `volumes` are of accounts priced by volume."""
    segments = _segments(accounts, rates)
    priced = rates.select(*_PRICED, is_part=_COMPONENT.is_in(PARTS))
    by_volume = _by_volume(segments, priced, volumes, month_days)
    by_quantity = _by_quantity(segments, people, priced, month_days)
    return pl.concat([by_volume, by_quantity], how="diagonal_relaxed").select(_SHAPE).sort(_ORDER)


_PRICED: Final = ["version_id", "component", "from_volume_e3", "to_volume_e3", "price_e7", "coefficient_e4"]
_N_DAYS: Final = pl.min_horizontal("to_day", "last_day") - pl.max_horizontal("from_day", "first_day") + 1
_DAYS_IN_ALL: Final = [
    pl.col("n_days").cum_sum().over("account_service_id").alias("days_so_far"),
    pl.col("n_days").sum().over("account_service_id").alias("days_covered"),
]


def _segments(accounts: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Versions in force while the service is open: n_days of each, days up to its end, and open days in all."""
    versions = rates.select("plan_id", "version_id", "from_day", "to_day").unique()
    segments = (
        accounts.join(versions, on="plan_id")
        .with_columns(n_days=_N_DAYS)
        .filter(pl.col("n_days") > 0)
        .sort("account_service_id", "from_day")
    )
    if versions["plan_id"].n_unique() == versions.height:  # no price changes in the month, as in nearly every one
        return segments.with_columns(days_so_far="n_days", days_covered="n_days")
    return segments.with_columns(_DAYS_IN_ALL)


@cache
def _parts_of_volumes(month_days: int) -> list[pl.Expr]:
    volume, so_far = pl.col("volume_e6").cast(WIDE), pl.col("days_so_far")
    # Rounded running totals: the parts of a volume always add up to it.
    until = round_to(volume * so_far, pl.col("days_covered"), _DECIMALS)
    before = round_to(volume * (so_far - pl.col("n_days")), pl.col("days_covered"), _DECIMALS)
    return [
        (until - before).alias("volume_e6"),
        _days(month_days),
        pl.when(_STRUCTURE.is_in(list(_RULES))).then(_STRUCTURE).otherwise(pl.lit("single")).alias("rule"),
    ]


def _days(month_days: int) -> pl.Expr:
    return pl.when(pl.col("n_days") < month_days).then(pl.col("n_days")).alias("days")


_BY_VOLUME: Final = [
    pl.lit("charge").alias("kind"),
    divide_half_up(pl.col("volume_e6").cast(WIDE) * pl.col("price_e7") * pl.col("coefficient_e4"), KOP_PER_SCALE).alias(
        "amount_kop"
    ),
    pl.col("version_id").alias("tariff_version_id"),
]


def _by_volume(segments: pl.DataFrame, priced: pl.DataFrame, volumes: pl.DataFrame, month_days: int) -> pl.DataFrame:
    parts = volumes.join(segments, on="account_service_id").with_columns(_parts_of_volumes(month_days))
    rates = priced.filter(~pl.col("is_part"))
    lines = pl.concat(
        # A structure that no account has costs nothing.
        [_RULES[name](rows, rates) for (name,), rows in parts.partition_by("rule", as_dict=True).items()]
        or [parts.with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("price_e7", "coefficient_e4"))],
        how="diagonal_relaxed",
    )
    return lines.with_columns(_BY_VOLUME)


_EFFECTIVE: Final = pl.col("price_e7") * pl.col("coefficient_e4")
_IS_DEAREST: Final = _EFFECTIVE.max().over("version_id") == _EFFECTIVE


def _flat(parts: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Parts at the one price of their version, or at its dearest."""
    dearest = rates.filter(_IS_DEAREST).unique("version_id", keep="first", maintain_order=True)
    return parts.drop("component").join(dearest, on="version_id")


def _zones(parts: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Each register at the price of its zone; a register that the plan does not name costs the plan's dearest component."""
    zones = ["version_id", "component"]
    named = parts.join(rates, on=zones)
    return pl.concat([named, _flat(parts.join(rates, on=zones, how="anti"), rates)], how="diagonal_relaxed")


def _blocks(parts: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """The part of each volume that falls into each block. A share of the month has its share of every bound."""
    share = pl.col("n_days").cast(WIDE)
    whole = pl.col("days_covered")
    decimals = pl.col("volume_decimals")
    low = round_to(pl.col("from_volume_e3").cast(WIDE) * 1000 * share, whole, decimals)
    high = round_to(pl.col("to_volume_e3").cast(WIDE) * 1000 * share, whole, decimals)
    inside = pl.max_horizontal(pl.min_horizontal("volume_e6", "high") - pl.col("low"), pl.lit(0))
    return (
        parts.drop("component")
        .join(rates, on="version_id")
        .with_columns(low=low, high=pl.when(pl.col("to_volume_e3").is_not_null()).then(high))
        .with_columns(
            # A negative volume (paid back after an estimate) belongs to the first block.
            block_e6=pl.when(pl.col("volume_e6") < 0)
            .then(pl.when(pl.col("low") == 0).then(pl.col("volume_e6")).otherwise(0))
            .otherwise(inside)
        )
        .filter((pl.col("block_e6") != 0) | (pl.col("low") == 0))
        .with_columns(volume_e6=pl.col("block_e6"), component=pl.lit("block"))
    )


_RULES: Final = {"single": _flat, "zones": _zones, "blocks": _blocks}
"""How a part of a volume finds its price; structures not named here have one price."""


_IS_PART, _PER_PERSON, _YEARLY = pl.col("is_part"), pl.col("per_person"), pl.col("yearly")
_OWN_RULE: Final = [
    ((_STRUCTURE == "person") & ~_IS_PART).alias("per_person"),
    ((_STRUCTURE == "yearly_volume") & ~_IS_PART).alias("yearly"),
]
_QUANTITY: Final = [
    pl.when(_COMPONENT == "subscription")
    .then(pl.lit(10**6))
    .when((_COMPONENT == "constant") | _YEARLY)
    .then(pl.col("load_e6").fill_null(0))
    .when(_STRUCTURE == "area")
    .then(pl.col("area_e2") * 10_000)
    .when(_STRUCTURE == "heated_area")
    .then(pl.col("heated_area_e2") * 10_000)
    .when(_PER_PERSON)
    .then(pl.col("persons") * 10**6)
    .otherwise(pl.lit(10**6))
    .cast(pl.Int64)
    .alias("quantity_e6"),
    pl.when(_YEARLY).then(12).otherwise(1).cast(pl.Int64).alias("twelfth"),
]


@cache
def _by_quantities(month_days: int) -> list[pl.Expr]:
    quantity, twelfth = pl.col("quantity_e6"), pl.col("twelfth")
    is_subscription = _COMPONENT == "subscription"
    amount = divide_half_up(
        quantity.cast(WIDE) * pl.col("price_e7") * pl.col("coefficient_e4") * pl.col("n_days"),
        pl.lit(KOP_PER_SCALE, dtype=WIDE) * month_days * twelfth,
    )
    method = (
        pl.when(is_subscription)
        .then(pl.lit("fixed"))
        .when(_STRUCTURE.is_in(["area", "heated_area"]))
        .then(pl.lit("area"))
        .when(_PER_PERSON)
        .then(pl.lit("persons"))
        .when(_YEARLY)
        .then(pl.lit("yearly"))
        .otherwise(pl.lit("fixed"))
    )
    return [
        pl.when(is_subscription).then(pl.lit("subscription")).otherwise(pl.lit("charge")).alias("kind"),
        method.alias("method"),
        divide_half_up(quantity, 100).alias("base_e4"),
        pl.when(_YEARLY).then(pl.lit("yearly")).otherwise(pl.lit("")).alias("base_kind"),
        divide_half_up(quantity, twelfth).alias("volume_e6"),
        _days(month_days),
        amount.alias("amount_kop"),
        pl.col("version_id").alias("tariff_version_id"),
    ]


def _by_quantity(segments: pl.DataFrame, people: pl.DataFrame, priced: pl.DataFrame, month_days: int) -> pl.DataFrame:
    """Lines without a meter, a total and a source, which the caller's concatenation leaves null."""
    rows = segments.join(priced, on="version_id").filter(_IS_PART | ~_STRUCTURE.is_in(BY_VOLUME))
    rows = _split_by_people(rows.with_columns(_OWN_RULE), people)
    return rows.with_columns(_QUANTITY).with_columns(_by_quantities(month_days))


def _split_by_people(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Rows charged per person, one for every stretch of days with the same number of people."""
    if not rows["per_person"].any():
        return rows.with_columns(persons=pl.lit(None, dtype=pl.Int64))
    stretches = people.select(
        "persons", counted_in=pl.col("premises_id"), people_from=pl.col("from_day"), people_to=pl.col("to_day")
    )
    # Other rows have nobody and keep their days: a stretch that is not there bounds nothing.
    low = pl.max_horizontal("from_day", "first_day", "people_from")
    high = pl.min_horizontal("to_day", "last_day", "people_to")
    return (
        rows.with_columns(counted_in=pl.when("per_person").then(pl.col("premises_id")))
        .join(stretches, on="counted_in", how="left")
        .with_columns(n_days=high - low + 1)
        .filter(~pl.col("per_person") | (pl.col("persons").is_not_null() & (pl.col("n_days") > 0)))
    )
