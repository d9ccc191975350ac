"""What the rating rules need, read for a range of buildings: a fixed number of queries whatever the range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import polars as pl

from domivka.kernel.frames import id_array, read_frame
from domivka.kernel.period import Period
from domivka.tariffs.api import parameters as rule_parameters
from domivka.tariffs.api import relief
from domivka.tariffs.rules.benefits import HOLDERS, Relief
from domivka.tariffs.rules.pricing import BY_VOLUME

_I = pl.Int64

ACCOUNTS: Final = {
    "account_service_id": _I, "premises_id": _I, "building_id": _I, "provider_service_id": _I,
    "service_code": pl.String, "volume_of": pl.String, "plan_id": _I, "structure": pl.String, "volume_decimals": _I, "first_day": _I, "last_day": _I,
    "area_e2": _I, "heated_area_e2": _I, "load_e6": _I, "norm_person_e4": _I, "norm_household_e4": _I,
    "norm_m2_e6": _I, "building_volume_e6": _I, "account_id": _I,
}  # fmt: skip
_HOMES: Final = "p.town_id = %(town)s AND p.building_id BETWEEN %(low)s AND %(high)s"
_ONE_HOME: Final = "p.town_id = %(town)s AND p.id = %(only)s"
# Every step from the homes to what belongs to them is LATERAL (OFFSET 0 keeps it so): by index from one row, so that neither
# the size of the tables nor a wrong guess of the planner changes what a range costs. What is the same for many accounts is
# computed before the join: the norm, the home's areas.
_ACCOUNTS_SQL: Final = """
SELECT s.id, p.id, p.building_id, s.provider_service_id, sv.code, ps.volume_of, t.id, t.structure, sv.volume_decimals,
       greatest(s.opened_on, %(first_day)s) - %(first_day)s + 1,
       least(coalesce(s.closed_on, %(last_day)s), %(last_day)s) - %(first_day)s + 1,
       p.area_e2, p.heated_area_e2, (s.load * 1000000)::bigint,
       coalesce(n.person_e4, 0), coalesce(n.household_e4, 0), coalesce(n.m2_e6, 0), bv.volume_e6,
       CASE ps.mode WHEN 'calculated' THEN a.id END
FROM (
    SELECT id, building_id, (area_m2 * 100)::bigint AS area_e2, (heated_area_m2 * 100)::bigint AS heated_area_e2
    FROM registry_premises p WHERE {homes} OFFSET 0
) p
CROSS JOIN LATERAL (SELECT id FROM registry_personalaccount WHERE premises_id = p.id OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT id, provider_service_id, tariff_code, norm_code, load, opened_on, closed_on FROM registry_accountservice
    WHERE account_id = a.id AND opened_on <= %(last_day)s AND (closed_on IS NULL OR closed_on >= %(first_day)s) OFFSET 0
) s
JOIN registry_providerservice ps ON ps.id = s.provider_service_id AND ps.mode = ANY(%(modes)s::text[])
JOIN registry_service sv ON sv.id = ps.service_id
LEFT JOIN tariffs_tariffplan t ON t.provider_service_id = ps.id AND t.code = s.tariff_code
LEFT JOIN (
    SELECT provider_service_id, code, (per_person * 10000)::bigint AS person_e4, (per_household * 10000)::bigint AS household_e4,
           (per_m2 * 1000000)::bigint AS m2_e6
    FROM tariffs_norm WHERE town_id = %(town)s AND valid_from <= %(first_day)s
      AND (valid_to IS NULL OR valid_to > %(first_day)s) OFFSET 0
) n ON n.provider_service_id = ps.id AND n.code = s.norm_code
LEFT JOIN (
    SELECT bm.building_id, bm.provider_service_id, (bv.volume * 1000000)::bigint AS volume_e6
    FROM registry_building h JOIN metering_buildingmeter bm ON bm.building_id = h.id
    JOIN metering_buildingvolume bv ON bv.meter_id = bm.id AND bv.period = %(period)s
    WHERE h.town_id = %(town)s AND h.id BETWEEN %(low)s AND %(high)s OFFSET 0
) bv ON bv.building_id = p.building_id AND bv.provider_service_id = ps.id
"""
# Benefits hold where the charge is calculated here. With a subsidy on the account for the month they are not applied
# (domain.md §5.5).
_HOLDERS_SQL: Final = """
SELECT b.account_id, b.id, b.category, b.people, greatest(b.valid_from, %(first_day)s) - %(first_day)s + 1,
       least(coalesce(b.valid_to - 1, %(last_day)s), %(last_day)s) - %(first_day)s + 1
