from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import textwrap
from decimal import Decimal

import pytest
from django.db import connection

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine, Run, RunRange
from domivka.kernel.models import JobProgress
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.metering import api as metering
from domivka.registry.models import Occupancy
from tests.builders import given_benefit
from tests.database.billing.town import AT, OCT, House, read, tariff

FIRST_FLAT = [4 * 30_40, 56_21, 42_50, 404_28]  # 4 m³, 4 × 14.052, one person, 51.5 m² × 7.85 = 404.275


def run(house: House, **options: object) -> billing.RunReport:
    return billing.run_month(town_id=house.id, period=OCT, at=AT, **options)  # type: ignore[arg-type]  # test options


def balances_of(house: House) -> list[int]:
    return [money.kop for money in ledger.balances(account_service_ids=house.services).values()]


@pytest.mark.django_db
def test_run_charges_every_calculated_service() -> None:
    house = House()

    report = run(house)

    assert report.lines == 12
    first = [house.water[0].id, house.sewage[0].id, house.waste[0].id, house.building[0].id]
    assert [money.kop for money in ledger.balances(account_service_ids=first).values()] == FIRST_FLAT
    assert report.amount_kop == sum(balances_of(house)) == report.totals["after"]["charged_kop"]
    assert report.totals["before"]["charged_kop"] == 0
    assert ledger.verify() == []


@pytest.mark.django_db
def test_run_again_is_a_no_op() -> None:
    house = House()
    run(house)
    before = balances_of(house)

    again = run(house)

    assert (again.run_id, again.lines, again.amount_kop) == (None, 0, 0)
    assert ChargeLine.objects.count() == 12
    assert Run.objects.count() == 1
    assert balances_of(house) == before


@pytest.mark.django_db
def test_run_after_a_changed_input_posts_a_correction_and_edits_nothing() -> None:
    house = House()
    run(house)
    Occupancy.objects.filter(premises=house.flats[0].row).update(registered=3)

    report = run(house)

    assert (report.revision, report.lines, report.amount_kop) == (2, 1, 2 * 42_50)
    (correction,) = billing.charge_lines(account_service_ids=[house.waste[0].id], first=OCT, last=OCT)[1:]
    assert (correction.kind, correction.amount, correction.volume) == ("correction", Money(85_00), Decimal("2"))
    assert correction.corrects_id is not None
    (state,) = ledger.account_states(account_service_ids=[house.waste[0].id], first=OCT, last=OCT)
    assert (state.charged, state.correction, state.closing) == (Money(42_50), Money(85_00), Money(127_50))
    assert run(house).lines == 0


@pytest.mark.django_db
@pytest.mark.parametrize("range_size", [1, 2, 100])
def test_run_gives_the_same_for_any_range_size(range_size: int) -> None:
    house = House(flats=2)

    report = run(house, range_size=range_size)

    assert report.lines == 8
    assert sum(balances_of(house)) == report.amount_kop == 2 * sum(FIRST_FLAT) + 30_40 + 14_05 + 42_50


@pytest.mark.django_db
def test_run_leaves_imported_services_to_their_provider() -> None:
    house = House(flats=1)
    gas = house.flats[0].service("gas", mode="imported")
    tariff(gas, "fixed", "100")

    run(house)

    assert ledger.balances(account_service_ids=[gas.id]) == {gas.id: Money(0)}


@pytest.mark.django_db
def test_run_of_a_month_that_has_not_begun_is_refused() -> None:
    house = House(flats=1)

    with pytest.raises(billing.MonthNotOver):
        billing.run_month(town_id=house.id, period=Period(202612), at=AT)
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_run_that_was_cancelled_stops_and_can_be_resumed() -> None:
    house = House()
    planned = billing.plan_run(town_id=house.id, period=OCT, at=AT)
    JobProgress.objects.filter(kind="run", subject_id=str(planned.pk)).update(cancel_requested=True)

    with pytest.raises(billing.RunCancelled):
        run(house)

    assert not ChargeLine.objects.exists()
    assert run(house).lines == 12


