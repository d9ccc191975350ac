"""Penalty of a month for many accounts at once: the debt past its term, day by day (domain.md §5.4; law 2189-VIII, art. 26).

`debt_days` takes frames of whole numbers (kopiykas; days are days of the month, from 1):

debts     account_service_id, provider_service_id, premises_id, provider_id, whole_kop (overdue on the first day: what was
          charged for the months whose term had passed, less all that was paid before the month), older_kop and last_kop
          (charges of the two months before, which join it on a day of `calendar`)
paid      account_service_id, day, kop: what came in during the month, positive
calendar  provider_service_id, day, has_older, has_last: the days that count (a rule is in force, nothing is suspended in
          the town), and which of the two months' charges are overdue on them
free      premises_id, provider_id (null: of any provider), day: days on which a home's penalty is suspended

Penalty itself is in none of these sums, so there is no penalty on penalty; payments lessen the principal first.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from domivka.tariffs.rules.exact import WIDE, divide_half_up

_I = pl.Int64
DEBTS: Final = {
    "account_service_id": _I, "provider_service_id": _I, "premises_id": _I, "provider_id": _I, "whole_kop": _I,
    "older_kop": _I, "last_kop": _I,
}  # fmt: skip
PAID: Final = {"account_service_id": _I, "day": _I, "kop": _I}
CALENDAR: Final = {"provider_service_id": _I, "day": _I, "has_older": pl.Boolean, "has_last": pl.Boolean}
FREE: Final = {"premises_id": _I, "provider_id": _I, "day": _I}

_DUE: Final = (
    pl.col("whole_kop")
    + pl.when("has_older").then("older_kop").otherwise(0)
    + pl.when("has_last").then("last_kop").otherwise(0)
)
_OVERDUE: Final = pl.max_horizontal(_DUE - pl.col("paid_kop").fill_null(0), 0)


def debt_days(*, debts: pl.DataFrame, paid: pl.DataFrame, calendar: pl.DataFrame, free: pl.DataFrame) -> pl.DataFrame:
    """Accounts with a debt on a day that counts, in their order: debt_days_kop (the debts of those days added up), days
    (how many), first_day, largest_kop (the largest debt of them)."""
    so_far = (
        paid.group_by("account_service_id", "day")
        .agg(pl.col("kop").sum())
        .sort("day")
        .select("account_service_id", "day", paid_kop=pl.col("kop").cum_sum().over("account_service_id"))
    )
    return (
        _without(debts.join(calendar, on="provider_service_id"), free)
        .sort("day")
        .join_asof(so_far, on="day", by="account_service_id", check_sortedness=False)
        .select("account_service_id", "day", overdue_kop=_OVERDUE)
        .filter(pl.col("overdue_kop") > 0)
        .group_by("account_service_id")
        .agg(
            debt_days_kop=pl.col("overdue_kop").sum(),
            days=pl.len().cast(_I),
            first_day=pl.col("day").min(),
            largest_kop=pl.col("overdue_kop").max(),
        )
        .sort("account_service_id")
    )


def _without(days: pl.DataFrame, free: pl.DataFrame) -> pl.DataFrame:
    """The days on which an account's home is not suspended: neither at all nor at this provider."""
    if free.is_empty():
        return days
    everywhere = free.filter(pl.col("provider_id").is_null())
    return days.join(everywhere, on=["premises_id", "day"], how="anti").join(
        free, on=["premises_id", "provider_id", "day"], how="anti"
    )


def penalties(*, days: pl.DataFrame, percent_e4: int, cap_percent_e4: int) -> pl.DataFrame:
    """`days` (of `debt_days`, with charged_kop: penalty of earlier months, and peak_kop: the largest debt of all time, at
    least `largest_kop`) with by_days_kop: per cent of every day's debt, rounded once, half up; left_kop: what the cap
    leaves; amount_kop: the lesser of them.

    `percent_e4`: 10⁻⁴ per cent of the debt a day; `cap_percent_e4`: what all penalties of an account may come to, in
    10⁻⁴ per cent of its largest overdue debt, whole kopiykas of it.
    """
    cap = (pl.col("peak_kop").cast(WIDE) * cap_percent_e4 // _PERCENT_E4).cast(_I)
    by_days = divide_half_up(pl.col("debt_days_kop").cast(WIDE) * percent_e4, _PERCENT_E4)
    return days.with_columns(
        by_days_kop=by_days, left_kop=pl.max_horizontal(cap - pl.col("charged_kop"), 0)
    ).with_columns(amount_kop=pl.min_horizontal("by_days_kop", "left_kop"))


_PERCENT_E4: Final = 100 * 10**4
