"""«Історія нарахувань»: charged, subsidy, mandatory share, paid by month, year, company (seed S0, figure 15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.ledger import api as ledger
from domivka.ledger.api import AccountState
from domivka.portal.bills import total
from domivka.registry.api import ServiceView

WHOLE_YEAR = 0


@dataclass(frozen=True, slots=True)
class HistoryRow:
    service: ServiceView
    charged: Money
    covered: Money  # subsidy and benefit
    mandatory: Money | None  # what the household itself must pay; None where there is no subsidy
    paid: Money
    penalty: Money


@dataclass(frozen=True, slots=True)
class HistoryMonth:
    period: Period
    rows: tuple[HistoryRow, ...]

    @property
    def charged(self) -> Money:
        return total(row.charged for row in self.rows)

    @property
    def penalty(self) -> Money:
        return total(row.penalty for row in self.rows)

    @property
    def covered(self) -> Money:
        return total(row.covered for row in self.rows)

    @property
    def paid(self) -> Money:
        return total(row.paid for row in self.rows)


class HistoryForm(forms.Form):
    """Which months of which company. Anything wrong in the address falls back to the last charged month."""

    month = forms.TypedChoiceField(coerce=int, required=False)
    year = forms.TypedChoiceField(coerce=int, required=False)
    provider = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)

    def __init__(self, data: dict[str, str], *, services: Sequence[ServiceView], last: Period) -> None:
        first = min((service.opened_on.year for service in services), default=last.year)
        filled = {"month": str(last.month), "year": str(last.year), **data}
        super().__init__(filled)
        words = [(number, month(Period(last.year * 100 + number)).rsplit(" ", 1)[0]) for number in range(1, 13)]
        companies = {service.provider.id: service.provider.short_name for service in services}
        self._choices("month", _("Місяць"), [(WHOLE_YEAR, _("Увесь рік")), *words])
        self._choices(
            "year", _("Рік"), [(year, str(year)) for year in range(last.year, max(first, last.year - 9) - 1, -1)]
        )
        self._choices("provider", _("Компанія"), [("", _("Усі компанії")), *companies.items()])
        self._last = last

    def _choices(self, name: str, label: str, choices: list[tuple[int | str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.label, field.choices = label, choices

    def periods(self) -> tuple[Period, Period]:
        """First and last month asked for."""
        self.is_valid()
        year = self.cleaned_data.get("year") or self._last.year
        number = self.cleaned_data.get("month", self._last.month)
        if number == WHOLE_YEAR:
            return Period(year * 100 + 1), Period(year * 100 + 12)
        return Period(year * 100 + number), Period(year * 100 + number)

    def provider_id(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("provider") or None


def months_of(
    *, services: Sequence[ServiceView], first: Period, last: Period, provider_id: int | None
) -> list[HistoryMonth]:
    """Months with movement, newest first. One query."""
    wanted = [service for service in services if provider_id in (None, service.provider.id)]
    states = ledger.account_states(
        account_service_ids=[service.account_service_id for service in wanted], first=first, last=last
    )
    found = {(state.period, state.account_service_id): state for state in states}
    periods = sorted({state.period for state in states}, reverse=True)
    return [
        HistoryMonth(
            period,
            tuple(
                _row(service, found[period, service.account_service_id])
                for service in wanted
                if (period, service.account_service_id) in found
            ),
        )
        for period in periods
    ]


def _row(service: ServiceView, state: AccountState) -> HistoryRow:
    charged = state.charged + state.subscription
    mandatory = charged - state.covered if state.covered else None
    return HistoryRow(service, charged, state.covered, mandatory, state.paid, state.penalty)
