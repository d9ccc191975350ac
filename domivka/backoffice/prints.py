"""Print runs as the operator's pages show them: progress, report by route, routes of buildings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum

from domivka.kernel import audit
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.money import Money
from domivka.kernel.pace import Pace, pace
from domivka.kernel.period import Period
from domivka.registry.models import Building, Street
from domivka.statements import api as statements
from domivka.statements.models import DeliveryRoute, PrintPart, PrintRun, RouteBuilding
from domivka.statements.tasks import print_part


@dataclass(frozen=True, slots=True)
class PrintView:
    """A print run and how far it has come: bills, not files."""

    id: int
    town_id: int
    period: Period
    state: str
    reprint_of: int | None
    started_at: dt.datetime
    finished_at: dt.datetime | None
    done: int
    total: int
    pages: int
    size: int
    to_pay: Money
    charged: Money
    pace: Pace  # of bills since it began or went on
    totals: dict[str, Any]

    @property
    def is_active(self) -> bool:
        return self.state == PrintRun.State.RUNNING

    @property
    def control(self) -> list[tuple[str, int, Money, Money]]:
        """(what, bills, to pay, charged): printed and without paper are together what was issued."""
        if not self.totals:
            return []
        rows = [("printed", self.total, self.to_pay, self.charged)]
        for name in ("without_paper", "issued"):
            sums = self.totals[name]
            rows.append((name, sums["bills"], Money(sums["to_pay_kop"]), Money(sums["charged_kop"])))
        return rows

    @property
    def ledger_charged(self) -> Money:
        return Money(self.totals.get("ledger_charged_kop", 0))

    @property
    def agrees(self) -> bool:
        """Whether paper and electronic bills are together the issued ones, and their charges the ledger's."""
        if not self.totals:
            return True
        printed, without, issued = (row[1:] for row in self.control)
        together = (printed[0] + without[0], printed[1] + without[1], printed[2] + without[2])
        return together == issued and issued[2] == self.ledger_charged


@dataclass(frozen=True, slots=True)
class PartView:
    number: int
    route: str
    kind: str
    first: int
    last: int
    bills: int
    pages: int
    size: int
    to_pay: Money
    charged: Money
    is_done: bool


@dataclass(frozen=True, slots=True)
class RouteSum:
    """A route's line of the run report."""

    route: str
    kind: str
    files: int
    bills: int
    pages: int
    to_pay: Money
    charged: Money


def count() -> int:
    """How many runs there are."""
    return PrintRun.objects.count()


def recent(*, now: dt.datetime, start: int = 0, limit: int = 30) -> list[PrintView]:
    """The newest runs, from the `start`-th on; one query."""
    return [_view(row, now) for row in _rows().order_by("-pk")[start : start + limit]]


def one(*, run_id: int, now: dt.datetime) -> PrintView:
    """Raises `NotFoundError`."""
    row = _rows().filter(pk=run_id).first()
    if row is None:
        raise NotFoundError("Немає такого друку.")
    return _view(row, now)


def _rows() -> Any:
    bills = Sum("parts__last") - Sum("parts__first") + Count("parts")
    done = Q(parts__done_at__isnull=False)
    fresh = Q(parts__done_at__gte=F("resumed_at"))
    return PrintRun.objects.defer("design").annotate(
        total=bills,
        done=Sum("parts__last", filter=done, default=0)
        - Sum("parts__first", filter=done, default=0)
        + Count("parts", filter=done),
        fresh=Sum("parts__last", filter=fresh, default=0)
        - Sum("parts__first", filter=fresh, default=0)
        + Count("parts", filter=fresh),
        pages=Sum("parts__pages"),
        size=Sum("parts__size"),
        to_pay=Sum("parts__to_pay_kop"),
        charged=Sum("parts__charged_kop"),
    )


def _view(row: Any, now: dt.datetime) -> PrintView:
    took = ((row.finished_at or now) - row.resumed_at).total_seconds()
    return PrintView(
        id=row.pk,
        town_id=row.town_id,
        period=row.period,
        state=row.state,
        reprint_of=row.reprint_of_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        done=row.done,
        total=row.total,
        pages=row.pages,
        size=row.size,
        to_pay=Money(int(row.to_pay)),
        charged=Money(int(row.charged)),
        pace=pace(done=row.fresh, total=row.fresh + row.total - row.done, seconds=took),
        totals=row.totals,
    )


