"""From inputs to priced lines: the one road that the run, the what-if and the explanation all take."""

from __future__ import annotations

import polars as pl

from domivka.billing.frames import HAS_OWN_VOLUME, Inputs
from domivka.kernel.period import Period
from domivka.metering.rules.volumes import resolve
from domivka.tariffs.rules.pricing import BY_VOLUME, price


def rate(*, inputs: Inputs, period: Period) -> pl.DataFrame:
    """Priced lines (`tariffs.rules.pricing.LINES`) of every account that has a tariff plan."""
    accounts = inputs.accounts.filter(pl.col("plan_id").is_not_null())
    with_volume = accounts.filter(pl.col("structure").is_in(BY_VOLUME))
    own = accounts.filter(HAS_OWN_VOLUME)
    volumes = resolve(
        accounts=own,
        people=inputs.people,
        meters=inputs.meters,
        month_days=period.days,
        average_months=inputs.average_months,
    )
    volumes = pl.concat([volumes, _repeated(with_volume, own, volumes)])
    return price(accounts=accounts, people=inputs.people, rates=inputs.rates, volumes=volumes, month_days=period.days)


def _repeated(accounts: pl.DataFrame, own: pl.DataFrame, volumes: pl.DataFrame) -> pl.DataFrame:
    """Volumes of services that repeat others': wastewater is the cold and hot water of the same premises."""
    repeating = accounts.filter(pl.col("volume_of") != "").select(
        "premises_id", pl.col("account_service_id").alias("repeats_id"), service_code=pl.col("volume_of").str.split(" ")
    )
    sources = own.select("premises_id", "service_code", "account_service_id")
    pairs = repeating.explode("service_code").join(sources, on=["premises_id", "service_code"])
    repeated = volumes.join(pairs.select("account_service_id", "repeats_id"), on="account_service_id")
    return repeated.with_columns(account_service_id=pl.col("repeats_id")).select(volumes.columns)
