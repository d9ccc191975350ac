"""The print run: a month's paper bills as print-ready files by delivery route, with control totals.

A run fixes its choice of bills, their order and the town's design when it begins, and is cut into parts: a part is a file
of one route. A part is made whole or not at all (written aside, then renamed; recorded after), and making it again gives
the same bytes, so a run killed at any moment goes on from its parts that are not done.
"""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.period import Period
from domivka.kernel.processes import spread
from domivka.statements import look
from domivka.statements.content import BillContent, from_json
from domivka.statements.fill import bills_file
from domivka.statements.models import Bill, PrintPart, PrintRun

PART_SIZE: Final = 2000


class NothingToPrint(DomainError):
    """There is no paper bill in the choice."""


class PrintRunning(DomainError):
    """A run of the same month is under way."""


_CHOICE: Final = """
    SELECT b.id, coalesce(r.name, ''), coalesce(r.kind, ''), b.to_pay_kop, b.charged_kop
    FROM statements_bill b
    JOIN registry_premises p ON p.id = b.premises_id
    JOIN registry_building h ON h.id = p.building_id
    JOIN registry_street s ON s.id = h.street_id
    LEFT JOIN statements_routebuilding rb ON rb.building_id = h.id
    LEFT JOIN statements_deliveryroute r ON r.id = rb.route_id
    WHERE p.town_id = %s AND b.period = %s AND p.paper_bill
    ORDER BY r.kind NULLS LAST, r.name, s.name, s.id, h.number_sort, h.id, p.flat_sort, p.id
"""
_CONTENTS: Final = """
    SELECT b.content::text FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place)
    JOIN statements_bill b ON b.id = wanted.id ORDER BY wanted.place
"""
_TOTALS: Final = """
    SELECT count(*), coalesce(sum(b.to_pay_kop), 0)::bigint, coalesce(sum(b.charged_kop), 0)::bigint,
        count(*) FILTER (WHERE NOT p.paper_bill), coalesce(sum(b.to_pay_kop) FILTER (WHERE NOT p.paper_bill), 0)::bigint,
        coalesce(sum(b.charged_kop) FILTER (WHERE NOT p.paper_bill), 0)::bigint,
        (SELECT coalesce(sum(t.charged_kop + t.subscription_kop), 0)::bigint FROM ledger_balance t
         JOIN ledger_account a ON a.id = t.account_id
         WHERE a.kind = 'personal' AND a.town_id = %(town)s AND t.period = %(period)s)
    FROM statements_bill b JOIN registry_premises p ON p.id = b.premises_id
    WHERE p.town_id = %(town)s AND b.period = %(period)s
"""


@transaction.atomic
def start_print(
    *,
    town_id: int,
    period: Period,
    at: dt.datetime,
    user_id: int | None = None,
    address_side: bool = True,
    part_size: int = PART_SIZE,
) -> int:
    """Begin a print run of a month's paper bills: homes that chose the electronic bill are left out. Returns its id.
    Raises `NothingToPrint`, `PrintRunning`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('print'), %s)", [town_id])
        if PrintRun.objects.filter(town_id=town_id, period=period, state=PrintRun.State.RUNNING).exists():
            raise PrintRunning(_("Друк рахунків за цей місяць уже триває."))
        cursor.execute(_CHOICE, [town_id, int(period)])
        chosen = cursor.fetchall()
        cursor.execute(_TOTALS, {"town": town_id, "period": int(period)})
        names = "bills", "to_pay_kop", "charged_kop"
        sums = cursor.fetchone()
    totals = {
        "issued": dict(zip(names, sums[:3], strict=True)),
        "without_paper": dict(zip(names, sums[3:6], strict=True)),
        "ledger_charged_kop": sums[6],
    }
    run = PrintRun(town_id=town_id, period=period, address_side=address_side, totals=totals)
    run.design = look.look_of(town_id=town_id).as_json()
    return _begin(run, chosen, part_size=part_size, first=1, at=at, user_id=user_id)


@transaction.atomic
def reprint(*, run_id: int, first: int, last: int, at: dt.datetime, user_id: int | None = None) -> int:
    """Print bills `first` to `last` of a run once more, with their numbers, design and routes. Returns the new run's id.
    Raises `NotFoundError`, `NothingToPrint`."""
    source = _run(run_id)
    chosen: list[tuple[Any, ...]] = []
    for part in source.parts.filter(first__lte=last, last__gte=first):
        wanted = part.bill_ids[max(first - part.first, 0) : last - part.first + 1]
        chosen += [(bill, part.route, part.kind) for bill in wanted]
    sums = {
        row[0]: row[1:]
        for row in Bill.objects.filter(pk__in=[row[0] for row in chosen]).values_list("pk", "to_pay_kop", "charged_kop")
    }
    run = PrintRun(
        town_id=source.town_id, period=source.period, address_side=source.address_side, reprint_of=source,
        design=source.design,
    )  # fmt: skip
    start = max(first, _first(source))
    return _begin(
        run, [(*row, *sums[row[0]]) for row in chosen], part_size=PART_SIZE, first=start, at=at, user_id=user_id
    )


def _first(run: PrintRun) -> int:
    """The number of a run's first bill: 1, or where a reprinted range begins."""
    part = run.parts.first()
    return part.first if part else 1


