"""What recalculations take off the charges of a month: for days or hours without the service, for absence (domain.md §5.4).

The rules of `adjustments` on columns, held against them by a test. `recalculate` takes a frame with whole numbers:

monthly_kop  what was charged for the month and may be recalculated, corrections of the run included
left_kop     how much of it remains after earlier recalculations and corrections
percent_e4   per cent of the monthly charge a day ÷ 100, at scale 4 (3.3 % is 330)
part, whole  days with percent_e4 and a whole of 1; else hours without the service of the month's hours, or person-days of
             absence of the person-days of the month with percent_e4 of 10 000
"""

from __future__ import annotations

from typing import Final

import polars as pl

from domivka.tariffs.rules.exact import WIDE, divide_half_up

ONE_E4: Final = 10_000
"""A `percent_e4` that takes the share `part / whole` alone."""

_MONTHLY: Final = pl.max_horizontal(pl.col("monthly_kop"), pl.lit(0))
_LEFT: Final = pl.max_horizontal(pl.col("left_kop"), pl.lit(0))
_WHOLE: Final = pl.max_horizontal(pl.col("whole"), pl.lit(1)).cast(WIDE)
_ASKED: Final = divide_half_up(_MONTHLY.cast(WIDE) * pl.col("percent_e4") * pl.col("part"), _WHOLE * ONE_E4)


def recalculate(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with off_kop: what is taken off, kopiykas, rounded once, half up; never less than nothing and never more than
    the monthly charge or what is left of it."""
    return rows.with_columns(off_kop=pl.min_horizontal(_ASKED, _MONTHLY, _LEFT).cast(pl.Int64))


def share_e6(value: pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """value × part / whole at the value's own scale, rounded half away from zero: the volume that goes with an absence."""
    return divide_half_up(value.cast(WIDE) * part, pl.max_horizontal(whole, pl.lit(1)).cast(WIDE))
