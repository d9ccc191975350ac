"""Reading issued bills."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.registry.models import Premises
from domivka.statements.content import BillContent, from_json
from domivka.statements.fill import bills_pdf
from domivka.statements.look import look_of
from domivka.statements.models import Bill


class BillNotFound(NotFoundError):
    """No bill was issued for this month."""

    def __str__(self) -> str:
        return _("Рахунка за цей місяць ще немає.")


@dataclass(frozen=True, slots=True)
class BillView:
    period: Period
    number: str
    issued_at: dt.datetime
    due_on: dt.date
    to_pay: Money
    on_paper: bool  # whether the home gets its next bills on paper


def bills_of(*, premises_id: int, limit: int = 36) -> list[BillView]:
    """Issued bills, newest first; one query."""
    rows = (
        Bill.objects.filter(premises_id=premises_id)
        .select_related("premises")
        .order_by("-period")
        .defer("content")[:limit]
    )
    return [
        BillView(row.period, row.number, row.issued_at, row.due_on, Money(row.to_pay_kop), row.premises.paper_bill)
        for row in rows
    ]


def bill_content(*, premises_id: int, period: Period | None = None) -> BillContent:
    """What the bill of a month says (the newest when None). Raises `BillNotFound`."""
    rows = Bill.objects.filter(premises_id=premises_id).order_by("-period")
    if period is not None:
        rows = rows.filter(period=period)
    row = rows.first()
    if row is None:
        raise BillNotFound(premises_id)
    return from_json(row.content)


def bill_pdf(*, premises_id: int, period: Period | None = None) -> bytes:
    """The bill as PDF, made from its frozen content. Raises `BillNotFound`."""
    town_id = Premises.objects.values_list("town_id", flat=True).get(pk=premises_id)
    return bills_pdf([bill_content(premises_id=premises_id, period=period)], look=look_of(town_id=town_id))


def paper_bills(*, town_id: int, period: Period) -> list[int]:
    """Ids of the bills of a month that go on paper: homes that opted out are left out."""
    wanted = Premises.objects.filter(town_id=town_id, paper_bill=True)
    return list(Bill.objects.filter(period=period, premises__in=wanted).order_by("pk").values_list("pk", flat=True))
