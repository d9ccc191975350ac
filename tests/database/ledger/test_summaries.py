"""Sums kept of a month are what the balances say, and know when they are behind the journal."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import BuildingSummary, MonthSummary
from domivka.ledger.tasks import summarise as summarise_job
from domivka.ledger.tasks import summarise_all
from tests.builders import AccountServiceOf, Town, run

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(hours=1)
SEP, OCT, NOV = Period(202609), Period(202610), Period(202611)


def kept(town: Town, period: Period) -> dict[tuple[int, int], tuple[int, ...]]:
    rows = BuildingSummary.objects.filter(summary__town_id=town.row.pk, summary__period=period)
    return {
        (row.building_id, row.provider_id): (
            row.accounts, row.debtors, row.charged_kop, row.paid_kop, row.debt_kop, row.overpaid_kop,
        )
        for row in rows
    }  # fmt: skip


def said_by_balances(services: list[AccountServiceOf], period: Period) -> dict[tuple[int, int], tuple[int, ...]]:
    """The same, account by account through the ledger's own queries."""
    ids = [service.id for service in services]
    closing = ledger.balances(account_service_ids=ids, through=period)
    states = {
        row.account_service_id: row for row in ledger.account_states(account_service_ids=ids, first=period, last=period)
    }
    moved = {row.account_service_id for row in ledger.account_states(account_service_ids=ids, first=SEP, last=period)}
    accounts: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for service in services:
        if service.id not in moved:
            continue
        account = service.row.account
        sums = accounts[account.premises.building_id, account.provider_id, account.pk]
        if state := states.get(service.id):
            sums[0] += state.closing.kop - state.opening.kop + state.paid.kop
            sums[1] += state.paid.kop
        sums[2] += closing[service.id].kop
    found: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * 6)
    for (building, provider, _), (charged, paid, balance) in accounts.items():
        row = found[building, provider]
        for n, more in enumerate([1, balance > 0, charged, paid, max(balance, 0), max(-balance, 0)]):
            row[n] += more
    return {place: tuple(row) for place, row in found.items()}


def test_summary_adds_up_accounts_of_a_building_by_provider() -> None:
    town = Town()
    first, second = town.flat(), town.flat()
    water, gas = first.service("water"), first.service("gas")
    neighbour = second.service("water")
    water.charge(SEP, 100_00)
    water.charge(OCT, 322_36)
    water.pay(OCT, 50_00)
    gas.pay(OCT, 40_00)
    neighbour.charge(OCT, 10_00)
    neighbour.charge(NOV, 999_00)

    ledger.summarise(town_id=town.row.pk, period=OCT, at=AT)

    by_provider = {provider: row for (_, provider), row in kept(town, OCT).items()}
    assert by_provider == {
        water.row.account.provider_id: (2, 2, 332_36, 50_00, 382_36, 0),
        gas.row.account.provider_id: (1, 0, 0, 40_00, 0, 40_00),
    }


movements = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([SEP, OCT, NOV]), st.integers(-500_00, 500_00).filter(bool)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=movements)
def test_summary_equals_the_sums_of_balances(moves: list[tuple[int, Period, int]]) -> None:
    town = Town()
    flats = [town.flat(), town.flat()]
    services = [flat.service(code) for flat in flats for code in ("water", "gas")]
    for place, period, kop in moves:
        if kop > 0:
            services[place].charge(period, kop)
        else:
            services[place].pay(period, -kop)

    ledger.summarise(town_id=town.row.pk, period=OCT, at=AT)

    assert kept(town, OCT) == said_by_balances(services, OCT)


def test_summary_is_of_its_own_town_only() -> None:
    town, other = Town(), Town("Інше")
    other.flat().service("water").charge(OCT, 10_00)

    ledger.summarise(town_id=town.row.pk, period=OCT, at=AT)

    assert kept(town, OCT) == {}
    assert ledger.summary_state(town_id=other.row.pk, period=OCT) is None


@pytest.mark.parametrize(("period", "stale"), [(SEP, True), (OCT, True), (NOV, False)])
def test_summary_is_stale_after_a_posting_of_its_month_or_before(
    period: Period, stale: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    town = Town()
    water = town.flat().service("water")
    water.charge(OCT, 10_00)
    ledger.summarise(town_id=town.row.pk, period=OCT, at=AT)

    water.charge(period, 5_00)

    with django_assert_num_queries(1):
        state = ledger.summary_state(town_id=town.row.pk, period=OCT)
    assert state == ledger.SummaryState(AT, stale)


def test_posting_of_an_old_month_renews_that_month_and_the_later_ones() -> None:
    town = Town()
    water = town.flat().service("water")
    water.charge(SEP, 10_00)
    for period in (SEP, OCT, NOV):
        ledger.summarise(town_id=town.row.pk, period=period, at=AT)
    water.charge(OCT, 5_00)

    first = ledger.summarise_from(town_id=town.row.pk, period=OCT, at=LATER)
    again = ledger.summarise_from(town_id=town.row.pk, period=OCT, at=LATER)

    assert (first, again) == ([OCT, NOV], [])
    moments = dict(MonthSummary.objects.values_list("period", "made_at"))
    assert moments == {int(SEP): AT, int(OCT): LATER, int(NOV): LATER}
    assert [row[4] for row in kept(town, NOV).values()] == [15_00]


def test_run_queues_the_sums_of_its_month() -> None:
    town = Town()
    town.flat().service("water")

    run(town, OCT)

    job = ProcrastinateJob.objects.get(task_name="ledger.summarise")
    assert job.args == {"town_id": town.row.pk, "period": 202610, "asked_at": None}
    summarise_job(**job.args)
    assert ledger.summary_state(town_id=town.row.pk, period=OCT) is not None


def test_night_adds_up_the_last_two_months_and_older_ones_that_changed(settings: Settings) -> None:
    settings.FROZEN_NOW = LATER
    town = Town()
    water = town.flat().service("water")
    water.charge(SEP, 10_00)
    ledger.summarise(town_id=town.row.pk, period=SEP, at=AT)

    summarise_all(0)
    unmoved = dict(MonthSummary.objects.values_list("period", "made_at"))
    water.charge(SEP, 5_00)
    summarise_all(0)

    assert unmoved == {int(SEP): AT, int(OCT): LATER, int(NOV): LATER}
    assert [row[4] for period in (SEP, OCT, NOV) for row in kept(town, period).values()] == [15_00, 15_00, 15_00]


def test_summary_leaves_the_ledger_as_it_was() -> None:
    town = Town()
    town.flat().service("water").charge(OCT, 10_00)

    ledger.summarise(town_id=town.row.pk, period=OCT, at=AT)

    assert ledger.verify() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(net_kop) FROM ledger_turnover")
        assert cursor.fetchone() == (2, 0)
