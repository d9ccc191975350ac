"""What lowers charges for people of a category: a per cent of the price of the volume within a norm (domain.md §5.5).

`relieve` makes a negative line for each charge line and each holder (subscription fees are charged in full). Scales as in
`exact`. The holder's norm of a month is

- where a volume is charged: units per person × the people covered + per household + per m² of the entitled area;
- where the area is charged: m² per person × people + m² per household;
- where people are charged: the people covered;
- the constant part of heat: the share of the entitled area in the heated one;

each for the days of the month on which the benefit holds and the service is open. The household's part counts once a day,
for the first of the day's holders. Several holders come by per cent, the highest first: each takes of what is left, so that
together they never cover more than was charged. What is within the norm is spread over the lines in proportion, in running
totals rounded to the service's decimals, so that parts add up; the amount is rounded once, half up. Where less than nothing
was used (money back after estimates) there is no benefit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from domivka.tariffs.rules.exact import KOP_PER_SCALE, WIDE, divide_half_up, round_to
from domivka.tariffs.rules.pricing import LINES

_I = pl.Int64
HOLDERS: Final = {
    "account_id": _I, "benefit_id": _I, "category": pl.String, "people": _I, "from_day": _I, "to_day": _I,
}  # fmt: skip
"""Benefits that hold on the days `from_day..to_day` of the month."""
PERCENTS: Final = {"category": pl.String, "service_code": pl.String, "percent_e2": _I}
NORMS: Final = {
    "service_code": pl.String, "person_e4": _I, "household_e4": _I, "m2_e6": _I, "m2_person_e2": _I, "m2_household_e2": _I,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relief:
    """Who has benefits and how much they are worth: `HOLDERS`, `PERCENTS`, `NORMS`."""

    holders: pl.DataFrame
    percents: pl.DataFrame
    norms: pl.DataFrame


_OF: Final = ["account_service_id", "group"]
_OWNER: Final = [
    "account_id", "account_service_id", "service_code", "volume_decimals", "first_day", "last_day", "heated_area_e2",
]  # fmt: skip


def relieve(*, lines: pl.DataFrame, accounts: pl.DataFrame, relief: Relief, month_days: int) -> pl.DataFrame:
    """The priced lines (`pricing.LINES`) with the benefits' after those of their account service. `accounts` say of which
    personal account each service is (`account_id`, null where nothing is covered), its code, decimals, days and area.

    A benefit's line keeps of what it was made: `base` is the people, `base_kind` the category, `base_total` the per cent,
    `source` the holder's norm (null for the constant part), `volume` what of it falls on the line, at whose price it is.
    `days` are the line's where its share of the month stands in the amount, else those on which the benefit holds.
    """
    holders = _placed(relief, accounts)
    charged = _charged(lines, holders, month_days)
    if charged.height == 0:
        return lines
    entitled = _entitled(holders, charged, month_days)
    made = _amounts(_volumes(charged, entitled, month_days), month_days)
    own = (
        made.filter(pl.col("amount_kop") != 0).sort("account_service_id", "line_no", "place").select(_shape(month_days))
    )
    return pl.concat([lines, own]).sort("account_service_id", maintain_order=True)


def _placed(relief: Relief, accounts: pl.DataFrame) -> pl.DataFrame:
    """Each service of each holder with its per cent and norm, `place` in the order of the holders, `n_days` it holds and
    `household_days` on which the holder is the first."""
    services = accounts.filter(pl.col("account_id").is_not_null()).select(_OWNER)
    found = (
        relief.holders.join(services, on="account_id")
        .join(relief.percents, on=["category", "service_code"])
        .join(relief.norms, on="service_code", how="left")
        .with_columns(
            pl.col(list(NORMS)[1:]).fill_null(0),
            from_day=pl.max_horizontal("from_day", "first_day"),
            to_day=pl.min_horizontal("to_day", "last_day"),
            open_days=pl.col("last_day") - pl.col("first_day") + 1,
        )
        .with_columns(n_days=pl.col("to_day") - pl.col("from_day") + 1)
        .filter((pl.col("n_days") > 0) & (pl.col("percent_e2") > 0))
        .sort("account_service_id", "percent_e2", "benefit_id", descending=[False, True, False])
        .with_columns(place=pl.int_range(pl.len(), dtype=_I).over("account_service_id"))
    )
    days = found.select(
        "account_service_id", "place", day=pl.int_ranges("from_day", pl.col("to_day") + 1, dtype=_I)
    ).explode("day")
    firsts = days.group_by("account_service_id", "day").agg(pl.col("place").min())
    counted = firsts.group_by("account_service_id", "place").agg(household_days=pl.len().cast(_I))
    return found.join(counted, on=["account_service_id", "place"], how="left").with_columns(
        pl.col("household_days").fill_null(0)
    )


_METHOD: Final = pl.col("method")
_QUANTITIES: Final = ["area", "persons", "fixed", "yearly"]
"""Methods whose share of days stands in the amount and not in the volume."""


def _charged(lines: pl.DataFrame, holders: pl.DataFrame, month_days: int) -> pl.DataFrame:
    """Charge lines of the holders' services: `group` of those that share a norm, `weight` (volume_e6 × days of the month),
    what the group comes to, and what was charged up to the line."""
    group = (
        pl.when(pl.col("component") == "constant")
        .then(pl.lit("load"))
        .when(_METHOD.is_in(["area", "persons"]))
        .then(_METHOD)
        .otherwise(pl.lit("volume"))
    )
    is_quantity = _METHOD.is_in(_QUANTITIES)
    line_days = pl.when(is_quantity).then(pl.col("days").fill_null(month_days)).otherwise(month_days)
    rows = (
        lines.filter(pl.col("kind") == "charge")
        .join(holders.select("account_service_id").unique(), on="account_service_id", how="semi", maintain_order="left")
        .with_row_index("line_no")
        .with_columns(group=group, is_quantity=is_quantity, line_days=line_days.cast(_I))
        .with_columns(weight=pl.col("volume_e6") * pl.col("line_days"))
        .with_columns(group_weight=pl.col("weight").sum().over(_OF))
        .filter((pl.col("volume_e6") > 0) & (pl.col("group_weight") > 0))
    )
    return rows.with_columns(
        so_far=pl.col("weight").cum_sum().over(_OF, order_by="line_no"),
        positive_weight=pl.col("weight").sum().over(_OF),
    )


_PLACES: Final = [*_OF, "place"]


def _entitled(holders: pl.DataFrame, charged: pl.DataFrame, month_days: int) -> pl.DataFrame:
    """What holders up to each are entitled to, of all that was charged, group by group: `entitled` of `whole`, and `norm`
    in volume_e6 (null for the constant part)."""
    groups = charged.select(*_OF, "group_weight").unique()
    area, days, household = pl.col("heated_area_e2"), pl.col("n_days"), pl.col("household_days")
    metres = pl.col("m2_person_e2") * pl.col("people") * days + pl.col("m2_household_e2") * household
    is_bounded = (pl.col("m2_person_e2") > 0) | (pl.col("m2_household_e2") > 0)
    is_by_area = is_bounded | (pl.col("m2_e6") > 0)
    own_area = pl.when(is_bounded).then(pl.min_horizontal(metres, area * days)).when(is_by_area).then(area * days)
    rows = (
        holders.join(groups, on="account_service_id")
        .sort(_PLACES)
        .with_columns(metres=metres, own_area=own_area.otherwise(0))
        .with_columns(
            area_so_far=pl.min_horizontal(
                pl.col("own_area").cum_sum().over(_OF, order_by="place"), area * pl.col("open_days")
            )
        )
        .with_columns(
            area_days=pl.col("area_so_far") - pl.col("area_so_far").shift(1, fill_value=0).over(_OF, order_by="place")
        )
    )
    units = (
        pl.col("person_e4").cast(WIDE) * pl.col("people") * days * 10**4
        + pl.col("household_e4").cast(WIDE) * household * 10**4
        + pl.col("m2_e6").cast(WIDE) * pl.col("area_days")
    )
    norm_e8 = (
        pl.when(pl.col("group") == "persons")
        .then(pl.col("people").cast(WIDE) * days * 10**8)
        .when(pl.col("group") == "area")
        .then(pl.col("metres").cast(WIDE) * 10**6)
        .otherwise(units)
    )
    is_load = pl.col("group") == "load"
    used = pl.col("group_weight") * 100
    most = pl.min_horizontal(norm_e8 * pl.col("open_days"), (used * days).cast(WIDE)).cast(_I)
    return (
        rows.with_columns(
            most=most,
            norm=pl.when(~is_load).then(divide_half_up(norm_e8, 100 * month_days)),
            whole=pl.when(is_load).then(area * pl.col("open_days")).otherwise(used * pl.col("open_days")),
        )
        .with_columns(so_far=pl.col("most").cum_sum().over(_OF, order_by="place"))
        .select(
            *_PLACES, "category", "people", "percent_e2", "n_days", "open_days", "volume_decimals", "norm", "whole",
            entitled=pl.when(is_load).then(pl.col("area_so_far")).otherwise(pl.min_horizontal("so_far", "whole")),
        )
        .filter(pl.col("whole") > 0)
    )  # fmt: skip


def _volumes(charged: pl.DataFrame, entitled: pl.DataFrame, month_days: int) -> pl.DataFrame:
    """`covered_e6` of each line for each holder: not below zero, and for all holders not above the line."""
    rows = charged.join(entitled, on=_OF).sort("line_no", "place")
    volume, decimals = pl.col("volume_e6"), pl.col("volume_decimals")
    part = round_to(volume.cast(WIDE) * pl.col("entitled"), pl.col("whole").cast(WIDE), decimals)
    of_quantity = pl.when(pl.col("entitled") == pl.col("whole")).then(volume).otherwise(part)
    bottom = pl.col("positive_weight").cast(WIDE) * pl.col("open_days") * (100 * month_days)

    def until(weight: pl.Expr) -> pl.Expr:
        return round_to(pl.col("entitled").cast(WIDE) * weight, bottom, decimals)

    of_volume = until(pl.col("so_far")) - until(pl.col("so_far") - pl.col("weight"))
    so_far = pl.min_horizontal(pl.when("is_quantity").then(of_quantity).otherwise(of_volume), volume)
    return (
        rows.with_columns(covered_so_far=so_far)
        .with_columns(pl.col("covered_so_far").cum_max().over("line_no", order_by="place"))
        .with_columns(
            covered_e6=pl.col("covered_so_far")
            - pl.col("covered_so_far").shift(1, fill_value=0).over("line_no", order_by="place")
        )
    )


def _amounts(rows: pl.DataFrame, month_days: int) -> pl.DataFrame:
    """Negative kopiykas; the holders of a line never take more than its charge."""
    top = pl.col("covered_e6").cast(WIDE) * pl.col("price_e7") * pl.col("coefficient_e4") * pl.col("percent_e2")
    one = pl.lit(KOP_PER_SCALE * 10**4, dtype=WIDE)
    amount = (
        pl.when("is_quantity")
        .then(divide_half_up(top * pl.col("line_days"), one * month_days))
        .otherwise(divide_half_up(top, one))
    )
    return (
        rows.with_columns(taken=amount)
        .with_columns(
            taken=pl.min_horizontal(pl.col("taken").cum_sum().over("line_no", order_by="place"), pl.col("amount_kop"))
        )
        .with_columns(
            amount_kop=pl.col("taken").shift(1, fill_value=0).over("line_no", order_by="place") - pl.col("taken")
        )
    )


def _shape(month_days: int) -> list[pl.Expr]:
    own = {
        "kind": pl.lit("benefit"),
        "meter_id": pl.lit(None),
        "previous_e3": pl.lit(None),
        "current_e3": pl.lit(None),
        "base_e4": pl.col("people") * 10**4,
        "base_kind": pl.col("category"),
        "base_total_e4": pl.col("percent_e2") * 100,
        "source_e6": pl.col("norm"),
        "volume_e6": pl.col("covered_e6"),
        "days": pl.when("is_quantity")
        .then(pl.col("days"))
        .otherwise(pl.when(pl.col("n_days") < month_days).then(pl.col("n_days"))),
    }
    return [own.get(name, pl.col(name)).cast(kind).alias(name) for name, kind in LINES.items()]
