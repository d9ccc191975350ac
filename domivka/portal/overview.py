"""The home page: the answer first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from domivka.homes.api import HomeView
from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.ledger.api import Turnover
from domivka.metering.api import MeterView
from domivka.payments import api as payments
from domivka.payments.api import RecentPayment
from domivka.portal import bills
from domivka.portal.bills import Bill
from domivka.portal.figures import Figure, columns_figure
from domivka.portal.readings import Meters, meters_of
from domivka.portal.rules.charts import Series

_MONTHS = 12
_LAST_PAYMENTS = 3


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the home page says."""

    bill: Bill
    overdue: Money  # what should have been paid already
    overdue_since: dt.date | None
    due_on: dt.date | None  # the next day to pay by
    payments: tuple[RecentPayment, ...]
    chart: Figure | None
    meters: Meters
    verification: tuple[MeterView, ...]  # expired or soon to expire


def overview(*, home: HomeView, today: dt.date) -> Overview:
    bill = bills.bill_of(premises_id=home.premises_id, today=today, months=_MONTHS)
    meters = meters_of(services=[row.service for row in bill.rows], today=today)
    current = Period.of(today)
    paid = payments.recent_payments(
        premises_id=home.premises_id, first=current.shift(-_MONTHS), last=current, limit=_LAST_PAYMENTS
    )
    return Overview(
        bill=bill,
        overdue=bill.overdue(today),
        overdue_since=bill.overdue_since(today),
        due_on=bill.due_on(today),
        payments=tuple(paid),
        meters=meters,
        verification=tuple(meters.verification_due(today)),
        chart=year_chart(turnovers=bill.turnovers, last=bill.period, months=_MONTHS) if bill.turnovers else None,
    )


def short_month(period: Period) -> str:
    """«жов»."""
    return month(period)[:3]


def year_chart(*, turnovers: Sequence[Turnover], last: Period, months: int) -> Figure:
    """Charged and paid by month of all services together (features.md C15)."""
    periods = list(last.shift(1 - months).through(last))
    of = {one.period: one for one in turnovers}
    charged = [of[period].charged if period in of else ZERO for period in periods]
    paid = [of[period].paid if period in of else ZERO for period in periods]
    series = [
        Series(_("Нараховано"), [one.hryvnias for one in charged], [str(one) for one in charged]),
        Series(_("Сплачено"), [one.hryvnias for one in paid], [str(one) for one in paid], tone=2),
    ]
    return columns_figure(
        id="year",
        caption=_("Нараховано і сплачено за рік"),
        summary=_("Стовпчики нарахованого і сплаченого за %(count)s місяців; числа – у таблиці під графіком.")
        % {"count": months},
        first_column=_("Місяць"),
        labels=[month(period) for period in periods],
        short_labels=[short_month(period) for period in periods],
        series=series,
        unit=_("грн"),
        highlight=len(periods) - 1,
        total=[_("Разом"), str(bills.total(charged)), str(bills.total(paid))],
    )
