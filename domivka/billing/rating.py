"""From inputs to priced lines: the one road that the run, the what-if and the explanation all take."""

from __future__ import annotations

from typing import Final

import polars as pl

from domivka.billing.frames import HAS_OWN_VOLUME, Inputs
from domivka.kernel.period import Period
from domivka.metering.rules.volumes import resolve
from domivka.tariffs.rules.benefits import relieve
from domivka.tariffs.rules.pricing import BY_VOLUME, price

_REPEATS: Final = (pl.col("volume_of") != "") & pl.col("structure").is_in(BY_VOLUME)
_REPEATING: Final = [
    pl.col("premises_id"),
    pl.col("account_service_id").alias("repeats_id"),
    pl.col("volume_of").str.split(" ").alias("service_code"),
]


def rate(*, inputs: Inputs, period: Period) -> pl.DataFrame:
    """Priced lines (`tariffs.rules.pricing.LINES`) of every account that has a tariff plan, benefits' after the charges."""
    accounts = inputs.accounts.filter(pl.col("plan_id").is_not_null())
    own = accounts.filter(HAS_OWN_VOLUME)
    volumes = resolve(
        accounts=own,
        people=inputs.people,
        meters=inputs.meters,
        month_days=period.days,
        average_months=inputs.average_months,
    )
    volumes = pl.concat([volumes, _repeated(accounts, own, volumes)])
    lines = price(accounts=accounts, people=inputs.people, rates=inputs.rates, volumes=volumes, month_days=period.days)
    if inputs.relief is None:
        return lines
    return relieve(lines=lines, accounts=accounts, relief=inputs.relief, month_days=period.days)


def _repeated(accounts: pl.DataFrame, own: pl.DataFrame, volumes: pl.DataFrame) -> pl.DataFrame:
    """Volumes of services that repeat others': wastewater is the cold and hot water of the same premises."""
    repeating = accounts.filter(_REPEATS)
    if repeating.height == 0:
        return volumes.clear()
    sources = own.select("premises_id", "service_code", "account_service_id")
    pairs = repeating.select(_REPEATING).explode("service_code").join(sources, on=["premises_id", "service_code"])
    repeated = volumes.join(pairs.select("account_service_id", "repeats_id"), on="account_service_id")
    return repeated.select(pl.col("repeats_id").alias("account_service_id"), *volumes.columns[1:])