@pytest.mark.django_db
def test_reading_that_comes_after_an_estimate_takes_it_back() -> None:
    house = House(flats=1)
    november, december = OCT.next, OCT.next.next
    run(house)
    billing.run_month(town_id=house.id, period=november, at=AT + dt.timedelta(days=30))
    (estimate,) = billing.charge_lines(account_service_ids=[house.water[0].id], first=november, last=november)
    read(house.meters[0], december, "120")

    billing.run_month(town_id=house.id, period=december, at=AT + dt.timedelta(days=60))

    # 14 m³ from the initial 100 on 1 January to 114 on 31 October: 303 days, 30 in November
    assert (estimate.method, estimate.volume) == ("average", Decimal("1.386"))
    (line,) = billing.charge_lines(account_service_ids=[house.water[0].id], first=december, last=december)
    assert (line.method, line.volume) == ("meter", Decimal("4.614"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("workers", "range_size"), [(2, 1), (4, 1), (4, 2)])
def test_run_by_several_workers_gives_the_same(workers: int, range_size: int) -> None:
    alone, together = House(), House()
    for house in (alone, together):
        given_benefit(house.water[0])
        for number in ("6", "7", "8"):  # more buildings, so that there are several ranges
            building = house.town.building
            building.pk, building.number, building.number_key = None, number, number
            building.save()
            house.waste += [house.town.flat(living=2).service("waste") for _ in range(2)]
    run(alone)

    report = run(together, range_size=range_size, workers=workers)

    assert report.ranges == 4
    assert balances_of(together) == balances_of(alone)
    assert sum(balances_of(alone)) == report.amount_kop
    assert ledger.verify(workers=2) == []
    assert run(together, range_size=range_size, workers=workers).lines == 0


KILLED = """
    import os, django
    django.setup()
    from django.db import connection
    connection.settings_dict["NAME"] = {database!r}
    left = {statements}
    def kill(execute, sql, params, many, context):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return execute(sql, params, many, context)
    from domivka.billing import api as billing
    from tests.database.billing.town import AT, OCT
    with connection.execute_wrapper(kill):
        billing.run_month(town_id={town}, period=OCT, at=AT)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statements", [0, 3, 8, 14, 19, 24, 28])
def test_run_killed_anywhere_is_finished_by_the_next(statements: int) -> None:
    house = House(flats=2)
    database = connection.settings_dict["NAME"]
    code = textwrap.dedent(KILLED.format(statements=statements, database=database, town=house.id))

    killed = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "."}, check=False)
    run(house)

    assert killed.returncode == 9, "the process must die before it ends, or this test proves nothing"
    assert sum(balances_of(house)) == 2 * sum(FIRST_FLAT) + 30_40 + 14_05 + 42_50
    assert ChargeLine.objects.count() == 8
    assert not RunRange.objects.filter(done_at=None).exists()
    assert ledger.verify() == []


@pytest.mark.django_db
def test_what_if_equals_the_run_and_writes_nothing() -> None:
    house = House(flats=1)

    lines = billing.what_if(
        premises_id=house.flats[0].row.pk, period=OCT, readings={(house.meters[0], "single"): Decimal("114")}
    )

    assert not ChargeLine.objects.exists()
    run(house)
    real = billing.charge_lines(account_service_ids=house.services, first=OCT, last=OCT)
    assert sorted((line.account_service_id, line.amount.kop) for line in lines) == sorted(
        (line.account_service_id, line.amount.kop) for line in real
    )


@pytest.mark.django_db
def test_what_if_of_another_reading_prices_it() -> None:
    house = House(flats=1)

    lines = billing.what_if(
        premises_id=house.flats[0].row.pk, period=OCT, readings={(house.meters[0], "single"): Decimal("120.5")}
    )

    water = next(line for line in lines if line.account_service_id == house.water[0].id)
    assert (water.volume, water.amount) == (Decimal("10.5"), Money(319_20))


@pytest.mark.django_db
@pytest.mark.parametrize("flats", [1, 3])
def test_run_takes_the_same_queries_for_any_number_of_accounts(
    flats: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    house = House(flats=flats)
    planned = billing.plan_run(town_id=house.id, period=OCT, at=AT)
    ranges = list(planned.ranges.values_list("pk", flat=True))

    with django_assert_num_queries(41):  # type: ignore[operator]  # a pytest-django fixture
        for range_id in ranges:
            billing.rate_range(range_id=range_id, at=AT)


@pytest.mark.django_db
def test_explain_shows_the_formula_and_what_changed() -> None:
    house = House(flats=1)
    billing.run_month(town_id=house.id, period=OCT.previous, at=AT)
    tariff(house.water[0], "single", "32.40", since=OCT.first_day)
    run(house)

    explanation = billing.explain(account_service_id=house.water[0].id, period=OCT)

    (line,) = explanation.lines
    assert line.formula == "4 м³ × 32,40 грн"
    assert (line.exact, line.is_rounded, line.reproduced) == ("129,6", False, True)
    assert line.volume_words == "Показання 114 − 110 = 4 м³."
    assert line.tariff is not None
    assert (line.tariff.decision_number, line.tariff.authority) == ("№ 417", "Виконавчий комітет")
    assert explanation.change is not None
    # last month 10 m³ × 30.40 = 304.00
    assert explanation.change == billing.Change(
        previous=Money(304_00), total=Money(-174_40), by_volume=Money(-182_40), by_price=Money(8_00), by_other=Money(0)
    )


@pytest.mark.django_db
def test_explain_shows_the_rounding_step() -> None:
    house = House(flats=1)
    run(house)

    (line,) = billing.explain(account_service_id=house.building[0].id, period=OCT).lines

    assert (line.formula, line.exact, line.is_rounded, line.line.amount) == (
        "51,5 м² × 7,85 грн",
        "404,275",
        True,
        Money(404_28),
    )


@pytest.mark.django_db
def test_submitted_readings_are_what_the_run_charges() -> None:
    house = House(flats=1)
    taken = metering.submit_readings(
        town_id=house.id,
        account_service_ids=[house.water[0].id],
        readings=[metering.TypedReading(house.meters[0], "single", Decimal("117"))],
        channel=metering.Channel.WEB,
        user_id=None,
        at=dt.datetime(2026, 11, 28, 9, 0, tzinfo=dt.UTC),
    )
    run(house)

    billing.run_month(town_id=house.id, period=OCT.next, at=AT + dt.timedelta(days=30))

    assert taken.taken == 1
    (line,) = billing.charge_lines(account_service_ids=[house.water[0].id], first=OCT.next, last=OCT.next)
    assert (line.previous_value, line.current_value, line.amount) == (Decimal("114"), Decimal("117"), Money(91_20))
