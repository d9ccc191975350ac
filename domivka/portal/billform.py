"""The form «Рахунок до сплати»: what is ticked, which sums were typed. The server recomputes the total every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from domivka.kernel.money import Money
from domivka.portal.bills import Bill, BillRow
from domivka.portal.readings import MeteredService, Meters, RegisterInput
from domivka.portal.rules.inputs import NotANumber, parse_money

PICK = "pick"


@dataclass(frozen=True, slots=True)
class FormRow:
    """A service of the bill with what the person chose for it."""

    row: BillRow
    ticked: bool
    text: str  # what stands in the field
    error: str
    kop: int  # what will be paid: 0 where not ticked
    metered: MeteredService | None = None

    @property
    def metered_open(self) -> bool:
        """Something was typed or is wrong: the fields stand open."""
        return self.metered is not None and any(
            one.value is not None or one.error or one.warning for one in self.metered.inputs
        )

    @property
    def id(self) -> int:
        return self.row.service.account_service_id


@dataclass(frozen=True, slots=True)
class BillForm:
    rows: tuple[FormRow, ...]

    @property
    def total(self) -> Money:
        return Money(sum(row.kop for row in self.rows))

    @property
    def amounts(self) -> dict[int, int]:
        """Account service → kopiykas, ticked services only."""
        return {row.id: row.kop for row in self.rows if row.kop}

    @property
    def reading_problems(self) -> list[RegisterInput]:
        return [one for row in self.rows if row.metered for one in Meters((row.metered,)).problems]

    @property
    def is_valid(self) -> bool:
        return not any(row.error for row in self.rows)


def with_meters(form: BillForm, meters: Meters) -> BillForm:
    """The form with the fields of each service's meters."""
    return BillForm(tuple(replace(row, metered=meters.of(row.id)) for row in form.rows))


def sum_field(account_service_id: int) -> str:
    return f"sum_{account_service_id}"


def shown(amount: Money) -> str:
    """How a sum stands in a field: «1264,70», so that it can be edited; nothing for an overpayment."""
    return amount.plain().replace(".", ",") if amount.kop > 0 else ""


def fresh(bill: Bill) -> BillForm:
    """As the page opens: every debt ticked with its whole sum."""
    return BillForm(
        tuple(FormRow(row, row.to_pay.kop > 0, shown(row.to_pay), "", max(row.to_pay.kop, 0)) for row in bill.rows)
    )


def typed(bill: Bill, *, picks: set[str], data: Mapping[str, str]) -> BillForm:
    """As it was sent. A sum that cannot be read is an error on its row and counts for nothing."""
    return BillForm(tuple(_typed_row(row, picks, data) for row in bill.rows))


def _typed_row(row: BillRow, picks: set[str], data: Mapping[str, str]) -> FormRow:
    number = row.service.account_service_id
    ticked, text = str(number) in picks, data.get(sum_field(number), "")
    try:
        kop, error = parse_money(text), ""
    except NotANumber:
        kop, error = 0, _("Це не сума. Введіть гривні й копійки, наприклад 274,42.")
    return FormRow(row, ticked, text, error if ticked else "", kop if ticked else 0)
