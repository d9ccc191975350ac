"""What bills are made of, read for a range of homes: a fixed number of queries whatever the range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from domivka.kernel.frames import read_frame
from domivka.kernel.period import Period
from domivka.registry.models import BankAccount, ProviderService, Unit

_I = pl.Int64
_S = pl.String

MONTHS: Final = tuple(f"month_{n}" for n in range(12))
SERVICES: Final = {
    "account_service_id": _I, "premises_id": _I, "supply_id": _I, "account_number": _S, "closing": _I,
    "opening": _I, "charged": _I, "penalty": _I, "correction": _I, "subsidy": _I, "benefit": _I, "paid": _I,
    **dict.fromkeys(MONTHS, _I),
}  # fmt: skip
# A household's account has one row a month, so the largest is the one: `sum` would reckon in decimals, at twice the time.
_HISTORY: Final = ", ".join(
    f"coalesce(max(charged_kop + subscription_kop) FILTER (WHERE period = %({month})s), 0) AS {month}"
    for month in MONTHS
)
# By index from one home, step by step (OFFSET 0 keeps it so): the size of the tables does not change what a range costs.
_SERVICES_SQL: Final = f"""
SELECT s.id, p.id, s.provider_service_id, a.number, b.closing, b.closing - b.moved, b.month_11, b.penalty, b.correction,
       b.subsidy, b.benefit, b.paid, {", ".join(f"b.{month}" for month in MONTHS)}
FROM (
    SELECT id FROM registry_premises p WHERE town_id = %(town)s AND id BETWEEN %(first)s AND %(last)s
      AND NOT EXISTS (SELECT FROM statements_bill WHERE premises_id = p.id AND period = %(period)s) OFFSET 0
) p
CROSS JOIN LATERAL (SELECT id, number FROM registry_personalaccount WHERE premises_id = p.id OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT id, provider_service_id FROM registry_accountservice
    WHERE account_id = a.id AND opened_on <= %(last_day)s AND (closed_on IS NULL OR closed_on >= %(last_day)s) OFFSET 0
) s
JOIN registry_providerservice ps ON ps.id = s.provider_service_id
JOIN registry_service sv ON sv.id = ps.service_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(net_kop), 0)::bigint AS closing,
           coalesce(max(net_kop - opening_kop) FILTER (WHERE period = %(period)s), 0) AS moved,
           coalesce(max(penalty_kop) FILTER (WHERE period = %(period)s), 0) AS penalty,
           coalesce(max(correction_kop) FILTER (WHERE period = %(period)s), 0) AS correction,
           coalesce(max(-subsidy_kop) FILTER (WHERE period = %(period)s), 0) AS subsidy,
           coalesce(max(-benefit_kop) FILTER (WHERE period = %(period)s), 0) AS benefit,
           coalesce(max(-paid_kop) FILTER (WHERE period = %(period)s), 0) AS paid,
           {_HISTORY}
    FROM ledger_balance
    WHERE account_id = (SELECT id FROM ledger_account WHERE kind = 'personal' AND owner_id = s.id)
      AND period <= %(period)s
) b
ORDER BY p.id, sv.position, ps.provider_id, a.number, s.id
"""
HOMES: Final = {
    "premises_id": _I, "kind": _S, "street": _S, "building": _S, "flat": _S, "area": _S, "heated_area": _S, "registered": _I,
    "living": _I, "holder": _S,
}  # fmt: skip
_HOMES_SQL: Final = """
SELECT p.id, st.kind, st.name, h.number, p.flat, p.area_m2, p.heated_area_m2, coalesce(o.registered, 0), coalesce(o.living, 0),
       a.holder
FROM unnest(%(homes)s::bigint[]) AS wanted (id)
JOIN registry_premises p ON p.id = wanted.id
JOIN registry_building h ON h.id = p.building_id
JOIN registry_street st ON st.id = h.street_id
LEFT JOIN LATERAL (
    SELECT registered, living FROM registry_occupancy WHERE premises_id = p.id AND valid_from <= %(last_day)s
    ORDER BY valid_from DESC LIMIT 1
) o ON true
LEFT JOIN LATERAL (
    SELECT holder FROM registry_personalaccount WHERE premises_id = p.id AND closed_on IS NULL AND holder <> ''
    ORDER BY id LIMIT 1
) a ON true
WHERE NOT EXISTS (SELECT FROM statements_bill WHERE premises_id = p.id AND period = %(period)s)
ORDER BY p.id
"""
LINES: Final = {
    "account_service_id": _I, "kind": _S, "component": _S, "method": _S, "meter": _S, "previous": _S, "current": _S,
    "difference": _S, "volume": _S, "price": _S, "amount_kop": _I,
}  # fmt: skip
# Readings are shown where the register was read; lines of an import that was undone are left out.
_LINES_SQL: Final = """
SELECT l.account_service_id, l.kind, l.component, l.method, m.number,
       CASE WHEN l.current_value <> 0 THEN l.previous_value END, CASE WHEN l.previous_value IS NOT NULL THEN nullif(l.current_value, 0) END,
       CASE WHEN l.current_value <> 0 THEN l.current_value - l.previous_value END,
       l.volume, l.price * l.coefficient, l.amount_kop
