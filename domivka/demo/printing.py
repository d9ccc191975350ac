"""The demo town's paper: delivery routes, the town's look of a bill and a finished print run."""

from __future__ import annotations

import datetime as dt
from typing import Final

from domivka.kernel.period import Period
from domivka.registry.models import Building, Town
from domivka.statements import api as statements
from domivka.statements.models import BillDesign, DeliveryRoute, RouteBuilding

_ROUTES: Final = (
    ("Дільниця 1", DeliveryRoute.Kind.COURIER),
    ("Дільниця 2", DeliveryRoute.Kind.COURIER),
    ("Укрпошта", DeliveryRoute.Kind.POST),
)


def print_run(*, town_id: int, period: Period, at: dt.datetime) -> int:
    """Streets are dealt to the routes in turn; the run is made here, in this process. Returns its id."""
    routes = [DeliveryRoute.objects.create(town_id=town_id, name=name, kind=kind) for name, kind in _ROUTES]
    buildings = Building.objects.filter(town_id=town_id).order_by("street_id", "pk").values_list("pk", "street_id")
    RouteBuilding.objects.bulk_create(
        RouteBuilding(building_id=building, route=routes[street % len(routes)]) for building, street in buildings
    )
    BillDesign.objects.create(
        town_id=town_id,
        heading=f"Виконком {Town.objects.get(pk=town_id).genitive}",
        notice="Дякуємо, що передаєте показання вчасно.",
        advertisement_title="Електронний рахунок замість паперового",
        advertisement="Відкрийте кабінет мешканця і вимкніть паперовий рахунок: він приходитиме на пошту першого ж дня.",
        updated_at=at,
    )
    run_id = statements.start_print(town_id=town_id, period=period, at=at)
    statements.print_all(run_id=run_id, at=at)
    return run_id
