"""Tabs of one service on a personal account, with the columns of seed S1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from domivka.homes.api import HomeView
from domivka.kernel.errors import NotFoundError
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.registry.api import ServiceView

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