FROM unnest(%(accounts)s::bigint[]) AS o (id)
CROSS JOIN LATERAL (
    SELECT * FROM tariffs_benefit WHERE account_id = o.id AND valid_from <= %(last_day)s
      AND (valid_to IS NULL OR valid_to > greatest(valid_from, %(first_day)s)) OFFSET 0
) b
WHERE NOT EXISTS (
    SELECT FROM registry_accountservice s JOIN ledger_account l ON l.kind = 'personal' AND l.owner_id = s.id
    JOIN ledger_balance g ON g.account_id = l.id AND g.period = %(period)s
    WHERE s.account_id = b.account_id AND g.subsidy_kop <> 0
)
"""
PEOPLE: Final = {"premises_id": _I, "from_day": _I, "to_day": _I, "persons": _I}
_PEOPLE_SQL: Final = """
SELECT premises_id, greatest(valid_from, %(first_day)s) - %(first_day)s + 1,
       coalesce(next_from - 1, %(last_day)s) - %(first_day)s + 1, registered
FROM (SELECT o.premises_id, o.valid_from, o.registered,
             lead(o.valid_from) OVER (PARTITION BY o.premises_id ORDER BY o.valid_from) AS next_from
      FROM registry_occupancy o JOIN registry_premises p ON p.id = o.premises_id
      WHERE {homes} AND o.valid_from <= %(last_day)s) o
WHERE next_from IS NULL OR next_from > %(first_day)s
"""
RATES: Final = {
    "plan_id": _I, "version_id": _I, "from_day": _I, "to_day": _I, "component": pl.String, "from_volume_e3": _I,
    "to_volume_e3": _I, "price_e7": _I, "coefficient_e4": _I,
}  # fmt: skip
_RATES_SQL: Final = """
SELECT v.plan_id, v.id, greatest(v.valid_from, %(first_day)s) - %(first_day)s + 1,
       least(coalesce(v.valid_to - 1, %(last_day)s), %(last_day)s) - %(first_day)s + 1, r.component,
       (r.from_volume * 1000)::bigint,
       (lead(r.from_volume) OVER (PARTITION BY v.id, r.component ORDER BY r.from_volume) * 1000)::bigint,
       (r.price * 10000000)::bigint, (r.coefficient * 10000)::bigint
FROM tariffs_tariffversion v
JOIN tariffs_tariffrate r ON r.version_id = v.id
JOIN tariffs_tariffplan t ON t.id = v.plan_id
JOIN registry_providerservice ps ON ps.id = t.provider_service_id
JOIN registry_provider pr ON pr.id = ps.provider_id AND pr.town_id = %(town)s
WHERE v.valid_from <= %(last_day)s AND (v.valid_to IS NULL OR v.valid_to > %(first_day)s)
"""
METERS: Final = {
    "account_service_id": _I, "meter_id": _I, "zone": pl.String, "digits": _I, "previous_e3": _I, "current_e3": _I,
    "is_valid": pl.Boolean, "average_e3": _I, "average_days": _I, "estimated_e6": _I, "months_without": _I,
}  # fmt: skip
_LAST: Final = """
       (array_agg(r.value ORDER BY r.period DESC, r.taken_on DESC, r.id DESC)
           FILTER (WHERE r.period < %(period)s OR r.channel = 'initial'))[1] AS previous,
       max(r.period) FILTER (WHERE r.period < %(period)s OR r.channel = 'initial') AS previous_period,
       max(r.value) FILTER (WHERE r.period = %(period)s AND r.channel <> 'initial') AS current
"""
_REGISTERS: Final = {
    "account_service_id": _I, "meter_id": _I, "zone": pl.String, "digits": _I, "previous_e3": _I, "current_e3": _I,
    "is_valid": pl.Boolean, "previous_period": _I, "is_standing": pl.Boolean, "zones": _I,
}  # fmt: skip
# Nearly every register is read in this month and in the one before. A meter not read in either is one row without zone.
_REGISTERS_SQL: Final = f"""
SELECT m.account_service_id, m.id, r.zone, m.digits, (r.previous * 1000)::bigint, (r.current * 1000)::bigint,
       m.verification_due_on IS NULL OR m.verification_due_on + %(grace)s >= %(first_day)s, r.previous_period,
       m.removed_on IS NULL OR m.removed_on > %(last_day)s, greatest(jsonb_array_length(m.zones), 1)
