"""Reading acts: the list, one act with what it takes off, their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from domivka.billing.models import Recalculation, Run
from domivka.billing.recalculation.reading import months_of, rows_of
from domivka.kernel.errors import NotFoundError
from domivka.kernel.frames import read_frame
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.registry.models import PersonalAccount

Reason = Recalculation.Reason
Place = Recalculation.Place
State = Recalculation.State


@dataclass(frozen=True, slots=True)
class RecalculationView:
    """An act. `accounts`, `taken` (rows, one an account and month) and `off` are of its last check, and so is `why`:
    (words, rows) of what stays as it is."""

    id: int
    provider_id: int
    provider_service_id: int
    service: str
    reason: str
    place: str
    buildings: tuple[int, ...]
    account_service_id: int | None
    period: Period
    last_period: Period
    first_on: dt.date | None
    last_on: dt.date | None
    hours: int | None
    percent_a_day: Decimal | None
    people_away: int | None
    document: str
    document_on: dt.date
    note: str
    state: str
    made_by_id: int | None
    made_at: dt.datetime
    booked_in: Period | None
    applied_by_id: int | None
    applied_at: dt.datetime | None
    undone_by_id: int | None
    undone_at: dt.datetime | None
    accounts: int
    rows: int
    taken: int
    monthly: Money
    off: Money
    why: tuple[tuple[str, int], ...]

    @property
    def reason_words(self) -> str:
        return str(Reason(self.reason).label)

    @property
    def place_words(self) -> str:
        return str(Place(self.place).label)

    @property
    def state_words(self) -> str:
        return str(State(self.state).label)

    @property
    def days(self) -> int | None:
        """Days of the span, both ends included."""
        return None if self.first_on is None or self.last_on is None else (self.last_on - self.first_on).days + 1


@dataclass(frozen=True, slots=True)
class TakenOff:
    """An account's month in an act: charged, what remained before it, what is taken off or why nothing is."""

    account_service_id: int
    account_number: str
    address: str
    premises_id: int
    period: Period
    monthly: Money
    left: Money
    off: Money
    why: str


def why_words(code: str) -> str:
    """Why nothing is taken off an account."""
    return {
        "": "",
        "not_charged": _("за місяць нічого не нараховано"),
        "fixed": _("сума стала і від перерви не залежить"),
        "not_by_people": _("нараховано не за нормою на людину"),
        "closed": _("рахунок у ці дні не діяв"),
        "nobody": _("у ці дні ніхто не зареєстрований"),
        "nothing_left": _("уже все перераховано"),
        "too_little": _("менше за копійку"),
    }[code]


def _view(row: Recalculation) -> RecalculationView:
    found: dict[str, Any] = row.totals
    service = row.provider_service.service
    return RecalculationView(
        id=row.pk,
        provider_id=row.provider_service.provider_id,
        provider_service_id=row.provider_service_id,
        service=registry.service_name(service.name, service.name_en),
        reason=row.reason,
        place=row.place,
        buildings=tuple(row.building_ids),
        account_service_id=row.account_service_id,
        period=Period(row.period),
        last_period=Period(row.last_period),
        first_on=row.first_on,
        last_on=row.last_on,
        hours=row.hours,
        percent_a_day=row.percent_a_day,
        people_away=row.people_away,
        document=row.document,
        document_on=row.document_on,
        note=row.note,
        state=row.state,
        made_by_id=row.made_by_id,
        made_at=row.made_at,
        booked_in=None if row.booked_in is None else Period(row.booked_in),
        applied_by_id=row.applied_by_id,
        applied_at=row.applied_at,
        undone_by_id=row.undone_by_id,
        undone_at=row.undone_at,
        accounts=found.get("accounts", 0),
        rows=found.get("rows", 0),
        taken=found.get("taken", 0),
        monthly=Money(found.get("monthly_kop", 0)),
        off=Money(found.get("off_kop", 0)),
        why=tuple((why_words(code), count) for code, count in found.get("why", {}).items()),
    )


def _acts() -> QuerySet[Recalculation]:
    return Recalculation.objects.select_related("provider_service__service", "provider_service__provider")


def recalculations(
    *, provider_id: int, period: Period | None = None, state: str = "", document: str = "", limit: int, offset: int = 0
) -> tuple[int, list[RecalculationView]]:
    """How many acts of a provider there are, and a page of them, newest first: of a charged month, in a state, with
    these letters in the document's number. Two queries."""
    found = _acts().filter(provider_service__provider_id=provider_id)
    if period is not None:
        found = found.filter(period__lte=int(period), last_period__gte=int(period))
    if state:
        found = found.filter(state=state)
    if document:
        found = found.filter(document__icontains=document)
    return found.count(), [_view(row) for row in found.order_by("-pk")[offset : offset + limit]]