FROM unnest(%(services)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT * FROM billing_charge_line WHERE account_service_id = wanted.id AND period = %(period)s AND corrects_id IS NULL
      AND kind IN ('charge', 'subscription') OFFSET 0
) l
LEFT JOIN metering_meter m ON m.id = l.meter_id
WHERE l.import_batch_id IS NULL OR (
    SELECT undo.id FROM billing_charge_line undo WHERE undo.account_service_id = l.account_service_id
      AND undo.period = l.period AND undo.import_batch_id IS NOT NULL AND undo.corrects_id = l.id LIMIT 1
) IS NULL
ORDER BY l.account_service_id, l.id
"""
METERS: Final = {"account_service_id": _I, "number": _S, "registers": _I}
_METERS_SQL: Final = """
SELECT account_service_id, number, greatest(jsonb_array_length(zones), 1) FROM metering_meter
WHERE account_service_id = ANY(%(services)s) AND installed_on <= %(last_day)s
  AND (removed_on IS NULL OR removed_on > %(last_day)s)
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Supply:
    """What bills say of a provider's service: the same for a whole town, so there are few. `iban` is empty where the
    provider gave no bank account."""

    provider_id: int
    provider: str
    short_name: str
    edrpou: str
    phone: str
    service: str
    unit: str
    due_day: int
    iban: str
    bank: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Services of homes without a bill of the month in the order of their bills, with what belongs to them."""

    services: pl.DataFrame
    lines: pl.DataFrame
    meters: pl.DataFrame
    supplies: dict[int, Supply]


def read_inputs(*, town_id: int, period: Period, first: int, last: int) -> Inputs:
    """All that bills of the premises `first..last` say of money and meters; premises without services are not there."""
    place = {"town": town_id, "first": first, "last": last, "period": int(period), "last_day": period.last_day}
    months = {name: int(month) for name, month in zip(MONTHS, period.shift(-11).through(period), strict=True)}
    services = read_frame(query=_SERVICES_SQL, parameters={**place, **months}, schema=SERVICES)
    of_them = {**place, "services": services["account_service_id"].to_list()}
    return Inputs(
        services,
        read_frame(query=_LINES_SQL, parameters=of_them, schema=LINES),
        read_frame(query=_METERS_SQL, parameters=of_them, schema=METERS),
        _supplies(services["supply_id"].unique().to_list()),
    )


def read_homes(*, premises_ids: list[int], period: Period) -> pl.DataFrame:
    """Addresses and people of those of these premises that have no bill of the month, in the order of their ids."""
    parameters: dict[str, Any] = {"homes": premises_ids, "period": int(period), "last_day": period.last_day}
    return read_frame(query=_HOMES_SQL, parameters=parameters, schema=HOMES)


def _supplies(ids: list[int]) -> dict[int, Supply]:
    rows = ProviderService.objects.filter(pk__in=ids).select_related("provider", "service")
    accounts = BankAccount.objects.filter(provider__in={row.provider_id for row in rows})
    banks = {(bank.provider_id, bank.service_id): (bank.iban, bank.bank_name) for bank in accounts}
    return {row.pk: _supply(row, banks) for row in rows}


def _supply(row: ProviderService, banks: dict[tuple[int, int | None], tuple[str, str]]) -> Supply:
    provider, of_all = row.provider, banks.get((row.provider_id, None), ("", ""))
    iban, bank = banks.get((row.provider_id, row.service_id), of_all)
    return Supply(
        provider.pk, provider.name, provider.short_name, provider.edrpou, provider.phone, row.service.name,
        str(Unit(row.service.unit).label), row.due_day, iban, bank,
    )  # fmt: skip
