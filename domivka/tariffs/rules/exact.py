"""Exact arithmetic on columns: whole numbers at a stated scale, 128 bits wide, rounded half away from zero.

A share of a month is a fraction that no decimal holds, so amounts are kept as numerator and denominator until the one
rounding. Scales: volumes and quantities 6 decimals (`_e6`), prices 7 (`_e7`), coefficients 4 (`_e4`), readings 3
(`_e3`), areas 2 (`_e2`). The widest product (volume × price × coefficient × days) stays below 10^31 < 2^127.
"""

from __future__ import annotations

from typing import Final

import polars as pl

WIDE: Final = pl.Int128
KOP_PER_SCALE: Final = 10 ** (6 + 7 + 4 - 2)
"""volume_e6 × price_e7 × coefficient_e4, divided by this, is kopiykas."""


def divide_half_up(numerator: pl.Expr, denominator: pl.Expr | int) -> pl.Expr:
    """numerator / denominator rounded half away from zero; the denominator is positive.

    `//` rounds down, so half a denominator is added first; below zero one less of the smallest parts, so that a half goes
    away from zero there too.
    """
    bottom = pl.lit(denominator, dtype=WIDE) if isinstance(denominator, int) else denominator.cast(WIDE)
    top = numerator.cast(WIDE)
    return ((top * 2 + bottom - (top < 0).cast(WIDE)) // (bottom * 2)).cast(pl.Int64)


def round_to(value_e6: pl.Expr, denominator: pl.Expr | int, decimals: pl.Expr) -> pl.Expr:
    """value / denominator rounded half away from zero to `decimals` (0 to 6), still at scale 6."""
    step = pl.lit(10, dtype=pl.Int64).pow(6 - decimals.cast(pl.Int64)).cast(pl.Int64)
    return divide_half_up(value_e6, denominator * step) * step


def decimal_text(value: pl.Expr, scale: int) -> pl.Expr:
    """A whole number at `scale` as the text of a `numeric` for `COPY`: 12345 at scale 3 is `12345e-3`, which is 12.345."""
    return value.cast(pl.String) + f"e-{scale}"