def recalculation(*, provider_id: int, recalculation_id: int) -> RecalculationView:
    """An act of this provider. One query. Raises `NotFoundError` for others'."""
    return _view(_found(provider_id, recalculation_id))


def _found(provider_id: int, recalculation_id: int) -> Recalculation:
    act = _acts().filter(pk=recalculation_id, provider_service__provider_id=provider_id).first()
    if act is None:
        raise NotFoundError(_("Немає такого перерахунку."))
    return act


def recalculations_by_id(*, recalculation_ids: Iterable[int]) -> dict[int, RecalculationView]:
    """Acts by id. One query."""
    return {row.pk: _view(row) for row in _acts().filter(pk__in=set(recalculation_ids))}


def taken_off(
    *, provider_id: int, recalculation_id: int, start: int = 0, limit: int | None = None, only_taken: bool = False
) -> list[TakenOff]:
    """Rows of an act by account number: of a draft what it would take off now, else what was posted; `only_taken` without
    the accounts that keep everything. A fixed number of queries for each month it reaches over. Raises `NotFoundError`."""
    act = _found(provider_id, recalculation_id)
    return _named(_taken(act, start, limit, only_taken=only_taken))


_CHUNK: Final = 2_000


def all_taken_off(*, provider_id: int, recalculation_id: int) -> tuple[list[int], Iterator[list[TakenOff]]]:
    """Every row of an act for a file: the homes, and the rows some thousands at a time, so that memory stays flat. Raises
    `NotFoundError`."""
    rows = _taken(_found(provider_id, recalculation_id), 0, None)
    owners = {row["account_service_id"] for _month, row in rows}
    accounts = PersonalAccount.objects.filter(services__in=owners)
    homes = sorted(set(accounts.values_list("premises_id", flat=True)))
    return homes, (_named(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK))


def _taken(
    act: Recalculation, start: int, limit: int | None, *, only_taken: bool = False
) -> list[tuple[Period, Mapping[str, Any]]]:
    if act.state != State.DRAFT:
        return _posted(act, start, limit)
    months = list(months_of(act))
    # Only an absence has several months, and it is of one account: a page of it is all of it.
    frames = [(month, rows_of(act, month, start=start if len(months) == 1 else 0, limit=limit)) for month in months]
    return [
        (month, row)
        for month, frame in frames
        for row in frame.iter_rows(named=True)
        if not only_taken or row["why"] == ""
    ]


_POSTED: Final = """
SELECT l.account_service_id, l.period, (l.base * 100)::bigint, -l.amount_kop
FROM billing_charge_line l
JOIN registry_accountservice s ON s.id = l.account_service_id JOIN registry_personalaccount a ON a.id = s.account_id
WHERE l.recalculation_id = %(act)s AND l.period BETWEEN %(first)s AND %(last)s AND l.amount_kop < 0
ORDER BY a.number, l.account_service_id, l.period OFFSET %(start)s LIMIT %(limit)s
"""
_POSTED_SCHEMA: Final = {
    "account_service_id": pl.Int64, "period": pl.Int64, "monthly_kop": pl.Int64, "off_kop": pl.Int64,
}  # fmt: skip


def _posted(act: Recalculation, start: int, limit: int | None) -> list[tuple[Period, Mapping[str, Any]]]:
    months = {"first": int(act.period), "last": int(act.last_period)}
    asked = {"act": act.pk, **months, "start": start, "limit": limit}
    frame = read_frame(query=_POSTED, parameters=asked, schema=_POSTED_SCHEMA)
    return [(Period(row["period"]), {**row, "left_kop": 0, "why": ""}) for row in frame.iter_rows(named=True)]


def _named(rows: Sequence[tuple[Period, Mapping[str, Any]]]) -> list[TakenOff]:
    services = registry.services_by_id(account_service_ids=sorted({row["account_service_id"] for _month, row in rows}))
    homes = registry.premises_views(premises_ids={one.premises_id for one in services.values()})
    return [
        TakenOff(
            account_service_id=row["account_service_id"],
            account_number=services[row["account_service_id"]].account_number,
            address=homes[services[row["account_service_id"]].premises_id].short_address,
            premises_id=services[row["account_service_id"]].premises_id,
            period=month,
            monthly=Money(row["monthly_kop"]),
            left=Money(row["left_kop"]),
            off=Money(row["off_kop"]),
            why=why_words(row["why"]),
        )
        for month, row in rows
    ]


def charged_months(*, town_id: int) -> list[Period]:
    """Months of a town that were charged, newest first; three years at most. One query."""
    runs = Run.objects.filter(town_id=town_id, state=Run.State.DONE).values("period").annotate(last=Max("pk"))
    return [Period(row["period"]) for row in runs.order_by("-period")[:36]]
