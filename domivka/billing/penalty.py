"""Penalty lines of a range: what is overdue on each day of a month, read by index from the range's accounts (ADR 17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final

import polars as pl
from django.db.models import DateField, Exists, F, Func, OuterRef, Q

from domivka.kernel.frames import id_array, read_frame
from domivka.kernel.period import Period
from domivka.kernel.workdays import holidays
from domivka.registry.models import Town
from domivka.tariffs import api as tariffs
from domivka.tariffs.models import PenaltyRule
from domivka.tariffs.rules.overdue import CALENDAR, DEBTS, FREE, PAID, debt_days, penalties
from domivka.tariffs.rules.penalty import PenaltyTerms, penalty_from
from domivka.tariffs.rules.pricing import LINES

PaymentDays = Callable[[pl.Series, Period], pl.DataFrame]
_days_of_payments: list[PaymentDays] = []


def tell_payment_days(days: PaymentDays) -> None:
    """Who knows on which day people paid: account services (sorted) and a month in, `PAID` out, payments that were taken
    back left out. A context above this one, so it says so itself when it is set up."""
    _days_of_payments[:] = [days]


def has_penalty(*, town: str, period: str) -> Exists:
    """An expression for a query on runs: does any service of the town (`town`, a field) charge penalty in the month."""
    return Exists(
        PenaltyRule.objects.alias(first=_FirstDay(OuterRef(period)), after=_DayAfter(OuterRef(period)))
        .filter(Q(valid_to=None) | Q(valid_to__gt=F("first")), valid_from__lt=F("after"))
        .filter(provider_service__provider__town_id=OuterRef(town))
    )


class _FirstDay(Func):
    """The first day of a month kept as a number."""

    template = "make_date(%(expressions)s / 100, mod(%(expressions)s, 100), 1)"
    output_field = DateField()


class _DayAfter(_FirstDay):
    """The first day of the month after."""

    template = f"({_FirstDay.template} + interval '1 month')::date"


_MONEY: Final = {
    **{name: DEBTS[name] for name in ("account_service_id", "whole_kop", "older_kop", "last_kop")},
    "charged_kop": pl.Int64,
    "paid_kop": pl.Int64,
}
# What was taken off by a correction counts at once: the ledger does not say which month it was of, and doubt is the
# payer's. Penalty, and what corrects it, is of its own kind and in none of the sums.
_DEBTS_SQL: Final = """
SELECT o.id, b.whole, b.older, b.last, b.charged, b.paid
FROM unnest(%(services)s::bigint[]) AS o (id)
CROSS JOIN LATERAL (SELECT id FROM ledger_account WHERE kind = 'personal' AND owner_id = o.id OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT (coalesce(sum(principal) FILTER (WHERE period < %(older)s), 0)
            + coalesce(sum(least(correction_kop, 0)) FILTER (WHERE period >= %(older)s AND period < %(period)s), 0)
            + coalesce(sum(paid_kop) FILTER (WHERE period < %(period)s), 0))::bigint AS whole,
           coalesce(sum(principal - least(correction_kop, 0)) FILTER (WHERE period = %(older)s), 0)::bigint AS older,
           coalesce(sum(principal - least(correction_kop, 0)) FILTER (WHERE period = %(last)s), 0)::bigint AS last,
           coalesce(sum(penalty_kop) FILTER (WHERE period < %(period)s), 0)::bigint AS charged,
           -coalesce(sum(paid_kop) FILTER (WHERE period = %(period)s), 0)::bigint AS paid
    FROM (SELECT *, net_kop - penalty_kop - paid_kop - other_kop AS principal FROM ledger_balance
          WHERE account_id = a.id AND period <= %(period)s OFFSET 0) b
) b
WHERE b.whole + greatest(b.older, 0) + greatest(b.last, 0) > 0
"""
_FREE_SQL: Final = """
SELECT premises_id, provider_id, greatest(first_on, %(first_day)s) - %(first_day)s + 1,
       least(coalesce(last_on, %(last_day)s), %(last_day)s) - %(first_day)s + 1
