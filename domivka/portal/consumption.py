"""Yearly charts of what was used: charged volumes, and readings for months that are not charged from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from domivka.billing.api import LineView
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month, volume
from domivka.metering.api import Consumption
from domivka.portal.figures import Figure, columns_figure
from domivka.portal.rules.charts import Series
from domivka.registry.api import ServiceView
from domivka.registry.models import Unit

MEASURED: Final = {"meter", "average", "norm", "building_share", "imported"}
"""Ways of getting a volume that mean something was used; an area or a number of people is not consumption."""
UNITS: Final = {Unit.M3, Unit.KWH, Unit.GCAL}


def consumption_charts(
    *, services: Sequence[ServiceView], lines: Sequence[LineView], readings: Sequence[Consumption], last: Period
) -> list[Figure]:
    """A figure for each service that is measured, with at least one month known, this year beside the year before."""
    used: dict[tuple[int, Period], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.kind == "charge" and line.method in MEASURED and line.component != "constant":
            used[line.account_service_id, line.period] += line.volume
    charged = set(used)
    for one in readings:
        if one.volume is not None and (one.account_service_id, one.period) not in charged:
            used[one.account_service_id, one.period] += one.volume
    figures = []
    for service in services:
        known = {period: amount for (owner, period), amount in used.items() if owner == service.account_service_id}
        if service.unit_code in UNITS and any(known.values()):
            figures.append(_figure(service, known, last))
    return figures


def _figure(service: ServiceView, known: dict[Period, Decimal], last: Period) -> Figure:
    periods = list(last.shift(-11).through(last))
    series = [_series(_("Цей рік"), [known.get(period) for period in periods], 1)]
    before = [known.get(period.shift(-12)) for period in periods]
    if any(value is not None for value in before):
        series.append(_series(_("Рік тому"), before, 2))
    return columns_figure(
        id=f"used_{service.account_service_id}",
        caption=_("%(service)s: спожито за рік") % {"service": service.name},
        summary=_("Стовпчики спожитого за 12 місяців; числа – у таблиці під графіком."),
        first_column=_("Місяць"),
        labels=[month(period) for period in periods],
        short_labels=[month(period)[:3] for period in periods],
        series=series,
        unit=service.unit,
        highlight=len(periods) - 1,
    )


def _series(name: str, values: Sequence[Decimal | None], tone: int) -> Series:
    return Series(name, values, [volume(value) for value in values], tone)