FROM unnest(%(services)s::bigint[]) AS o (id)
CROSS JOIN LATERAL (
    SELECT * FROM metering_meter WHERE account_service_id = o.id AND installed_on <= %(last_day)s
      AND (removed_on IS NULL OR removed_on >= %(first_day)s) OFFSET 0
) m
LEFT JOIN LATERAL (
    SELECT r.zone, {_LAST}
    FROM metering_reading r
    WHERE r.meter_id = m.id AND r.superseded_at IS NULL AND r.period IN (%(before)s, %(period)s)
    GROUP BY r.zone
) r ON true
"""
_HISTORY: Final = {
    "meter_id": _I, "zone": pl.String, "previous_e3": _I, "current_e3": _I, "average_e3": _I, "average_days": _I,
    "estimated_e6": _I, "months_without": _I,
}  # fmt: skip
# What a register counted over the days before (a drop that is not a pass through zero tells nothing), and what was charged
# by estimate since its last reading, which is taken off (domain.md §5.3): an average from its own meter, a norm from the
# account's first meter, either from the register its line names or the first.
_HISTORY_SQL: Final = f"""
SELECT m.id, r.zone, (r.previous * 1000)::bigint, (r.current * 1000)::bigint,
       CASE WHEN r.days > 0 THEN (c.counted * 1000)::bigint END,
       CASE WHEN r.days > 0 AND c.counted IS NOT NULL THEN r.days END,
       (coalesce(e.volume, 0) * 1000000)::bigint,
       (%(period)s / 100 * 12 + %(period)s %% 100) - (r.previous_period / 100 * 12 + r.previous_period %% 100)
FROM unnest(%(meters)s::bigint[], %(firsts)s::boolean[]) AS o (id, is_first)
JOIN metering_meter m ON m.id = o.id
CROSS JOIN LATERAL (
    SELECT r.zone, {_LAST},
           (array_agg(r.value ORDER BY r.period, r.taken_on, r.id) FILTER (WHERE r.period < %(period)s))[1] AS oldest,
           max(r.taken_on) FILTER (WHERE r.period < %(period)s) - min(r.taken_on) FILTER (WHERE r.period < %(period)s) AS days
    FROM metering_reading r
    WHERE r.meter_id = m.id AND r.superseded_at IS NULL AND r.period BETWEEN %(since)s AND %(period)s
    GROUP BY r.zone
) r
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.previous >= r.oldest THEN r.previous - r.oldest
                WHEN 2 * (r.previous + 10::numeric ^ m.digits - r.oldest) < 10::numeric ^ m.digits
                THEN r.previous + 10::numeric ^ m.digits - r.oldest END AS counted
) c
CROSS JOIN LATERAL (
    SELECT sum(l.volume) AS volume FROM billing_charge_line l
    WHERE r.previous_period < %(before)s AND l.account_service_id = m.account_service_id
      AND l.method IN ('average', 'norm') AND l.kind NOT IN ('subscription', 'benefit')
      AND l.period BETWEEN %(since)s AND %(before)s AND l.period > r.previous_period
      AND (l.meter_id = m.id OR l.meter_id IS NULL AND o.is_first)
      AND r.zone = CASE WHEN m.zones ? l.component THEN l.component ELSE coalesce(m.zones ->> 0, r.zone) END
) e
"""


HAS_OWN_VOLUME: Final = (
    pl.col("plan_id").is_not_null() & pl.col("structure").is_in(BY_VOLUME) & (pl.col("volume_of") == "")
)
"""Accounts whose volume is found by meter, norm or share: neither without one nor repeating others'."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the rules need about a range of buildings for a month."""

    accounts: pl.DataFrame
    people: pl.DataFrame
    rates: pl.DataFrame
    meters: pl.DataFrame
    average_months: int
    relief: Relief | None  # None where nobody has a benefit