def _begin(
    run: PrintRun,
    chosen: Sequence[tuple[Any, ...]],
    *,
    part_size: int,
    first: int,
    at: dt.datetime,
    user_id: int | None,
) -> int:
    if not chosen:
        raise NothingToPrint(_("Паперових рахунків для друку немає."))
    run.started_at = run.resumed_at = at
    run.save()
    parts: list[PrintPart] = []
    for place, (bill, route, kind, to_pay, charged) in enumerate(chosen, start=first):
        part = parts[-1] if parts else None
        if part is None or (part.route, part.kind) != (route, kind) or len(part.bill_ids) == part_size:
            part = PrintPart(
                run=run, number=len(parts) + 1, route=route, kind=kind, first=place, bill_ids=[], to_pay_kop=0,
                charged_kop=0,
            )  # fmt: skip
            parts.append(part)
        part.bill_ids.append(bill)
        part.last, part.to_pay_kop, part.charged_kop = place, part.to_pay_kop + to_pay, part.charged_kop + charged
    PrintPart.objects.bulk_create(parts)
    audit.record(
        at=at, actor_id=user_id, action="statements.print", object_kind="print_run", object_id=run.pk,
        town_id=run.town_id, detail={"bills": len(chosen), "period": int(run.period)},
    )  # fmt: skip
    return run.pk


def file_of(*, run_id: int, number: int, folder: str = "") -> Path:
    """Where a part's file is, in the data folder."""
    return Path(folder or settings.DOMIVKA_HOME) / "prints" / str(run_id) / f"{number:04d}.pdf"


def print_part(*, part_id: int, at: dt.datetime | None, folder: str = "") -> bool:
    """Make the file of a part unless it is made or its run was cancelled; the last part closes the run. `at` None is the
    moment when the file is ready. Whether this call made it."""
    part = PrintPart.objects.select_related("run").get(pk=part_id)
    if part.done_at is not None or part.run.state == PrintRun.State.CANCELLED:
        return False
    with _without_collecting():
        content, pages = bills_file(
            _contents(part.bill_ids), look=look.from_json(part.run.design), address_side=part.run.address_side
        )
    _write(file_of(run_id=part.run_id, number=part.number, folder=folder), content)
    ready_at = at or clock.now()
    with transaction.atomic():
        run = PrintRun.objects.select_for_update().get(pk=part.run_id)
        made = PrintPart.objects.filter(pk=part_id, done_at=None).update(
            pages=pages, size=len(content), sha256=hashlib.sha256(content).hexdigest(), done_at=ready_at
        )
        if not run.parts.filter(done_at=None).exists() and run.finished_at is None:
            run.state, run.finished_at = PrintRun.State.DONE, ready_at
            run.save(update_fields=["state", "finished_at"])
    return bool(made)


def _contents(bill_ids: list[int]) -> Iterator[BillContent]:
    """What the bills say, in this order; one query. Each is taken apart when its turn comes."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENTS, [bill_ids])
        rows = cursor.fetchall()
    for (frozen,) in rows:
        yield from_json(json.loads(frozen))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A file is hundreds of thousands of small objects without a cycle among them: looking for cycles would take a
    fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(path: Path, content: bytes) -> None:
    """All of the file or none of it, whenever the machine stops."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def open_parts(*, run_id: int) -> list[int]:
    """Ids of the parts that are still to be made, in their order."""
    return list(PrintPart.objects.filter(run_id=run_id, done_at=None).order_by("number").values_list("pk", flat=True))


def print_all(
    *, run_id: int, at: dt.datetime | None = None, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> None:
    """Make what is left of a run here and now, in this or in several processes; `at` None is the moment each file is
    ready. `progress` is told bills made and bills in all, at the start and after each file."""
    run = _run(run_id)
    left = {part.pk: part.last - part.first + 1 for part in run.parts.filter(done_at=None).defer("bill_ids")}
    total = sum(part.last - part.first + 1 for part in run.parts.defer("bill_ids"))
    done = total - sum(left.values())
    jobs: list[dict[str, Any]] = [{"part_id": part, "at": at, "folder": str(settings.DOMIVKA_HOME)} for part in left]
    if workers == 1 or len(jobs) < 2:
        made: Iterable[bool] = (print_part(**job) for job in jobs)
    else:
        made = spread(workers=workers, module=__name__, function="print_part", jobs=jobs)
    if progress:
        progress(done, total)
    for bills, is_made in zip(left.values(), made, strict=True):
        done += bills * is_made
        if progress and is_made:
            progress(done, total)


def cancel_print(*, run_id: int, at: dt.datetime, user_id: int | None) -> None:
    """Stop after the parts being made now; finished files stay. Raises `NotFoundError`."""
    _turn(run_id, PrintRun.State.RUNNING, PrintRun.State.CANCELLED, at, user_id, "statements.print_cancelled")


def resume_print(*, run_id: int, at: dt.datetime, user_id: int | None) -> list[int]:
    """Let a run that was stopped, or whose worker died, go on; ids of its open parts. Raises `NotFoundError`."""
    _turn(run_id, PrintRun.State.CANCELLED, PrintRun.State.RUNNING, at, user_id, "statements.print_resumed")
    return open_parts(run_id=run_id)


@transaction.atomic
def _turn(run_id: int, before: str, after: str, at: dt.datetime, user_id: int | None, action: str) -> None:
    run = PrintRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFoundError(_("Немає такого друку."))
    if run.state == before:
        run.state, run.resumed_at = after, at if after == PrintRun.State.RUNNING else run.resumed_at
        run.save(update_fields=["state", "resumed_at"])
    audit.record(at=at, actor_id=user_id, action=action, object_kind="print_run", object_id=run_id, town_id=run.town_id)


def _run(run_id: int) -> PrintRun:
    run = PrintRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFoundError(_("Немає такого друку."))
    return run
