"""Recalculations of the demo town: an outage of hot water, a draft of one of cold water, an absence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine
from domivka.demo.town.providers import COUNCIL
from domivka.kernel.period import Period
from domivka.registry.models import Building, Occupancy, ProviderService
from domivka.tariffs.models import Parameter

_OUTAGE_BUILDINGS: Final = 3


def recalculate(*, town_id: int, last: Period, at: dt.datetime) -> None:
    """In the last month charged, and for the absence in the one before too."""
    Parameter.objects.create(
        town_id=town_id,
        code="outage_percent_hot_water",
        value=Decimal("3.3"),
        valid_from=dt.date(2019, 5, 1),
        source=f"{COUNCIL}, рішення від 25.04.2019 № 119",
    )
    supplied = ProviderService.objects.filter(provider__town_id=town_id).values_list(
        "provider__code", "service__code", "pk"
    )
    ids = {(provider, service): pk for provider, service, pk in supplied}
    _outage(ids["kotelnia", "hot_water"], last, at)
    billing.draft_recalculation(
        asked=billing.Asked(
            provider_service_id=ids["akvaservis", "water"],
            reason="outage_hours",
            place="service",
            period=last,
            hours=9,
            document="Акт № 31",
            document_on=last.next.first_day,
            note="Промивали мережі правого берега.",
        ),
        user_id=None,
        at=at,
    )
    for service in (ids["akvaservis", "water"], ids["chyste", "waste"]):
        if _absence(town_id, service, last, at):
            return


def _outage(provider_service_id: int, last: Period, at: dt.datetime) -> None:
    found = Building.objects.filter(premises__accounts__services__provider_service_id=provider_service_id)
    buildings = list(found.order_by("pk").distinct().values_list("pk", flat=True)[:_OUTAGE_BUILDINGS])
    first = last.first_day.replace(day=12)
    day = last.next.first_day
    act = billing.draft_recalculation(
        asked=billing.Asked(
            provider_service_id=provider_service_id,
            reason="outage_days",
            place="buildings",
            building_ids=tuple(buildings),
            first_on=first,
            last_on=first + dt.timedelta(days=3),
            percent_a_day=billing.outage_percent(provider_service_id=provider_service_id, on=first),
            document="Акт-претензія № 12",
            document_on=day,
            note="Аварія на тепловій мережі.",
        ),
        user_id=None,
        at=at,
    )
    billing.apply_recalculation(recalculation_id=act, user_id=None, at=at)


def _absence(town_id: int, provider_service_id: int, last: Period, at: dt.datetime) -> bool:
    """One person of a home charged by a norm or by people was away; False where there is no such home."""
    charged = ChargeLine.objects.filter(
        account_service__provider_service_id=provider_service_id, period=last, method__in=["norm", "persons"]
    )
    homes = charged.order_by("account_service_id").values_list(
        "account_service_id", "account_service__account__premises_id"
    )
    moved = set(Occupancy.objects.filter(valid_from__gte=last.previous.first_day).values_list("premises_id", flat=True))
    account_service_id = next((service for service, premises in homes if premises not in moved), None)
    if account_service_id is None or last.previous not in billing.charged_months(town_id=town_id):
        return False
    act = billing.draft_recalculation(
        asked=billing.Asked(
            provider_service_id=provider_service_id,
            reason="absence",
            place="account",
            account_service_id=account_service_id,
            first_on=last.previous.first_day.replace(day=5),
            last_on=last.first_day.replace(day=20),
            people_away=1,
            document="Довідка з місця роботи № 8",
            document_on=last.next.first_day,
        ),
        user_id=None,
        at=at,
    )
    return billing.apply_recalculation(recalculation_id=act, user_id=None, at=at)
