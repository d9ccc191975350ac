"""Tabs of one service on a personal account, with the columns of seed S1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from domivka.billing.api import LineView
from domivka.homes.api import HomeView
from domivka.kernel.errors import NotFoundError
from domivka.kernel.period import Period
from domivka.portal.rules.numbers import price_text
from domivka.registry import api as registry
from domivka.registry.api import PremisesView, ServiceView
from domivka.tariffs import api as tariffs
from domivka.tariffs.api import PlanView

TABS: Final = {
    "state": _("Стан рахунків"),
    "services": _("Послуги"),
    "payments": _("Оплата"),
    "consumption": _("Споживання"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """The months of a tab: one year, with the years one can turn to."""

    first: Period
    last: Period
    newer: int | None
    older: int | None

    @property
    def year(self) -> int:
        return self.first.year


def account_of(*, home: HomeView, account_service_id: int) -> ServiceView:
    """One service of this home, open or closed; `NotFoundError` for any other."""
    found = registry.services_by_id(account_service_ids=[account_service_id]).get(account_service_id)
    if found is None or found.premises_id != home.premises_id:
        raise NotFoundError
    return found


def span_of(*, wanted: str, service: ServiceView, current: Period) -> Span:
    """The year asked for, kept between the account's opening and this year."""
    oldest = min(service.opened_on.year, current.year)
    year = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 else current.year
    year = min(max(year, oldest, current.year - 20), current.year)
    return Span(
        first=Period(year * 100 + 1),
        last=min(Period(year * 100 + 12), current),
        newer=year + 1 if year < current.year else None,
        older=year - 1 if year > oldest else None,
    )


def price_words(lines: Sequence[LineView], period: Period) -> str:
    """The price of a month's charge: «30,128», or «2,16–4,32» where parts of it cost differently."""
    prices = sorted({line.unit_price for line in lines if line.period == period and line.kind == "charge"})
    if not prices:
        return ""
    return price_text(prices[0]) if len(prices) == 1 else f"{price_text(prices[0])}–{price_text(prices[-1])}"


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A row of the tab «Послуги» (seed S1): «водовідведення по лічильнику, лютий 2023, 30,40, 200,20, 2»."""

    name: str
    line: LineView
    residents: int | None


def service_line(service: ServiceView, premises: PremisesView, line: LineView) -> ServiceLine:
    is_act = line.recalculation_id is not None
    plain = is_act or line.component in ("subscription", "penalty") or line.method in ("imported", "penalty")
    how = "" if plain or line.kind == "benefit" else line.method_words
    words = ", ".join(word for word in (service.name, line.component_words) if word)
    residents = int(line.volume) if line.method == "persons" else premises.living
    if line.kind == "benefit" and line.base is not None:
        residents = int(line.base)  # whom the benefit covers
    return ServiceLine(
        f"{words} {how}".strip(), line, None if is_act or line.method in ("fixed", "penalty") else residents
    )


def plan_of(service: ServiceView, plans: Sequence[PlanView]) -> PlanView | None:
    """The tariff plan of a service: its own, else the provider's ordinary one."""
    own = [plan for plan in plans if plan.provider_service_id == service.provider_service_id]
    named = [plan for plan in own if plan.code == service.tariff_code]
    return next(iter(named or own), None)


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """A benefit among the data that charging uses; `percent` is None where it does not cover the service. No names: whose
    benefit it is, the household knows."""

    code: str
    name: str
    percent: Decimal | None
    people: int
    last_day: dt.date | None


def benefits_in_force(home: HomeView, service: ServiceView, today: dt.date) -> list[BenefitLine]:
    """Benefits of the service's account on a day; one query, two where there is one."""
    found = tariffs.benefits_of(account_ids=[service.account_id], on=today)
    if not found or service.mode != "calculated":
        return []
    percents = {
        one.category: one.percent
        for one in tariffs.benefit_percents(town_id=home.town_id, on=today)
        if one.service_code == service.service_code
    }
    return [
        BenefitLine(one.category, one.category_name, percents.get(one.category), one.people, one.last_day)
        for one in found
    ]
