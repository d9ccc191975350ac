"""Staged rows as charge lines and readings."""

from __future__ import annotations

from typing import Final

import polars as pl

from domivka.exchange.preset import Preset
from domivka.metering.api import NAMELESS

LINE_COLUMNS: Final = [
    "account_service_id", "provider_service_id", "account_id", "kind", "component", "meter_id", "previous_e3", "current_e3",
    "volume_e6", "price_e7", "amount_kop",
]  # fmt: skip
_BIG: Final = pl.Int128


def readings_of(rows: pl.DataFrame, preset: Preset) -> pl.DataFrame:
    """A register a row, of the services whose meter the file shows; rows without a meter number have none."""
    metered = rows.filter(
        pl.col("service_code").is_in(list(preset.meter_services))
        & pl.any_horizontal(pl.col(f"current_{n}_e3").is_not_null() for n in range(len(preset.zones)))
        if preset.zones
        else pl.lit(False)
    )
    number = pl.when(pl.col("meter_number") == "").then(pl.lit(NAMELESS)).otherwise(pl.col("meter_number"))
    parts = [
        metered.select(
            "account_service_id",
            number.alias("meter_number"),
            "meter_model",
            pl.lit(place, dtype=pl.Int16).alias("place"),
            pl.lit(zone.zone).alias("zone"),
            pl.col(f"previous_{place}_e3").alias("previous_e3"),
            pl.col(f"current_{place}_e3").alias("current_e3"),
        )
        for place, zone in enumerate(preset.zones)
    ]
    return pl.concat(parts) if parts else _no_readings()


def _no_readings() -> pl.DataFrame:
    text, number = pl.String, pl.Int64
    return pl.DataFrame(
        schema={
            "account_service_id": number, "meter_number": text, "meter_model": text, "place": pl.Int16, "zone": text,
            "previous_e3": number, "current_e3": number,
        }
    )  # fmt: skip


def charge_lines(rows: pl.DataFrame, preset: Preset) -> pl.DataFrame:
    """Lines of charges, corrections and penalties; amounts are the file's, to the kopiyka.

    A charge over several zones becomes a line a zone when one price, found from the charge, gives it back exactly;
    otherwise it stays one line.
    """
    kinds = {
        rule.code: rule.kind for rule in [*preset.services.values(), *([preset.service] if preset.service else [])]
    }
    rows = rows.with_columns(
        kind=pl.col("service_code").replace_strict(list(kinds), list(kinds.values()), return_dtype=pl.String),
        component=pl.lit("single"),
        amount_kop=pl.col("charged_kop"),
        volume_e6=pl.col("volume_e6").fill_null(0),
        price_e7=pl.col("price_e7").fill_null(0),
    )
    charged = rows.filter((pl.col("charged_kop") != 0) | (pl.col("volume_e6") != 0))
    if len(preset.zones) > 1:
        parts = _by_zones(charged, preset)
    else:
        previous = pl.col("previous_0_e3") if preset.zones else pl.lit(None, dtype=pl.Int64)
        current = pl.col("current_0_e3") if preset.zones else pl.lit(None, dtype=pl.Int64)
        parts = [charged.with_columns(previous_e3=previous, current_e3=current)]
    none = pl.lit(None, dtype=pl.Int64)
    for field in ("correction", "penalty"):
        parts.append(
            rows.filter(pl.col(f"{field}_kop") != 0).with_columns(
                kind=pl.lit(field),
                amount_kop=pl.col(f"{field}_kop"),
                volume_e6=pl.lit(0, dtype=pl.Int64),
                price_e7=pl.lit(0, dtype=pl.Int64),
                meter_id=none,
                previous_e3=none,
                current_e3=none,
            )
        )
    return pl.concat([part.select(LINE_COLUMNS) for part in parts])


def _by_zones(charged: pl.DataFrame, preset: Preset) -> list[pl.DataFrame]:
    """Price in 10⁻⁷ = charge ÷ Σ volume × coefficient, kept only if its products, rounded, sum to the charge."""
    zones = list(enumerate(preset.zones))
    volumes = [pl.col(f"volume_{place}_e6").fill_null(0).cast(_BIG) for place, _ in zones]
    weights = [int(zone.coefficient * 10_000) for _, zone in zones]
    base = pl.sum_horizontal(volume * weight for volume, weight in zip(volumes, weights, strict=True))  # 10⁻¹⁰
    price = pl.when(base > 0).then((pl.col("charged_kop").cast(_BIG) * 10**15 + base // 2) // base).otherwise(0)
    # Volume 10⁻⁶ × price 10⁻⁷ × weight 10⁻⁴ = 10⁻¹⁷ hryvnias; a kopiyka is 10¹⁵ of them, half of it rounds up.
    amounts = [
        ((volume * pl.col("zone_price") * weight + 5 * 10**14) // 10**15).cast(pl.Int64)
        for volume, weight in zip(volumes, weights, strict=True)
    ]
    priced = charged.with_columns(zone_price=price).with_columns(
        *(amount.alias(f"amount_{place}") for (place, _), amount in zip(zones, amounts, strict=True))
    )
    exact = pl.sum_horizontal(f"amount_{place}" for place, _ in zones) == pl.col("charged_kop")
    none = pl.lit(None, dtype=pl.Int64)
    parts = [priced.filter(~exact).with_columns(previous_e3=none, current_e3=none)]
    for (place, zone), weight in zip(zones, weights, strict=True):
        parts.append(
            priced.filter(exact).with_columns(
                component=pl.lit(zone.zone),
                previous_e3=pl.col(f"previous_{place}_e3"),
                current_e3=pl.col(f"current_{place}_e3"),
                volume_e6=pl.col(f"volume_{place}_e6").fill_null(0),
                price_e7=(pl.col("zone_price") * weight // 10_000).cast(pl.Int64),
                amount_kop=pl.col(f"amount_{place}"),
            )
        )
    return parts
