"""What an act takes off each account: the month's charges read for all of them at once, the rule over the whole frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from domivka.billing.models import Recalculation
from domivka.kernel.frames import read_frame
from domivka.kernel.period import Period
from domivka.tariffs.rules.pricing import PARTS
from domivka.tariffs.rules.recalculation import ONE_E4, recalculate

_I = pl.Int64
Reason = Recalculation.Reason
Place = Recalculation.Place
_FIXED: Final = ["fixed", "yearly"]
"""Methods whose sum is the same every month: an outage does not change it."""
_BY_PEOPLE: Final = ["norm", "persons"]
_HEAT_STRUCTURES: Final = ["two_part_heat", "heated_area"]

_READ: Final = {
    "account_service_id": _I, "account_id": _I, "days": _I, "charged_lines": _I, "lines": _I, "own_kop": _I,
    "corrected_kop": _I, "recalculated_kop": _I, "all_kop": _I, "first_id": _I, "method": pl.String, "structure": pl.String,
    "last_method": pl.String, "volume_e6": _I, "person_days": _I, "absent_days": _I,
}  # fmt: skip
# `own` are the lines that this reason may take off. An account's month is looked up by index from its row (OFFSET 0 keeps
# it so): what it costs does not depend on the size of the town.
_SQL: Final = """
SELECT c.id, la.id, greatest(least(c.closed_on, %(last_on)s) - greatest(c.opened_on, %(first_on)s) + 1, 0), l.charged, l.own,
       l.own_kop, l.corrected_kop, l.recalculated_kop, l.all_kop, l.first_id, l.method, l.structure, l.last_method,
       l.volume_e6, {people}
