"""What residents asked to correct of their meters, as the provider's desk looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domivka.billing import api as billing
from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.metering.api import CorrectionView
from domivka.registry import api as registry

PAGE_SIZE: Final = 25


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One request with its account; `charged` is the last month that was charged by the value in question."""

    asked: CorrectionView
    account_id: int
    account_number: str
    service: str
    unit: str
    address: str
    premises_id: int
    charged: Period | None


def waiting(*, provider_id: int, page: int) -> list[CorrectionRow]:
    """A page of requests, the oldest first. A fixed number of queries."""
    found = metering.waiting_corrections(provider_id=provider_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    ids = sorted({one.account_service_id for one in found})
    services = registry.services_by_id(account_service_ids=ids)
    homes = registry.premises_views(premises_ids=sorted({one.premises_id for one in services.values()}))
    charged = _charged(found)
    return [
        CorrectionRow(
            asked=one,
            account_id=services[one.account_service_id].account_id,
            account_number=services[one.account_service_id].account_number,
            service=services[one.account_service_id].name,
            unit=services[one.account_service_id].unit,
            address=homes[services[one.account_service_id].premises_id].address,
            premises_id=services[one.account_service_id].premises_id,
            charged=charged.get(one.id),
        )
        for one in found
    ]


def _charged(found: list[CorrectionView]) -> dict[int, Period]:
    """The last month whose charge counted from or to the value in question, by the request's id. One query."""
    values = [one for one in found if not one.is_number]
    if not values:
        return {}
    first = min(one.period for one in values)
    last = max(one.period for one in values).shift(12)
    lines = billing.charge_lines(account_service_ids={one.account_service_id for one in values}, first=first, last=last)
    months: dict[int, Period] = {}
    for one in values:
        rested = [
            line.period
            for line in lines
            if line.meter_id == one.meter_id and one.old_value in (line.previous_value, line.current_value)
        ]
        if rested:
            months[one.id] = max(rested)
    return months
