"""Reading charges: the lines of a month, and the bill for readings typed now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from domivka.billing.frames import read_inputs
from domivka.billing.rating import rate
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.reads import prepared_rows
from domivka.registry.models import Premises


@dataclass(frozen=True, slots=True)
class LineView:
    """A priced line with all its inputs. `price` is hryvnias a unit, `volume` in the service's unit; `days` is None where
    the line covers the whole month; `id` is None for a what-if. `base`, `base_kind`, `base_total` and `source_volume` are
    what the volume was made of: see `metering.rules.volumes.VOLUMES`, of a benefit `tariffs.rules.benefits.relieve`."""

    id: int | None
    period: Period
    account_service_id: int
    kind: str
    component: str
    structure: str
    method: str
    meter_id: int | None
    previous_value: Decimal | None
    current_value: Decimal | None
    base: Decimal | None
    base_kind: str
    base_total: Decimal | None
    source_volume: Decimal | None
    volume: Decimal
    price: Decimal
    coefficient: Decimal
    days: int | None
    amount: Money
    tariff_version_id: int | None
    import_batch_id: int | None
    corrects_id: int | None
    recalculation_id: int | None = None

    @property
    def is_undo(self) -> bool:
        """Does it take back a line of an import."""
        return self.import_batch_id is not None and self.corrects_id is not None

    @property
    def unit_price(self) -> Decimal:
        """Hryvnias a unit with the zone's coefficient in it."""
        return self.price * self.coefficient

    @property
    def component_words(self) -> str:
        """What part of the sum the line is; empty where there is only one."""
        if self.component == "correction" and self.kind == "penalty":
            return _("перерахунок пені")
        if self.component == "single" and self.kind != "charge":
            return component_words(self.kind)
        words = component_words(self.component)
        return f"{component_words(self.kind)}, {words}" if self.kind == "benefit" else words

    @property
    def method_words(self) -> str:
        return method_words(self.method)


def component_words(component: str) -> str:
    """What part of the price a line is."""
    return {
        "single": "",
        "day": _("день"),
        "night": _("ніч"),
        "peak": _("пік"),
        "half_peak": _("напівпік"),
        "block": _("блок споживання"),
        "variable": _("за спожите"),
        "constant": _("умовно-постійна частина"),
        "subscription": _("абонентська плата"),
        "correction": _("перерахунок"),
        "penalty": _("пеня"),
        "outage": _("перерахунок за перерву"),
        "absence": _("перерахунок за відсутність"),
        "benefit": _("пільга"),
    }.get(component, component)


def method_words(method: str) -> str:
    """How the volume was obtained."""
    return {
        "meter": pgettext("volume", "за лічильником"),
        "average": pgettext("volume", "за середнім споживанням"),
        "norm": pgettext("volume", "за нормою"),
        "building_share": pgettext("volume", "частка будинкового лічильника"),
        "area": pgettext("volume", "за площею"),
        "persons": pgettext("volume", "за кількістю людей"),
        "fixed": pgettext("volume", "щомісячна сума"),
        "yearly": pgettext("volume", "дванадцята частина річного обсягу"),
        "imported": pgettext("volume", "нарахував надавач послуги"),
        "penalty": pgettext("volume", "за днями боргу"),
    }[method]


_LINES = """
SELECT id, period, account_service_id, kind, component, structure, method, meter_id, previous_value, current_value, base,
       base_kind, base_total, source_volume, volume, price, coefficient, days, amount_kop, tariff_version_id, import_batch_id, corrects_id,
       recalculation_id
FROM billing_charge_line
WHERE account_service_id = ANY(%s) AND period BETWEEN %s AND %s
ORDER BY period DESC, account_service_id, id
"""


def charge_lines(*, account_service_ids: Iterable[int], first: Period, last: Period) -> list[LineView]:
    """Lines of the months `first..last`, newest month first; one query. Lines of an import or a recalculation that was
    undone and the lines that took them back are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [list(account_service_ids), int(first), int(last)])
        rows = cursor.fetchall()
    lines = [
        LineView(*[row[0], Period(row[1]), *row[2:18], Money(row[18]), *row[19:]])  # columns in the order of the fields
        for row in rows
    ]
    recalculated = {line.id for line in lines if line.recalculation_id is not None}
    undoing = [line for line in lines if line.is_undo or line.corrects_id in recalculated]
    gone = {line.id for line in undoing} | {line.corrects_id for line in undoing}
    return [line for line in lines if line.id not in gone]


_PLACE = """
SELECT p.town_id, p.building_id, EXISTS (
    SELECT FROM metering_buildingmeter m JOIN metering_buildingvolume v ON v.meter_id = m.id
    WHERE m.building_id = p.building_id AND v.period = %s)
FROM registry_premises p WHERE p.id = %s
"""


def what_if(*, premises_id: int, period: Period, readings: Mapping[tuple[int, str], Decimal]) -> list[LineView]:
    """The lines of a premises for a month as the run would make them if these readings ({(meter, zone): value}) were
    its last word. The very code of the run; nothing is written. A fixed number of queries."""
    place = prepared_rows(_PLACE, [int(period), premises_id])
    if not place:
        raise Premises.DoesNotExist
    ((town_id, building, shares),) = place
    typed = pl.DataFrame(
        [(meter, zone, int(value * 1000)) for (meter, zone), value in readings.items()],
        schema={"meter_id": pl.Int64, "zone": pl.String, "typed_e3": pl.Int64},
        orient="row",
    )
    inputs = read_inputs(
        town_id=town_id,
        period=period,
        low=building,
        high=building,
        only_premises_id=None if shares else premises_id,
        modes=("calculated", "imported"),
        typed=typed,
    )
    lines = rate(inputs=inputs, period=period)
    if shares:
        own = inputs.accounts.filter(pl.col("premises_id") == premises_id)
        lines = lines.join(own, on="account_service_id", how="semi", maintain_order="left")
    return [_view(row, period) for row in lines.iter_rows(named=True)]


def _scaled(value: int | None, scale: int) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-scale)


def _view(row: Mapping[str, Any], period: Period) -> LineView:
    return LineView(
        id=None,
        period=period,
        account_service_id=row["account_service_id"],
        kind=row["kind"],
        component=row["component"],
        structure=row["structure"],
        method=row["method"],
        meter_id=row["meter_id"],
        previous_value=_scaled(row["previous_e3"], 3),
        current_value=_scaled(row["current_e3"], 3),
        base=_scaled(row["base_e4"], 4),
        base_kind=row["base_kind"],
        base_total=_scaled(row["base_total_e4"], 4),
        source_volume=_scaled(row["source_e6"], 6),
        volume=Decimal(row["volume_e6"]).scaleb(-6),
        price=Decimal(row["price_e7"]).scaleb(-7),
        coefficient=Decimal(row["coefficient_e4"]).scaleb(-4),
        days=row["days"],
        amount=Money(row["amount_kop"]),
        tariff_version_id=row["tariff_version_id"],
        import_batch_id=None,
        corrects_id=None,
    )
