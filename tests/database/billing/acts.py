"""Acts of recalculation on the house of `town`, for the tests of both reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine, Recalculation
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.metering.models import Reading
from tests.builders import AccountServiceOf
from tests.database.billing.town import AT, OCT, House, read

LATER = AT + dt.timedelta(days=3)


def run(house: House, period: Period = OCT) -> billing.RunReport:
    return billing.run_month(town_id=house.id, period=period, at=AT + dt.timedelta(days=31 * (int(period) - int(OCT))))


def outage(service: AccountServiceOf, **fields: Any) -> int:
    """A draft: four days of October without the service at 3.3 % a day, for everybody who has it."""
    asked: dict[str, Any] = {
        "provider_service_id": service.row.provider_service_id, "reason": "outage_days", "place": "service",
        "document": "Акт № 12", "document_on": dt.date(2026, 11, 2), "first_on": dt.date(2026, 10, 5),
        "last_on": dt.date(2026, 10, 8), "percent_a_day": Decimal("3.3"),
    }  # fmt: skip
    return billing.draft_recalculation(asked=billing.Asked(**{**asked, **fields}), user_id=7, at=LATER)


def absence(service: AccountServiceOf, first: dt.date, last: dt.date, people: int = 1, **fields: Any) -> int:
    more = {"reason": "absence", "place": "account", "account_service_id": service.id, "percent_a_day": None}
    return outage(service, **{**more, "first_on": first, "last_on": last, "people_away": people, **fields})


def apply(act: int, **more: Any) -> bool:
    return billing.apply_recalculation(recalculation_id=act, user_id=7, at=LATER, **more)


def undo(act: int) -> bool:
    return billing.undo_recalculation(recalculation_id=act, user_id=7, at=LATER)


def totals(act: int) -> dict[str, Any]:
    found: dict[str, Any] = Recalculation.objects.get(pk=act).totals
    return found


def balances(services: Sequence[AccountServiceOf]) -> list[int]:
    return [money.kop for money in ledger.balances(account_service_ids=[one.id for one in services]).values()]


def lines_of(act: int) -> list[tuple[int, int]]:
    rows = ChargeLine.objects.filter(recalculation_id=act).order_by("id")
    return list(rows.values_list("account_service_id", "amount_kop"))


def read_again(meter_id: int, value: str) -> None:
    """Another value for October; the earlier one is superseded."""
    Reading.objects.filter(meter_id=meter_id, period=OCT).exclude(channel="initial").update(superseded_at=LATER)
    read(meter_id, OCT, value)


def bare_act(service: AccountServiceOf) -> Recalculation:
    """A draft for 48 hours of October, as a row: nothing was charged."""
    return Recalculation.objects.create(
        provider_service=service.row.provider_service, reason="outage_hours", place="service", hours=48, period=OCT,
        last_period=OCT, document="№ 1", document_on=LATER.date(), made_at=LATER,
    )  # fmt: skip
