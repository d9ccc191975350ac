"""How much was used: by meter, by average, by norm, by a share of the building's meter (domain.md §5.3).

`resolve` takes frames and gives one row per account and register. Columns (scales as in `tariffs.rules.exact`):

accounts  account_service_id, premises_id, building_id, provider_service_id, volume_decimals, first_day, last_day (days
          of the month the service is open), heated_area_e2, norm_person_e4, norm_household_e4, norm_m2_e6,
          building_volume_e6 (null where the building has no meter)
people    premises_id, from_day, to_day, persons
meters    account_service_id, meter_id, zone, digits, previous_e3, current_e3 (null: no reading), is_valid (verified),
          average_e3 and average_days (what the register counted over the days before, null without history),
          estimated_e6 (already charged without a reading since `previous_e3`), months_without (a reading)
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from domivka.tariffs.rules.exact import WIDE, divide_half_up, round_to

VOLUMES: Final = {
    "account_service_id": pl.Int64,
    "meter_id": pl.Int64,
    "component": pl.String,
    "method": pl.String,
    "previous_e3": pl.Int64,
    "current_e3": pl.Int64,
    "base_e4": pl.Int64,
    "base_kind": pl.String,
    "base_total_e4": pl.Int64,
    "source_e6": pl.Int64,
    "volume_e6": pl.Int64,
}
"""What `resolve` returns: the volume and everything it was made of, so that anybody can make it again.

