"""Building the demo town: what an office does over a year, done in a minute through the same operations."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from domivka.billing import api as billing
from domivka.demo import benefits, load, penalty, printing, recalculations
from domivka.demo.files.providers import provider_file
from domivka.demo.files.town import addresses, oschad, terminal
from domivka.demo.payments import register_rows, terminal_rows
from domivka.demo.town.connections import Connection, connections
from domivka.demo.town.desk import Named, named_at_desk
from domivka.demo.town.meters import meters
from domivka.demo.town.months import simulate
from domivka.demo.town.plan import FULL_SIZE, SEED, TownPlan, plan_town
from domivka.demo.town.providers import PROVIDERS
from domivka.exchange import api as exchange
from domivka.kernel import clock
from domivka.kernel.clock import KYIV
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.statements import api as statements

Say = Callable[[str], None]


@dataclass
class Built:
    """What was built: the town, the plan it came from, premises by home, control sums of the files and of the import."""

    town_id: int
    plan: TownPlan
    accounts: list[Connection]
    premises: dict[int, int]
    last: Period
    written: dict[str, dict[str, int]] = field(default_factory=dict)  # file → rows and kopiykas that we wrote
    imported: dict[str, dict[str, object]] = field(default_factory=dict)  # file → what exchange read
    named: dict[str, list[Named]] = field(
        default_factory=dict
    )  # account → readings named at a terminal in the last month


def build_town(
    *, today: dt.date, size: int = FULL_SIZE, seed: int = SEED, months: int = 12, say: Say = lambda line: None
) -> Built:
    """The whole town up to the month before today's. Takes about a minute at full size; nothing may be there yet."""
    last = Period.of(today).previous
    first = last.shift(1 - months)
    plan = plan_town(size=size, seed=seed)
    accounts = connections(plan.dwellings, seed=seed)
    began = time.monotonic()

    def step(words: str) -> None:
        say(f"{time.monotonic() - began:5.1f} с  {words}")

    town_id = load.town_and_providers(last=last)
    built = Built(town_id, plan, accounts, {}, last)
    dwellings = [*plan.dwellings, *plan.unconnected]
    step(f"Місто, {len(PROVIDERS)} надавачів послуг, тарифи")
    _import(built, "addresses", first, "addresses.csv", addresses(dwellings), _moment(first, 1))
    built.premises = load.premises_of(town_id=town_id, dwellings=dwellings)
    load.moves(premises=built.premises, dwellings=plan.dwellings, first=first)
    load.calculated_accounts(town_id=town_id, premises=built.premises, accounts=accounts, on=first.first_day)
    penalty.charge(town_id=town_id, since=_moment(first.next, 1))
    penalty.suspend(premises=built.premises, accounts=accounts, last=last, at=_moment(last, 1))
    benefits.benefits(premises=built.premises, accounts=accounts, first=first)
    plans = list(meters(accounts, last=last, months=months, seed=seed))
    built.named = named_at_desk(plans, last=last)
    readings = load.meters_and_readings(town_id=town_id, plans=plans)
    load.building_heat(town_id=town_id, dwellings=plan.dwellings, first=first, last=last)
    _analyse()
    step(f"Адресний реєстр: {len(dwellings)} помешкань; показань лічильників: {readings}")
    services = load.account_services(town_id)
    for period, files in simulate(accounts, last=last, months=months, seed=seed):
        at = _moment(period.next, 3)
        if period > first:
            _register(built, services, period, period.last_day, seed)
        if period == last:
            _terminal(built, services, seed)
        for provider, rows in files.items():
            name, content = provider_file(provider, rows, period)
            built.written[name] = {
                "rows": len(rows),
                "charged_kop": sum(row.charged for row in rows),
                "paid_kop": sum(row.paid for row in rows),
                **{
                    f"{name}_kop": total
                    for name in ("subsidy", "benefit")
                    if (total := sum(getattr(row, name) for row in rows))
                },
                "closing_kop": sum(row.closing for row in rows),
            }
            _import(built, provider, period, name, content, at)
            if period == first:
                _analyse()
        if period <= first.next:
            _analyse()
        report = billing.run_month(town_id=town_id, period=period, at=at)
        step(f"{period}: файлів {len(files)}, рядків нарахувань тут {report.lines}")
    if today.day > 5:
        _register(built, services, last.next, today, seed)
    recalculations.recalculate(town_id=town_id, last=last, at=_moment(last.next, 3))
    load.number_meters()
    issued = statements.issue_bills(town_id=town_id, period=last, at=_moment(last.next, 4))
    printing.print_run(town_id=town_id, period=last, at=_moment(last.next, 4))
    for back in range(months):
        ledger.summarise(town_id=town_id, period=last.shift(-back), at=clock.now())
    step(f"Рахунки за останній місяць: {issued}")
    return built


_GROWN: Final = (
    "registry_premises, registry_personalaccount, registry_accountservice, metering_meter, metering_reading, "
    "ledger_account, ledger_balance, ledger_posting, billing_charge_line"
)


def _analyse() -> None:
    """Tell the planner how the tables grew: a year in a minute is too fast for autovacuum, and a plan made for an
    empty table takes a minute where a good one takes a second."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_GROWN}")


def _moment(period: Period, day: int) -> dt.datetime:
    """Nine in the morning, Kyiv, of a day of a month."""
    return dt.datetime.combine(period.first_day.replace(day=day), dt.time(9), KYIV)


def _register(
    built: Built, services: dict[tuple[str, str, str], int], period: Period, until: dt.date, seed: int
) -> None:
    elsewhere = built.named if period == built.last else ()
    rows = register_rows(
        accounts=built.accounts, services=services, period=period, until=until, seed=seed, without=elsewhere
    )
    if not rows:
        return
    name = f"oschad-{period}.dbf"
    built.written[name] = {"rows": len(rows), "total_kop": sum(row.amount_kop for row in rows)}
    at = dt.datetime.combine(until, dt.time(18), KYIV)
    _import(built, "oschad", period, name, oschad(rows, period), at)


def _terminal(built: Built, services: dict[tuple[str, str, str], int], seed: int) -> None:
    """The register of the terminal network for the last month, with the readings that were named there."""
    rows = terminal_rows(accounts=built.accounts, services=services, named=built.named, period=built.last, seed=seed)
    if not rows:
        return
    name = f"terminal-{built.last}.csv"
    built.written[name] = {"rows": len(rows), "total_kop": sum(paid.amount_kop for paid, _ in rows)}
    at = dt.datetime.combine(built.last.last_day, dt.time(19), KYIV)
    _import(built, "terminal", built.last, name, terminal(rows, built.last), at)


def _import(built: Built, preset: str, period: Period, name: str, content: bytes, at: dt.datetime) -> None:
    """Upload, check, apply, as the staff page does."""
    batch = exchange.upload(
        town_id=built.town_id,
        preset=preset,
        period=period,
        file_name=name,
        content=content,
        user_id=None,
        at=at,
    )
    exchange.check(batch_id=batch.batch_id, at=at)
    built.imported[name] = exchange.apply(batch_id=batch.batch_id, user_id=None, at=at)


def seal(*, at: dt.datetime) -> int:
    """Seal the journal; how many transactions."""
    return ledger.seal(at=at)