def read_inputs(
    *,
    town_id: int,
    period: Period,
    low: int,
    high: int,
    only_premises_id: int | None = None,
    modes: tuple[str, ...] = ("calculated",),
    typed: pl.DataFrame | None = None,
) -> Inputs:
    """Inputs of the buildings with ids `low..high`, as of now; call it in the transaction that writes the result.

    `only_premises_id`: one home of them, for a what-if; leave it out where a building's meter is shared out.
    `modes`: a what-if prices imported services too, where their tariff is known.
    `typed`: readings (meter_id, zone, typed_e3) that a what-if takes for the month's own.
    """
    rules = rule_parameters(
        codes=["average_window_months", "average_months", "verification_grace_days"],
        town_id=town_id,
        on=period.first_day,
    )
    parameters: dict[str, Any] = {
        "town": town_id,
        "period": int(period),
        "before": int(period.previous),
        # The value at the end of the month before the window is where its first month begins.
        "since": int(period.shift(-1 - int(rules["average_window_months"]))),
        "first_day": period.first_day,
        "last_day": period.last_day,
        "low": low,
        "high": high,
        "modes": list(modes),
        "only": only_premises_id,
        "grace": int(rules["verification_grace_days"]),
    }
    few = only_premises_id is not None
    homes = _ONE_HOME if few else _HOMES
    accounts = read_frame(
        query=_ACCOUNTS_SQL.replace("{homes}", homes), parameters=parameters, schema=ACCOUNTS, few=few
    )
    parameters["services"] = id_array(accounts.filter(HAS_OWN_VOLUME)["account_service_id"])
    return Inputs(
        accounts=accounts,
        people=read_frame(query=_PEOPLE_SQL.replace("{homes}", homes), parameters=parameters, schema=PEOPLE, few=few),
        rates=read_frame(query=_RATES_SQL, parameters=parameters, schema=RATES, few=few),
        meters=_read_meters(parameters, typed, few=few),
        average_months=int(rules["average_months"]),
        relief=_read_relief(accounts, town_id, parameters, few=few),
    )


def _read_relief(accounts: pl.DataFrame, town_id: int, parameters: dict[str, Any], *, few: bool) -> Relief | None:
    """One query where nobody has a benefit; the terms are those of the month's first day."""
    asked = {**parameters, "accounts": id_array(accounts["account_id"].drop_nulls().unique().sort())}
    holders = read_frame(query=_HOLDERS_SQL, parameters=asked, schema=HOLDERS, few=few)
    return relief(holders=holders, town_id=town_id, on=parameters["first_day"]) if holders.height else None


_IS_PLAIN: Final = [
    (pl.col("current_e3") >= pl.col("previous_e3")).fill_null(value=False).alias("is_plain"),
    (pl.col("meter_id") == pl.col("meter_id").min().over("account_service_id")).alias("is_first"),
]
_HAS_OTHERS: Final = pl.col("is_plain").sum().over("meter_id") < pl.col("zones")
_HAS_VALUE: Final = pl.col("previous_e3").is_not_null() & (pl.col("is_standing") | pl.col("current_e3").is_not_null())


@cache
def _plain(period: int) -> list[pl.Expr]:
    known = {
        "average_e3": pl.lit(None, _I),
        "average_days": pl.lit(None, _I),
        "estimated_e6": pl.lit(0, _I),
        "months_without": _month_number(pl.lit(period)) - _month_number(pl.col("previous_period")),
    }
    return [known.get(name, pl.col(name)).cast(kind).alias(name) for name, kind in METERS.items()]


def _read_meters(parameters: dict[str, Any], typed: pl.DataFrame | None, *, few: bool) -> pl.DataFrame:
    """Registers (`METERS`) that have a value to count from; a removed meter's only in the month of its last reading."""
    found = read_frame(query=_REGISTERS_SQL, parameters=parameters, schema=_REGISTERS, few=few)
    found = _with_typed(found, typed).with_columns(_IS_PLAIN)
    plain = found.filter("is_plain").select(_plain(parameters["period"]))
    others = found.filter(_HAS_OTHERS)
    if others.height == 0:
        return plain
    rest = _read_history(others, parameters, few=few).join(plain, on=["meter_id", "zone"], how="anti")
    return pl.concat([plain, _with_typed(rest, typed).filter(_HAS_VALUE).select(list(METERS))])


def _read_history(others: pl.DataFrame, parameters: dict[str, Any], *, few: bool) -> pl.DataFrame:
    """Every register of the meters in `others` with what its last year of readings and estimates tells."""
    asked = (
        others.select("account_service_id", "meter_id", "digits", "is_valid", "is_standing", "is_first")
        .unique("meter_id")
        .sort("meter_id")
    )
    history = read_frame(
        query=_HISTORY_SQL,
        parameters={
            **parameters,
            "meters": id_array(asked["meter_id"]),
            "firsts": asked["is_first"].to_list(),
        },
        schema=_HISTORY,
        few=few,
    )
    return history.join(asked, on="meter_id")


def _with_typed(registers: pl.DataFrame, typed: pl.DataFrame | None) -> pl.DataFrame:
    if typed is None:
        return registers
    return registers.join(typed, on=["meter_id", "zone"], how="left").with_columns(
        current_e3=pl.coalesce("typed_e3", "current_e3")
    )


def _month_number(period: pl.Expr) -> pl.Expr:
    return period // 100 * 12 + period % 100