FROM tariffs_homepenaltysuspension
WHERE premises_id = ANY(%(premises)s::bigint[]) AND first_on <= %(last_day)s
  AND (last_on IS NULL OR last_on >= greatest(first_on, %(first_day)s))
"""
# The overdue debt at the end of every month that moved: what was charged before the month less what was paid up to its end.
_PEAKS_SQL: Final = """
SELECT o.id, coalesce(max(b.overdue), 0)::bigint
FROM unnest(%(services)s::bigint[]) AS o (id)
CROSS JOIN LATERAL (SELECT id FROM ledger_account WHERE kind = 'personal' AND owner_id = o.id OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT sum(principal + paid_kop) OVER (ORDER BY period) - principal AS overdue
    FROM (SELECT period, paid_kop, net_kop - penalty_kop - paid_kop - other_kop AS principal FROM ledger_balance
          WHERE account_id = a.id AND period < %(period)s OFFSET 0) b
) b
GROUP BY o.id
"""
_PEAKS: Final = {"account_service_id": pl.Int64, "known_peak_kop": pl.Int64}


def penalty_lines(*, town_id: int, period: Period, accounts: pl.DataFrame) -> pl.DataFrame:
    """Lines (`LINES`) of the month's penalty of those of `accounts` (`billing.frames.ACCOUNTS`) that have one; the terms are
    those of its first day. At most seven queries.

    What a line keeps: volume: debt × days, hryvnia-days; price: part of the debt a day; days: how many counted; source: the
    first of them; base: the largest debt on them; base_total: where the cap cut the sum, what it left.
    """
    rules = tariffs.penalty_rules(town_id=town_id, first=period.first_day, last=period.last_day)
    terms = tariffs.penalty_terms(town_id=town_id, on=period.first_day)
    calendar = _calendar(town_id, period, rules, terms)
    owners = pl.DataFrame(
        [(rule.provider_service_id, rule.provider_id) for rule in rules],
        schema={"provider_service_id": pl.Int64, "provider_id": pl.Int64}, orient="row",
    ).unique()  # fmt: skip
    own = accounts.join(owners, on="provider_service_id").select(
        "account_service_id", "provider_service_id", "premises_id", "provider_id"
    )
    if calendar.is_empty() or own.is_empty():
        return pl.DataFrame(schema=LINES)
    months = {"period": int(period), "last": int(period.previous), "older": int(period.shift(-2))}
    services = id_array(own["account_service_id"].sort())
    money = read_frame(query=_DEBTS_SQL, parameters={**months, "services": services}, schema=_MONEY)
    debts = money.join(own, on="account_service_id")
    counted = debt_days(
        debts=debts.select(list(DEBTS)),
        paid=_paid(money, period),
        calendar=calendar,
        free=_free(debts["premises_id"], period),
    ).join(money.select("account_service_id", "charged_kop"), on="account_service_id")
    percent_e4, cap_e4 = _e4(terms.daily_percent), _e4(terms.cap_percent)
    known = penalties(
        days=_with_peaks(counted, percent_e4, cap_e4, months), percent_e4=percent_e4, cap_percent_e4=cap_e4
    )
    return _lines(known.filter(pl.col("amount_kop") > 0), percent_e4)


def _e4(value: Any) -> int:
    return int(value * 10**4)


def _calendar(
    town_id: int, period: Period, rules: Iterable[tariffs.PenaltyRuleView], terms: PenaltyTerms
) -> pl.DataFrame:
    """`CALENDAR` of the month: days of each service's rules outside the town's suspensions."""
    spans = tariffs.penalty_suspensions(katottg=Town.objects.values_list("katottg", flat=True).get(pk=town_id))
    month = [period.first_day + dt.timedelta(days=n) for n in range(period.days)]
    open_days = [day for day in month if not any(span.covers(day) for span in spans)]
    rows = []
    for rule in rules:
        older, last = (
            penalty_from(due_on=term_ends(period=charged, due_day=rule.due_day), terms=terms, holidays=holidays())
            for charged in (period.shift(-2), period.previous)
        )
        rows += [
            (rule.provider_service_id, day.day, day >= older, day >= last) for day in open_days if rule.covers(day)
        ]
    return pl.DataFrame(rows, schema=CALENDAR, orient="row")


def term_ends(*, period: Period, due_day: int) -> dt.date:
    """The day of the month after by which its charges are to be paid, a day off or not."""
    return period.next.first_day.replace(day=min(due_day, period.next.days))


def _paid(money: pl.DataFrame, period: Period) -> pl.DataFrame:
    """What came in by days; what nobody knows the day of counts from the first."""
    paying = money.filter(pl.col("paid_kop") != 0).select("account_service_id", "paid_kop").sort("account_service_id")
    known = pl.DataFrame(schema=PAID)
    if paying.height and _days_of_payments:
        known = _days_of_payments[0](paying["account_service_id"], period)
    rest = (
        paying.join(known.group_by("account_service_id").agg(pl.col("kop").sum()), on="account_service_id", how="left")
        .select("account_service_id", day=pl.lit(1, pl.Int64), kop=pl.col("paid_kop") - pl.col("kop").fill_null(0))
        .filter(pl.col("kop") != 0)
    )
    return pl.concat([known, rest])


def _free(premises: pl.Series, period: Period) -> pl.DataFrame:
    """`FREE` of these homes."""
    spans = read_frame(
        query=_FREE_SQL,
        parameters={
            "premises": id_array(premises.unique().sort()),
            "first_day": period.first_day,
            "last_day": period.last_day,
        },
        schema={**{name: FREE[name] for name in ("premises_id", "provider_id")}, "low": pl.Int64, "high": pl.Int64},
    )
    days = pl.int_ranges("low", pl.col("high") + 1, dtype=pl.Int64)
    return spans.select("premises_id", "provider_id", day=days).explode("day")


def _with_peaks(counted: pl.DataFrame, percent_e4: int, cap_e4: int, months: dict[str, int]) -> pl.DataFrame:
    """With the largest debt of all time, which is looked up for those only whom this month's largest would cap."""
    own = counted.with_columns(peak_kop="largest_kop")
    bare = penalties(days=own, percent_e4=percent_e4, cap_percent_e4=cap_e4)
    near = bare.filter(pl.col("charged_kop") > 0, pl.col("amount_kop") >= pl.col("left_kop"))["account_service_id"]
    if near.is_empty():
        return own
    peaks = read_frame(query=_PEAKS_SQL, parameters={**months, "services": id_array(near.sort())}, schema=_PEAKS)
    return own.join(peaks, on="account_service_id", how="left").with_columns(
        peak_kop=pl.max_horizontal("peak_kop", "known_peak_kop")
    )


def _lines(found: pl.DataFrame, percent_e4: int) -> pl.DataFrame:
    given = {
        "kind": pl.lit("penalty"),
        "component": pl.lit("penalty"),
        "structure": pl.lit(""),
        "method": pl.lit("penalty"),
        "base_e4": pl.col("largest_kop") * 100,
        "base_kind": pl.lit("debt"),
        "base_total_e4": pl.when(pl.col("by_days_kop") > pl.col("left_kop")).then(pl.col("left_kop") * 100),
        "source_e6": pl.col("first_day") * 10**6,
        "volume_e6": pl.col("debt_days_kop") * 10**4,
        "price_e7": pl.lit(percent_e4 * 10),
        "coefficient_e4": pl.lit(10_000),
    }
    kept = ("account_service_id", "days", "amount_kop")
    return found.select(
        given.get(name, pl.col(name) if name in kept else pl.lit(None)).cast(kind).alias(name)
        for name, kind in LINES.items()
    )