| method | base (what `base_kind` says) | base_total | source | volume |
|---|---|---|---|---|
| meter | `estimated`: charged without a reading before | | current − previous − base | source |
| average | `per_day`: the daily average, for show | days of the history | counted in them | source ÷ base_total × days |
| norm | `person_days`, `area_m2` or `households` | days of the month | the norm of one | source × base ÷ base_total (a month's norm by days) |
| building_share | own `area_m2` or `person_days` | of all who share | what is shared | source × base ÷ base_total |

A norm made of several parts (per person and per household) has `base_kind` `parts` and no source."""


def person_days(accounts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """account_service_id, person_days: people of the premises summed over the days the service is open."""
    overlap = pl.min_horizontal("to_day", "last_day") - pl.max_horizontal("from_day", "first_day") + 1
    return (
        accounts.select("account_service_id", "premises_id", "first_day", "last_day")
        .join(people, on="premises_id")
        .with_columns(days=overlap)
        .filter(pl.col("days") > 0)
        .group_by("account_service_id")
        .agg(person_days=(pl.col("days") * pl.col("persons")).sum().cast(pl.Int64))
    )


def _ten_to(exponent: pl.Expr) -> pl.Expr:
    return pl.lit(10, dtype=pl.Int64).pow(exponent.cast(pl.Int64)).cast(pl.Int64)


# Expressions that do not depend on a call are made once: they are a part of what a what-if of one home takes.
_SHAPE: Final = [pl.col(name).cast(kind) for name, kind in VOLUMES.items()]
_CURRENT, _PREVIOUS, _COUNTED, _CAPACITY = (
    pl.col(name) for name in ("current_e3", "previous_e3", "counted_e3", "capacity_e3")
)
_REGISTERS: Final = [
    (_ten_to(pl.col("digits")) * 1000).alias("capacity_e3"),
    (_CURRENT.is_null() & (pl.col("months_without") == 0)).alias("is_waiting"),
]
# A register installed this month and not read yet is charged with the next reading, if another one counts.
_IS_ASKED: Final = ~pl.col("is_waiting") | pl.col("is_waiting").all().over("account_service_id")
_DIFFERENCE: Final = ((_CURRENT - _PREVIOUS + _CAPACITY) % _CAPACITY).alias("counted_e3")
# A value below the previous one is the register passing zero only if that makes less than half of what it can count;
# otherwise it waits for a check and the month is charged as one without a reading, never as 99 999 m³.
_IS_BELIEVED: Final = (_CURRENT >= _PREVIOUS) | (_COUNTED * 2 < _CAPACITY)
# One register that does not count makes the account one without a meter (resolution 1182, domain.md §5.3).
_ALL_COUNT: Final = (pl.col("method") != "norm").all().over("account_service_id")


@cache
def _method(average_months: int) -> pl.Expr:
    has_average = (pl.col("average_days") > 0) & (pl.col("months_without") <= average_months)
    return (
        pl.when(~pl.col("is_valid"))
        .then(pl.lit("norm"))
        .when(_IS_BELIEVED)
        .then(pl.lit("meter"))
        .when(has_average)
        .then(pl.lit("average"))
        .otherwise(pl.lit("norm"))
        .alias("method")
    )


def resolve(
    *, accounts: pl.DataFrame, people: pl.DataFrame, meters: pl.DataFrame, month_days: int, average_months: int
) -> pl.DataFrame:
    """Volumes of all accounts for a month; `average_months`: how long an average may stand in for readings."""
    registers = (
        meters.join(
            accounts.select("account_service_id", "volume_decimals", "first_day", "last_day"), on="account_service_id"
        )
        .with_columns(_REGISTERS)
        .filter(_IS_ASKED)
        .with_columns(_DIFFERENCE)
        .with_columns(_method(average_months))
        .filter(_ALL_COUNT)
    )
    counted = pl.concat(
        [
            _NOTHING,
            *(_BY_REGISTER[method](rows) for (method,), rows in registers.partition_by("method", as_dict=True).items()),
        ]
    )
    others = accounts.join(counted, on="account_service_id", how="anti")
    shared = _by_building(accounts, others, people, counted)
    if shared.height:
        others = others.join(shared, on="account_service_id", how="anti")
    norms = _by_norm(others, people, month_days) if others.height else _NOTHING
    return pl.concat([counted, shared, norms])


_NOTHING: Final = pl.DataFrame(schema=VOLUMES)
_BY_METER: Final = [
    pl.col("zone").alias("component"),
    divide_half_up(pl.col("estimated_e6"), 100).alias("base_e4"),
    pl.lit("estimated").alias("base_kind"),
    pl.lit(None, dtype=pl.Int64).alias("base_total_e4"),
    *(
        round_to(_COUNTED * 1000 - pl.col("estimated_e6"), 1, pl.col("volume_decimals")).alias(name)
        for name in ("source_e6", "volume_e6")
    ),
]


def _by_meter(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(_BY_METER).select(_SHAPE)


_OPEN_DAYS: Final = pl.col("last_day") - pl.col("first_day") + 1
_BY_AVERAGE: Final = [
    pl.col("zone").alias("component"),
    divide_half_up(pl.col("average_e3") * 10, pl.col("average_days")).alias("base_e4"),
    pl.lit("per_day").alias("base_kind"),
    (pl.col("average_days") * 10_000).alias("base_total_e4"),
    (pl.col("average_e3") * 1000).alias("source_e6"),
    round_to(
        pl.col("average_e3").cast(WIDE) * 1000 * _OPEN_DAYS, pl.col("average_days"), pl.col("volume_decimals")
    ).alias("volume_e6"),
]


def _by_average(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(_BY_AVERAGE).select(_SHAPE)


_BY_REGISTER: Final = {"meter": _by_meter, "average": _by_average}


@cache
def _norm(month_days: int) -> list[pl.Expr]:
    nothing = pl.lit(None, dtype=pl.Int64)
    by_person, by_household, by_m2 = (pl.col(f"norm_{name}") for name in ("person_e4", "household_e4", "m2_e6"))
    # Common denominator: days of the month × 100 (areas have two decimals).
    top = (
        by_person.cast(WIDE) * 10_000 * pl.col("person_days")
        + by_household.cast(WIDE) * 10_000 * _OPEN_DAYS.cast(WIDE)
        + by_m2.cast(WIDE) * pl.col("heated_area_e2") * _OPEN_DAYS.cast(WIDE)
    )
    is_kind = pl.col("base_kind")
    base = (
        pl.when(is_kind == "person_days")
        .then(pl.col("person_days") * 10_000)
        .when(is_kind == "area_m2")
        .then(pl.col("heated_area_e2") * 100)
        .when(is_kind == "households")
        .then(pl.lit(10_000, dtype=pl.Int64))
    )
    source = (
        pl.when(is_kind == "person_days")
        .then(by_person * 100)
        .when(is_kind == "area_m2")
        .then(by_m2)
        .when(is_kind == "households")
        .then(by_household * 100)
    )
    return [
        nothing.alias("meter_id"),
        pl.lit("single").alias("component"),
        pl.lit("norm").alias("method"),
        nothing.alias("previous_e3"),
        nothing.alias("current_e3"),
        base.alias("base_e4"),
        pl.lit(month_days * 10_000, dtype=pl.Int64).alias("base_total_e4"),
        source.alias("source_e6"),
        round_to(top, month_days * 100, pl.col("volume_decimals")).alias("volume_e6"),
    ]


def _norm_kind() -> pl.Expr:
    person, area, household = (pl.col(name) > 0 for name in ("norm_person_e4", "norm_m2_e6", "norm_household_e4"))
    return (
        pl.when(person & ~area & ~household)
        .then(pl.lit("person_days"))
        .when(area & ~person & ~household)
        .then(pl.lit("area_m2"))
        .when(household & ~person & ~area)
        .then(pl.lit("households"))
        .otherwise(pl.lit("parts"))
        .alias("base_kind")
    )


_WHO_AND_WHAT: Final = [pl.col("person_days").fill_null(0), _norm_kind()]


def _by_norm(accounts: pl.DataFrame, people: pl.DataFrame, month_days: int) -> pl.DataFrame:
    with_people = accounts.join(person_days(accounts, people), on="account_service_id", how="left")
    return with_people.with_columns(_WHO_AND_WHAT).with_columns(_norm(month_days)).select(_SHAPE)


def _by_building(
    accounts: pl.DataFrame, others: pl.DataFrame, people: pl.DataFrame, counted: pl.DataFrame
) -> pl.DataFrame:
    """What the building's meter measured beyond the flats' own meters, over the flats without one: by heated area,
    or by person-days where no flat has an area. Shares add up exactly (largest remainder)."""
    sharing = others.filter(pl.col("building_volume_e6").is_not_null())
    if sharing.height == 0:
        return _NOTHING
    group = ["building_id", "provider_service_id"]
    own = (
        counted.join(accounts.select("account_service_id", *group), on="account_service_id")
        .group_by(group)
        .agg(own_e6=pl.col("volume_e6").sum())
    )
    sharing = (
        sharing.join(own, on=group, how="left")
        .join(person_days(others, people), on="account_service_id", how="left")
        .with_columns(
            rest_e6=pl.max_horizontal(pl.col("building_volume_e6") - pl.col("own_e6").fill_null(0), pl.lit(0)),
            all_area=pl.col("heated_area_e2").sum().over(group),
        )
        .with_columns(
            weight=pl.when(pl.col("all_area") > 0)
            .then(pl.col("heated_area_e2"))
            .otherwise(pl.col("person_days").fill_null(0))
        )
        .with_columns(weights=pl.col("weight").sum().over(group))
        .filter(pl.col("weights") > 0)
    )
    step = _ten_to(6 - pl.col("volume_decimals"))
    units = sharing.with_columns(units=pl.col("rest_e6") // step).with_columns(
        whole=(pl.col("units").cast(WIDE) * pl.col("weight") // pl.col("weights")).cast(pl.Int64),
        remainder=(pl.col("units").cast(WIDE) * pl.col("weight") % pl.col("weights")).cast(pl.Int64),
    )
    placed = units.sort(
        [*group, "remainder", "account_service_id"], descending=[False, False, True, False]
    ).with_columns(
        left=pl.col("units") - pl.col("whole").sum().over(group),
        rank=pl.int_range(pl.len()).over(group),
    )
    return placed.with_columns(
        meter_id=None,
        component=pl.lit("single"),
        method=pl.lit("building_share"),
        previous_e3=None,
        current_e3=None,
        base_e4=pl.when(pl.col("all_area") > 0).then(pl.col("weight") * 100).otherwise(pl.col("weight") * 10_000),
        base_kind=pl.when(pl.col("all_area") > 0).then(pl.lit("area_m2")).otherwise(pl.lit("person_days")),
        base_total_e4=pl.when(pl.col("all_area") > 0)
        .then(pl.col("weights") * 100)
        .otherwise(pl.col("weights") * 10_000),
        source_e6=pl.col("rest_e6"),
        volume_e6=(pl.col("whole") + (pl.col("rank") < pl.col("left")).cast(pl.Int64)) * step,
    ).select(_SHAPE)