FROM (
    SELECT s.id, greatest(s.opened_on, %(first_day)s) AS opened_on, a.premises_id, a.number,
           least(coalesce(s.closed_on, %(last_day)s), %(last_day)s) AS closed_on
    FROM registry_accountservice s JOIN registry_personalaccount a ON a.id = s.account_id
    WHERE s.provider_service_id = %(supply)s AND s.opened_on <= %(last_day)s
      AND (s.closed_on IS NULL OR s.closed_on >= %(first_day)s) {chosen}
    {page}
) c
JOIN ledger_account la ON la.kind = 'personal' AND la.owner_id = c.id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE run_id IS NOT NULL) AS charged, count(*) FILTER (WHERE own) AS own,
           coalesce(sum(amount_kop) FILTER (WHERE own), 0)::bigint AS own_kop,
           coalesce(sum(amount_kop) FILTER (WHERE run_id IS NOT NULL AND corrects_id IS NOT NULL), 0)::bigint AS corrected_kop,
           coalesce(sum(amount_kop) FILTER (WHERE recalculation_id IS NOT NULL), 0)::bigint AS recalculated_kop,
           coalesce(sum(amount_kop), 0)::bigint AS all_kop, min(id) FILTER (WHERE own) AS first_id,
           (array_agg(method ORDER BY id) FILTER (WHERE own))[1] AS method,
           (array_agg(structure ORDER BY id) FILTER (WHERE own))[1] AS structure,
           (array_agg(method ORDER BY id DESC) FILTER (WHERE run_id IS NOT NULL AND corrects_id IS NOT NULL))[1] AS last_method,
           (coalesce(sum(volume) FILTER (WHERE own), 0) * 1000000)::bigint AS volume_e6
    FROM (
        SELECT *, run_id IS NOT NULL AND corrects_id IS NULL AND kind = 'charge' AND {own} AS own
        FROM billing_charge_line WHERE account_service_id = c.id AND period = %(period)s
          AND (run_id IS NOT NULL OR recalculation_id IS NOT NULL) AND kind IN ('charge', 'subscription', 'correction')
        OFFSET 0
    ) l
) l
{with_people}
ORDER BY c.number, c.id
"""
_OUTAGE: Final = "method <> ALL(%(fixed)s) AND component <> ALL(%(parts)s)"
_ABSENCE: Final = "(method = 'persons' OR method = 'norm' AND base_kind = 'person_days') AND structure <> ALL(%(heat)s) AND NOT %(is_heat)s"
# People registered in the home by days, and those of them who were away.
_WITH_PEOPLE: Final = """
CROSS JOIN LATERAL (
    SELECT coalesce(sum(registered * greatest(last - first + 1, 0)), 0)::bigint AS person_days,
           coalesce(sum(least(registered, %(away)s)
               * greatest(least(last, %(last_on)s) - greatest(first, %(first_on)s) + 1, 0)), 0)::bigint AS absent_days
    FROM (
        SELECT registered, greatest(valid_from, c.opened_on) AS first,
               least(lead(valid_from) OVER (ORDER BY valid_from) - 1, c.closed_on) AS last
        FROM registry_occupancy WHERE premises_id = c.premises_id AND valid_from <= c.closed_on
    ) o
) people
"""
_CHOSEN: Final = {
    Place.SERVICE: "",
    Place.BUILDINGS: "AND EXISTS (SELECT FROM registry_premises p WHERE p.id = a.premises_id AND p.building_id = ANY(%(buildings)s))",
    Place.ACCOUNT: "AND s.id = %(account_service)s",
}  # fmt: skip


def months_of(act: Recalculation) -> Iterator[Period]:
    """The charged months the act reaches over, oldest first."""
    return Period(act.period).through(Period(act.last_period))


def rows_of(act: Recalculation, month: Period, *, start: int = 0, limit: int | None = None) -> pl.DataFrame:
    """What the act takes off each account for a month: `off_kop`, with `why` where it is nothing ('' otherwise), what was
    charged (`monthly_kop`), what remains of it (`left_kop`) and the inputs. One query. By the numbers of accounts; `limit`
    of them from the `start`-th on, or all."""
    is_absence = act.reason == Reason.ABSENCE
    read = read_frame(query=_query(act, limit), parameters=_parameters(act, month, start, limit), schema=_READ)
    percent = int(act.percent_a_day * 100) if act.reason == Reason.OUTAGE_DAYS and act.percent_a_day else ONE_E4
    part, whole = _share(act, month)
    monthly = pl.col("own_kop") + pl.col("corrected_kop")
    is_own = pl.col("lines") > 0
    if is_absence:  # a month that was charged anew by a meter since is not one by norm any more
        is_own &= pl.col("last_method").is_null() | pl.col("last_method").is_in(_BY_PEOPLE)
    rows = read.with_columns(
        part=part.cast(_I), whole=whole.cast(_I), percent_e4=pl.lit(percent, dtype=_I), is_own=is_own,
        monthly_kop=pl.when(is_own).then(monthly).otherwise(0),
    ).with_columns(
        left_kop=pl.when("is_own").then(pl.min_horizontal(pl.col("monthly_kop") + pl.col("recalculated_kop"), "all_kop"))
        .otherwise(0)
    )  # fmt: skip
    return recalculate(rows).with_columns(why=_why(is_absence))


def _query(act: Recalculation, limit: int | None) -> str:
    is_absence = act.reason == Reason.ABSENCE
    own = _ABSENCE if is_absence else _OUTAGE
    query = _SQL.replace("{own}", own).replace("{chosen}", _CHOSEN[Place(act.place)])
    query = query.replace("{people}", "people.person_days, people.absent_days" if is_absence else "0, 0")
    query = query.replace("{with_people}", _WITH_PEOPLE if is_absence else "")
    page = "OFFSET 0" if limit is None else "ORDER BY a.number, s.id LIMIT %(limit)s OFFSET %(start)s"
    return query.replace("{page}", page)


def _parameters(act: Recalculation, month: Period, start: int, limit: int | None) -> dict[str, Any]:
    service = act.provider_service.service
    return {
        "supply": act.provider_service_id,
        "period": int(month),
        "first_day": month.first_day,
        "last_day": month.last_day,
        "first_on": max(act.first_on or month.first_day, month.first_day),
        "last_on": min(act.last_on or month.last_day, month.last_day),
        "buildings": list(act.building_ids),
        "account_service": act.account_service_id,
        "away": act.people_away or 0,
        "fixed": _FIXED,
        "parts": PARTS,
        "heat": _HEAT_STRUCTURES,
        "is_heat": service.unit == "gcal",
        "start": start,
        "limit": limit,
    }


def _share(act: Recalculation, month: Period) -> tuple[pl.Expr, pl.Expr]:
    """The columns `part` and `whole` of the rule."""
    if act.reason == Reason.ABSENCE:
        return pl.col("absent_days"), pl.col("person_days")
    if act.reason == Reason.OUTAGE_HOURS:
        return pl.lit(act.hours), pl.lit(month.days * 24)
    return pl.col("days"), pl.lit(1)


def _why(is_absence: bool) -> pl.Expr:
    """Why nothing is taken off: a code of `queries.why_words`."""
    not_own = "not_by_people" if is_absence else "fixed"
    return (
        pl.when(pl.col("charged_lines") == 0)
        .then(pl.lit("not_charged"))
        .when(~pl.col("is_own"))
        .then(pl.lit(not_own))
        .when(pl.col("part") == 0)
        .then(pl.lit("nobody" if is_absence else "closed"))
        .when(pl.col("left_kop") <= 0)
        .then(pl.lit("nothing_left"))
        .when(pl.col("off_kop") == 0)
        .then(pl.lit("too_little"))
        .otherwise(pl.lit(""))
    )