def parts(*, run_id: int) -> list[PartView]:
    """The files of a run in their order; one query."""
    rows = PrintPart.objects.filter(run_id=run_id).defer("bill_ids").order_by("number")
    return [
        PartView(
            row.number, row.route, row.kind, row.first, row.last, row.last - row.first + 1, row.pages, row.size,
            Money(row.to_pay_kop), Money(row.charged_kop), row.done_at is not None,
        )
        for row in rows
    ]  # fmt: skip


def by_route(files: list[PartView]) -> list[RouteSum]:
    """The run report: files of a route stand together."""
    found = []
    for (route, kind), group in groupby(files, key=lambda part: (part.route, part.kind)):
        own = list(group)
        found.append(
            RouteSum(
                route, kind, len(own), sum(part.bills for part in own), sum(part.pages for part in own),
                Money(sum(part.to_pay.kop for part in own)), Money(sum(part.charged.kop for part in own)),
            )
        )  # fmt: skip
    return found


@transaction.atomic
def start(*, town_id: int, period: Period, address_side: bool, user_id: int, at: dt.datetime) -> int:
    """Begin a run and queue its files. Raises `NothingToPrint`, `PrintRunning`."""
    run_id = statements.start_print(
        town_id=town_id, period=period, address_side=address_side, user_id=user_id, at=at
    )  # fmt: skip
    _queue(statements.open_parts(run_id=run_id))
    return run_id


@transaction.atomic
def reprint(*, run_id: int, first: int, last: int, user_id: int, at: dt.datetime) -> int:
    """Print a range of a run again. Raises `NothingToPrint`, `NotFoundError`."""
    made = statements.reprint(run_id=run_id, first=first, last=last, user_id=user_id, at=at)
    _queue(statements.open_parts(run_id=made))
    return made


@transaction.atomic
def resume(*, run_id: int, user_id: int, at: dt.datetime) -> None:
    _queue(statements.resume_print(run_id=run_id, user_id=user_id, at=at))


def _queue(parts: list[int]) -> None:
    for part_id in parts:
        print_part.defer(part_id=part_id)


@dataclass(frozen=True, slots=True)
class RouteView:
    id: int
    name: str
    kind: str
    buildings: int


def routes(*, town_id: int) -> list[RouteView]:
    """The town's routes with how many buildings each has; one query."""
    rows = DeliveryRoute.objects.filter(town_id=town_id).annotate(n=Count("buildings")).order_by("kind", "name")
    return [RouteView(row.pk, row.name, row.get_kind_display(), row.n) for row in rows]


def streets(*, town_id: int) -> list[tuple[int, str]]:
    """The town's streets by name, to choose from."""
    rows = Street.objects.filter(town_id=town_id).order_by("name", "kind").values_list("pk", "kind", "name")
    return [(pk, f"{kind} {name}") for pk, kind, name in rows]


def add_route(*, town_id: int, name: str, kind: str, user_id: int, at: dt.datetime) -> None:
    """Raises `DomainError` when the name is taken."""
    _route, made = DeliveryRoute.objects.get_or_create(town_id=town_id, name=name, defaults={"kind": kind})
    if not made:
        raise DomainError("Маршрут із такою назвою вже є.")
    audit.record(
        at=at, actor_id=user_id, action="statements.route", object_kind="town", object_id=town_id, town_id=town_id,
        detail={"name": name},
    )  # fmt: skip


@transaction.atomic
def put_on_route(*, town_id: int, route_id: int | None, street_id: int, user_id: int, at: dt.datetime) -> int:
    """Put all buildings of a street on a route, or take them off (None); how many there are. Raises `NotFoundError`."""
    if route_id is not None and not DeliveryRoute.objects.filter(pk=route_id, town_id=town_id).exists():
        raise NotFoundError("Немає такого маршруту.")
    buildings = list(Building.objects.filter(town_id=town_id, street_id=street_id).values_list("pk", flat=True))
    RouteBuilding.objects.filter(building_id__in=buildings).delete()
    if route_id is not None:
        RouteBuilding.objects.bulk_create(RouteBuilding(building_id=pk, route_id=route_id) for pk in buildings)
    audit.record(
        at=at, actor_id=user_id, action="statements.route", object_kind="town", object_id=town_id, town_id=town_id,
        detail={"street": street_id, "buildings": len(buildings)},
    )  # fmt: skip
    return len(buildings)
