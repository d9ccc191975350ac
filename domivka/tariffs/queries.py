"""Reading tariffs: plans with their versions, decisions, rates and what a price consists of; parameters of rules."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.utils.translation import get_language

from domivka.kernel.reads import prepared_rows
from domivka.registry.api import service_name
from domivka.registry.models import Unit
from domivka.tariffs.models import Parameter, PenaltySuspension, TariffPlan, TariffRate, TariffShare, TariffVersion
from domivka.tariffs.rules.penalty import PenaltyTerms, Suspension


@dataclass(frozen=True, slots=True)
class RateView:
    """A price in hryvnias a unit; `effective` has the zone coefficient in it."""

    component: str
    from_volume: Decimal
    price: Decimal
    coefficient: Decimal

    @property
    def effective(self) -> Decimal:
        return (self.price * self.coefficient).normalize()


@dataclass(frozen=True, slots=True)
class ShareView:
    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class VersionView:
    """A plan's prices from a date on, with the decision that set them; `valid_to` is exclusive, None is open."""

    id: int
    plan_id: int
    valid_from: dt.date
    valid_to: dt.date | None
    authority: str
    decision_number: str
    decision_on: dt.date
    decision_url: str
    rates: tuple[RateView, ...]
    shares: tuple[ShareView, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """How a provider's service is priced; versions newest first."""

    id: int
    provider_id: int
    provider_name: str
    provider_service_id: int
    service_code: str
    service_name: str
    unit: str
    code: str
    name: str
    structure: str
    versions: tuple[VersionView, ...]

    def version_on(self, day: dt.date) -> VersionView | None:
        for version in self.versions:
            if version.valid_from <= day and (version.valid_to is None or day < version.valid_to):
                return version
        return None


def plans_of(*, town_id: int, provider_id: int | None = None) -> list[PlanView]:
    """All plans of a town (or of one provider) by service, then provider. Four queries."""
    plans = TariffPlan.objects.filter(provider_service__provider__town_id=town_id)
    if provider_id is not None:
        plans = plans.filter(provider_service__provider_id=provider_id)
    rows = list(
        plans.select_related("provider_service__provider", "provider_service__service").order_by(
            "provider_service__service__position", "provider_service__provider__short_name", "code"
        )
    )
    versions: dict[int, list[VersionView]] = defaultdict(list)
    for version in _version_views(TariffVersion.objects.filter(plan__in=rows).order_by("-valid_from")):
        versions[version.plan_id].append(version)
    return [
        PlanView(
            id=row.pk,
            provider_id=row.provider_service.provider_id,
            provider_name=row.provider_service.provider.short_name,
            provider_service_id=row.provider_service_id,
            service_code=row.provider_service.service.code,
            service_name=service_name(row.provider_service.service.name, row.provider_service.service.name_en),
            unit=str(Unit(row.provider_service.service.unit).label),
            code=row.code,
            name=row.name,
            structure=row.structure,
            versions=tuple(versions[row.pk]),
        )
        for row in rows
    ]


def versions(*, version_ids: Iterable[int]) -> dict[int, VersionView]:
    """Versions by id. Three queries."""
    return {view.id: view for view in _version_views(TariffVersion.objects.filter(pk__in=set(version_ids)))}


def holds(first: dt.date, last: dt.date | None = None) -> Q:
    """Of rows with `valid_from` and an exclusive `valid_to`: those that hold on a day, or on any of `first..last`."""
    return Q(valid_from__lte=last or first) & (Q(valid_to=None) | Q(valid_to__gt=first))


def versions_in_force(*, provider_service_id: int, code: str, first: dt.date, last: dt.date) -> list[VersionView]:
    """Versions of one plan of a provider's service that hold on any day of `first..last`, oldest first. Three queries."""
    return _version_views(
        TariffVersion.objects.filter(
            holds(first, last), plan__provider_service_id=provider_service_id, plan__code=code
        ).order_by("valid_from")
    )


def _version_views(found: Iterable[TariffVersion]) -> list[VersionView]:
    rows = list(found)
    ids = [row.pk for row in rows]
    rates: dict[int, list[RateView]] = defaultdict(list)
    for rate in TariffRate.objects.filter(version__in=ids).order_by("component", "from_volume"):
        rates[rate.version_id].append(RateView(rate.component, rate.from_volume, rate.price, rate.coefficient))
    english = get_language() == "en"
    shares: dict[int, list[ShareView]] = defaultdict(list)
    for share in TariffShare.objects.filter(version__in=ids).order_by("position"):
        shares[share.version_id].append(ShareView(share.name_en if english else share.name, share.percent))
    return [
        VersionView(
            id=row.pk,
            plan_id=row.plan_id,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            authority=row.authority,
            decision_number=row.decision_number,
            decision_on=row.decision_on,
            decision_url=row.decision_url,
            rates=tuple(rates[row.pk]),
            shares=tuple(shares[row.pk]),
        )
        for row in rows
    ]


@cache
def national_file() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(resources.files("domivka.tariffs").joinpath("national.toml").read_text())


@cache
def _national() -> tuple[tuple[str, dt.date, dt.date, Decimal], ...]:
    """(code, valid from, valid to, value) of the whole country, newest first."""
    rows = [
        (e["code"], e["valid_from"], e.get("valid_to", dt.date.max), Decimal(e["value"]))
        for e in national_file()["parameter"]
    ]
    return tuple(sorted(rows, key=lambda row: row[1], reverse=True))


def parameter(*, code: str, town_id: int, on: dt.date) -> Decimal:
    """The value of a rule's parameter on a day: the town's own, else the country's (`national.toml`).
    Raises `LookupError`."""
    return parameters(codes=[code], town_id=town_id, on=on)[code]


_IN_FORCE = """
SELECT code, value FROM tariffs_parameter
WHERE town_id = %(town)s AND code = ANY(%(codes)s::text[]) AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s)
ORDER BY valid_from
"""


def parameters(*, codes: Collection[str], town_id: int, on: dt.date) -> dict[str, Decimal]:
    """Values of several parameters on a day, as `parameter`; one query. Raises `LookupError`."""
    found = {code: value for code, valid_from, valid_to, value in reversed(_national()) if valid_from <= on < valid_to}
    found.update(prepared_rows(_IN_FORCE, {"town": town_id, "codes": list(codes), "on": on}))
    return {code: found[code] for code in codes}


def parameter_source(*, code: str, town_id: int, on: dt.date) -> str:
    """Where the value of a parameter on a day is from: a town's decision, else the country's law. One query."""
    own = Parameter.objects.filter(holds(on), town_id=town_id, code=code)
    found = own.order_by("-valid_from").values_list("source", flat=True).first()
    if found is not None:
        return found
    known = [
        e
        for e in national_file()["parameter"]
        if e["code"] == code and e["valid_from"] <= on < e.get("valid_to", dt.date.max)
    ]
    return str(max(known, key=lambda e: e["valid_from"])["source"]) if known else ""


def penalty_terms(*, town_id: int, on: dt.date) -> PenaltyTerms:
    """Rate and cap of penalty on a day; one query. Raises `LookupError` for a day before the law."""
    codes = ("penalty_daily_percent", "penalty_cap_percent", "penalty_due_day_moves")
    daily, cap, moves = parameters(codes=codes, town_id=town_id, on=on).values()
    return PenaltyTerms(daily_percent=daily, cap_percent=cap, due_day_moves=bool(moves))


def penalty_suspensions(*, katottg: str) -> list[Suspension]:
    """Spans in which no penalty grows in a town, the country's and its own, oldest first. One query."""
    national = [
        Suspension(e["first_on"], e.get("last_on"))
        for e in national_file().get("suspension", [])
        if katottg.startswith(e.get("katottg", ""))
    ]
    own = PenaltySuspension.objects.annotate(code=Value(katottg, output_field=CharField())).filter(
        code__startswith=F("katottg")
    )
    found = [Suspension(first, last) for first, last in own.values_list("first_on", "last_on")]
    return sorted([*national, *found], key=lambda span: span.first_on)
