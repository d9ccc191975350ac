"""A provider's benefits: who has them, what they covered in a month, what they are worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from domivka.billing import api as billing
from domivka.kernel import spreadsheet
from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.registry.models import ProviderService, Unit
from domivka.registry.rules.folding import fold
from domivka.tariffs import api as tariffs
from domivka.tariffs.api import BenefitView
from domivka.tariffs.models import Benefit

PAGE_SIZE: Final = 50
STATES: Final = ("current", "ended", "all")


@dataclass(frozen=True, slots=True)
class BenefitRow:
    """A line of the list."""

    benefit: BenefitView
    account_id: int
    account_number: str
    premises_id: int
    address: str


@dataclass(frozen=True, slots=True)
class CategorySum:
    """What a category's benefits covered in a month."""

    code: str
    name: str
    accounts: int
    covered: Money


@dataclass(frozen=True, slots=True)
class Terms:
    """A service of the provider with its norm and the per cents of the categories that are covered."""

    service: str
    unit: str
    norm: tariffs.NormView | None
    percents: list[tariffs.PercentView]


def benefit_list(
    *, provider_id: int, text: str, state: str, today: dt.date, page: int | None = None
) -> tuple[list[BenefitRow], int]:
    """Benefits of the provider's accounts by number and how many there are; all of them without a page. Three queries."""
    found = _found(provider_id, text, state, today).order_by("account__number", "-valid_from", "pk")
    total = found.count()
    shown = found if page is None else found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = list(shown.select_related("account"))
    views = registry.premises_views(premises_ids=[row.account.premises_id for row in rows])
    return [
        BenefitRow(
            benefit=tariffs.benefit_view(row),
            account_id=row.account_id,
            account_number=row.account.number,
            premises_id=row.account.premises_id,
            address=views[row.account.premises_id].short_address,
        )
        for row in rows
    ], total


def _found(provider_id: int, text: str, state: str, today: dt.date) -> QuerySet[Benefit]:
    found = Benefit.objects.filter(account__provider_id=provider_id)
    if state == "current":
        found = found.filter(
            Q(valid_to=None) | Q(valid_to__gt=today), Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
        )
    elif state == "ended":
        found = found.filter(Q(valid_to__lte=today) | Q(valid_to=F("valid_from")))
    for word in text.replace(",", " ").split()[:6]:
        found = found.filter(Q(account__number__istartswith=word) | Q(holder_key__contains=fold(word) or "\x01"))
    return found


def category_sums(*, provider_id: int, period: Period) -> list[CategorySum]:
    """What was covered in a month's charges, by category; recalculations of the month are not in it. One query."""
    found = billing.benefits_by_category(provider_id=provider_id, period=period)
    return [CategorySum(code, tariffs.category_name(code), accounts, sum_) for code, accounts, sum_ in found]


def covered(sums: Iterable[CategorySum]) -> Money:
    return sum((one.covered for one in sums), ZERO)


def benefit_csv(*, provider_id: int, rows: Sequence[BenefitRow], period: Period) -> str:
    """The list as a table for Excel: semicolons, commas in decimals. One query."""
    found = billing.benefits_by_account(provider_id=provider_id, period=period)
    lines = [spreadsheet.line([
        _("Особовий рахунок"), _("Адреса"), _("Пільговик"), _("Код категорії"), _("Категорія"), _("Людей"), _("Діє з"),
        _("Діє до"), _("Документ"), _("Дата документа"), _("Покрито за %(month)s, грн") % {"month": str(period)},
    ])]  # fmt: skip
    seen: set[tuple[int, str]] = set()
    for row in rows:
        one, key = row.benefit, (row.account_id, row.benefit.category)
        given = found.get(key, ZERO) if key not in seen else ZERO  # two holders of a category: the sum stands once
        seen.add(key)
        lines.append(spreadsheet.line([
            row.account_number, row.address, one.holder, one.category, one.category_name, one.people, _day(one.valid_from),
            one.last_day and _day(one.last_day), one.document, _day(one.document_on), given.plain().replace(".", ","),
        ]))  # fmt: skip
    return "".join(lines)


def _day(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def is_calculated(*, provider_id: int) -> bool:
    """Does anything of this provider get charged here; only that can be covered here."""
    return ProviderService.objects.filter(provider_id=provider_id, mode=ProviderService.Mode.CALCULATED).exists()


def terms_of(*, provider_id: int, town_id: int, on: dt.date) -> list[Terms]:
    """Services that are charged here with norms and per cents in the order of the categories. Three queries."""
    norms = {one.service_code: one for one in tariffs.benefit_norms(town_id=town_id, on=on)}
    percents = {(one.category, one.service_code): one for one in tariffs.benefit_percents(town_id=town_id, on=on)}
    supplied = ProviderService.objects.filter(provider_id=provider_id, mode=ProviderService.Mode.CALCULATED)
    return [
        Terms(
            service=registry.service_name(row.service.name, row.service.name_en),
            unit=str(Unit(row.service.unit).label),
            norm=norms.get(row.service.code),
            percents=[
                percents[code, row.service.code]
                for code in tariffs.benefit_categories()
                if (code, row.service.code) in percents
            ],
        )
        for row in supplied.select_related("service").order_by("service__position")
    ]
