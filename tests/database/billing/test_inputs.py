"""What a run makes of unusual homes: several meters, estimates, shared meters, closed accounts, late corrections."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.metering.models import BuildingMeter, BuildingVolume
from domivka.registry.models import Building, Premises
from domivka.tariffs.models import TariffRate
from tests.builders import Town
from tests.database.billing.town import AT, OCT, House, meter, norm, read, tariff

pytestmark = pytest.mark.django_db

NOV, DEC = OCT.next, OCT.shift(2)
LATER = dt.datetime(2027, 1, 5, 9, 0, tzinfo=dt.UTC)


def run(town: Town, period: Period) -> billing.RunReport:
    return billing.run_month(town_id=town.row.pk, period=period, at=LATER)


def line_of(account_service_id: int, period: Period) -> billing.LineView:
    (line,) = billing.charge_lines(account_service_ids=[account_service_id], first=period, last=period)
    return line


def why(account_service_id: int, period: Period) -> str:
    return billing.explain(account_service_id=account_service_id, period=period).lines[0].volume_words


def test_estimate_is_taken_back_from_the_meter_it_was_made_for() -> None:
    town = Town()
    water = town.flat().service("water")
    tariff(water, "single", "10")
    kitchen, bath = meter(water, "K"), meter(water, "B")
    for period, value in [(Period(202608), "0"), (Period(202609), "30"), (OCT, "61")]:
        read(bath, period, value)
    for period, value in [(Period(202608), "0"), (Period(202609), "6.1")]:
        read(kitchen, period, value)
    read(kitchen, NOV, "20")
    read(bath, NOV, "91")

    run(town, OCT)
    run(town, NOV)

    october = billing.charge_lines(account_service_ids=[water.id], first=OCT, last=OCT)
    november = billing.charge_lines(account_service_ids=[water.id], first=NOV, last=NOV)
    volumes = {(line.period, line.meter_id): line.volume for line in [*october, *november]}
    assert volumes[OCT, bath] == 31
    assert volumes[NOV, bath] == 30, "the estimate of the kitchen's meter is not taken from the bath's"
    assert volumes[OCT, kitchen] + volumes[NOV, kitchen] == Decimal("13.9"), (
        "20 − 6.1 in the end, whatever the estimate"
    )


def test_estimate_priced_by_blocks_is_taken_back() -> None:
    town = Town()
    power = town.flat().service("electricity")
    version = tariff(power, "blocks", "1.00", component="block")
    TariffRate.objects.create(version=version, component="block", from_volume=100, price=Decimal(2))
    register = meter(power)
    for period, value in [(Period(202608), "0"), (Period(202609), "300"), (NOV, "700")]:
        read(register, period, value)

    run(town, OCT)
    run(town, NOV)

    lines = billing.charge_lines(account_service_ids=[power.id], first=OCT, last=NOV)
    assert sum(line.volume for line in lines) == 400


def test_account_closed_afterwards_gets_its_charge_back() -> None:
    house = House(flats=2)
    run(house.town, OCT)
    waste = house.waste[0].row
    waste.closed_on = dt.date(2026, 9, 30)
    waste.save()

    report = run(house.town, OCT)

    assert (report.revision, report.lines, report.amount_kop) == (2, 1, -42_50)
    assert ledger.balances(account_service_ids=[waste.pk]) == {waste.pk: Money(0)}
    assert run(house.town, OCT).lines == 0


def test_correction_of_an_old_month_stands_in_the_last_month_charged() -> None:
    house = House(flats=1)
    run(house.town, OCT)
    run(house.town, NOV)
    waste = house.waste[0]
    before = ledger.balances(account_service_ids=[waste.id], through=OCT)
    house.flats[0].row.occupancy.update(registered=3)

    run(house.town, OCT)

    assert ledger.balances(account_service_ids=[waste.id], through=OCT) == before
    (state, _) = ledger.account_states(account_service_ids=[waste.id], first=OCT, last=NOV)
    assert (state.period, state.charged, state.correction) == (NOV, Money(42_50), Money(85_00))


def shared_heating() -> tuple[Town, list[int]]:
    town = Town()
    flats = [town.flat(heated_area_m2=area) for area in ("50", "30", "20")]
    heating = [flat.service("heating") for flat in flats]
    tariff(heating[0], "single", "1000")
    supplied = heating[0].row.provider_service
    supplied.service.volume_decimals = 4
    supplied.service.save()
    own = meter(heating[2])
    for period, value in [(Period(202609), "10"), (OCT, "11")]:
        read(own, period, value)
    shared = BuildingMeter.objects.create(building=town.building, provider_service=supplied, number="B-1")
    BuildingVolume.objects.create(meter=shared, period=OCT, volume=Decimal("5.0000"))
    return town, [service.id for service in heating]


def test_building_meter_is_shared_by_area_over_flats_without_a_meter() -> None:
    town, heating = shared_heating()

    run(town, OCT)

    volumes = {service: line_of(service, OCT).volume for service in heating}
    assert volumes == {heating[0]: Decimal("2.5"), heating[1]: Decimal("1.5"), heating[2]: Decimal(1)}
    assert why(heating[0], OCT) == (
        "Лічильник будинку: на квартири без своїх лічильників припало 4 Гкал, ваша частка за площею 50 з 80 м² — 2,5 Гкал."
    )


def test_what_if_knows_the_neighbours_who_share_the_meter() -> None:
    _town, heating = shared_heating()

    lines = billing.what_if(premises_id=Premises.objects.earliest("pk").pk, period=OCT, readings={})

    assert [(line.account_service_id, line.volume) for line in lines] == [(heating[0], Decimal("2.5"))]


def test_buildings_whose_homes_came_mixed_still_make_small_ranges() -> None:
    town = Town()
    first = town.building
    second = Building.objects.create(
        town=town.row, street=town.street, number="9", number_key="9", number_sort="000009"
    )
    for n in range(6):
        town.building = second if n % 2 else first
        tariff(town.flat().service("waste"), "person", "42.50") if n == 0 else town.flat().service("waste")

    planned = billing.plan_run(town_id=town.row.pk, period=OCT, at=AT, range_size=2)

    assert [(r.first_building_id, r.last_building_id) for r in planned.ranges.order_by("pk")] == [
        (first.pk, first.pk),
        (second.pk, second.pk),
    ]
    run(town, OCT)
    assert ChargeLine.objects.count() == 6


def test_explanation_of_an_average_has_its_numbers() -> None:
    town = Town()
    water = town.flat().service("water")
    tariff(water, "single", "30.40")
    register = meter(water, initial="0", since=dt.date(2025, 9, 30))
    read(register, Period(202609), "96")

    run(town, OCT)

    line = line_of(water.id, OCT)
    assert (line.volume, line.amount) == (Decimal("8.153"), Money(247_85))
    assert (line.source_volume, line.base_kind, line.base_total) == (Decimal(96), "per_day", Decimal(365))
    assert why(water.id, OCT) == "Показань не було, тому взято середнє: 96 м³ ÷ 365 × 31 (днів) = 8,153 м³."


def test_explanation_of_a_norm_has_its_numbers() -> None:
    town = Town()
    water = town.flat(living=2).service("water")
    tariff(water, "single", "30.40")
    norm(water, "3.6")

    run(town, OCT)

    assert line_of(water.id, OCT).volume == Decimal("7.2")
    assert why(water.id, OCT) == (
        "Лічильника немає або він не враховується, тому взято норму: 3,6 м³ на людину × 2 = 7,2 м³."
    )


def test_explanation_of_a_norm_counts_days_when_people_moved() -> None:
    town = Town()
    flat = town.flat(living=2)
    water = flat.service("water")
    tariff(water, "single", "30.40")
    norm(water, "3.6")
    flat.row.occupancy.create(valid_from=dt.date(2026, 10, 17), registered=3, living=3)

    run(town, OCT)

    assert why(water.id, OCT) == (
        "Лічильника немає або він не враховується, тому взято норму: 3,6 м³ на людину × 77 (люди × дні) ÷ 31 (днів місяця) = "
        "8,942 м³."
    )


def test_explanation_of_a_split_month_names_its_part() -> None:
    house = House(flats=1)
    tariff(house.water[0], "single", "40", since=dt.date(2026, 10, 16))

    run(house.town, OCT)

    lines = billing.explain(account_service_id=house.water[0].id, period=OCT).lines
    assert [line.volume_words for line in lines] == [
        "Показання 114 − 110 = 4 м³. З них у цьому рядку 1,935 м³.",
        "Показання 114 − 110 = 4 м³. З них у цьому рядку 2,065 м³.",
    ]
    assert [line.formula for line in lines] == ["1,935 м³ × 30,40 грн", "2,065 м³ × 40,00 грн"]
    assert all(line.reproduced for line in lines)


def test_lower_reading_waits_for_a_check_and_says_so() -> None:
    town = Town()
    water = town.flat().service("water")
    tariff(water, "single", "30.40")
    register = meter(water, initial="0", since=dt.date(2025, 9, 30))
    read(register, Period(202609), "96")
    read(register, OCT, "95")

    run(town, OCT)

    assert line_of(water.id, OCT).amount == Money(247_85)
    assert why(water.id, OCT) == (
        "Показання 95 менше за попереднє 96 і чекає перевірки, тому поки взято середнє: 96 м³ ÷ 365 × 31 (днів) = 8,153 м³."
    )
