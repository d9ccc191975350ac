"""Recalculations for absence: only what was charged by a norm or by people, by the days of each month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from domivka.billing import api as billing
from domivka.billing.models import Recalculation
from domivka.kernel.period import Period
from domivka.registry.models import Occupancy
from domivka.tariffs.models import Parameter
from tests.builders import AccountServiceOf
from tests.database.billing.acts import absence, apply, balances, lines_of, run, totals
from tests.database.billing.town import OCT, House, norm, read, tariff

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = House()
    run(house)
    return house


def by_norm(people: int = 3) -> tuple[House, AccountServiceOf]:
    """Hot water by the norm of 1.6 m³ a person at 80,59, charged for September and October."""
    house = House(flats=1)
    hot = house.flats[0].service("hot_water")
    tariff(hot, "single", "80.59")
    norm(hot, "1.6")
    Occupancy.objects.filter(premises=house.flats[0].row).update(registered=people)
    run(house, Period(202609))
    run(house)
    return house, hot


def test_absence_takes_off_the_share_of_those_away_by_the_days_of_each_month() -> None:
    _house, hot = by_norm()
    act = absence(hot, dt.date(2026, 9, 11), dt.date(2026, 10, 31), people=2)

    apply(act)

    # 4.8 m³ × 80.59 = 386.83 a month: 2 of 3 people, 20 of 30 days = 171.9244; all 31 days of October = 257.8867
    assert lines_of(act) == [(hot.id, -171_92), (hot.id, -257_89)]
    lines = billing.charge_lines(account_service_ids=[hot.id], first=Period(202609), last=OCT)
    found = {line.period: line for line in lines if line.component == "absence"}
    assert {period: line.volume for period, line in found.items()} == {
        Period(202609): Decimal("-2.133333"), OCT: Decimal("-3.2"),
    }  # fmt: skip
    assert (found[OCT].source_volume, found[OCT].base_total) == (Decimal(62), Decimal(93))
    assert Recalculation.objects.get(pk=act).booked_in == OCT
    assert totals(act)["accounts"] == 1


def test_absence_counts_no_more_people_than_are_registered_that_day() -> None:
    house, hot = by_norm()
    Occupancy.objects.create(
        premises=house.flats[0].row, valid_from=dt.date(2026, 10, 22), registered=1, living=1
    )  # two moved out on 22 October: 21 × 3 + 10 × 1 = 73 person-days
    run(house)

    act = absence(hot, dt.date(2026, 9, 1), dt.date(2026, 10, 31), people=2)
    apply(act)

    line = billing.charge_lines(account_service_ids=[hot.id], first=OCT, last=OCT)[-1]
    assert (line.source_volume, line.base_total) == (Decimal(21 * 2 + 10), Decimal(73))


def test_absence_of_thirty_days_is_too_short_unless_the_town_says_otherwise() -> None:
    house, hot = by_norm()
    first, last = dt.date(2026, 10, 1), dt.date(2026, 10, 30)

    with pytest.raises(billing.BadRecalculation, match="30"):
        absence(hot, first, last)

    Parameter.objects.create(
        town=house.town.row, code="absence_least_days", value=Decimal(0), valid_from=dt.date(2026, 1, 1),
        source="ПКМУ № 118 від 30.01.2026",
    )  # fmt: skip
    assert totals(absence(hot, first, last))["off_kop"] == 124_78  # 386.83 × 30 ÷ 93
    assert totals(absence(hot, first, dt.date(2026, 10, 31)))["off_kop"] == 128_94


def test_more_people_away_than_registered_are_refused() -> None:
    _house, hot = by_norm(people=2)

    with pytest.raises(billing.BadRecalculation) as refused:
        absence(hot, dt.date(2026, 9, 1), dt.date(2026, 10, 31), people=3)

    assert refused.value.field == "people_away"


def test_absence_takes_nothing_off_a_meter_or_off_heat(house: House) -> None:
    first, last = dt.date(2026, 9, 20), dt.date(2026, 10, 31)
    heating = house.flats[0].service("heating")
    heating.row.provider_service.service.unit = "gcal"
    heating.row.provider_service.service.save()
    tariff(heating, "single", "1354.78")
    norm(heating, "0.1")
    run(house, Period(202609))
    run(house)

    metered, warm = absence(house.water[0], first, last), absence(heating, first, last)

    assert totals(metered)["why"] == {"not_by_people": 2}
    assert totals(warm)["why"] == {"not_by_people": 2}


def test_absence_of_people_charged_one_by_one(house: House) -> None:
    run(house, Period(202609))
    act = absence(house.waste[1], dt.date(2026, 9, 1), dt.date(2026, 10, 31))  # two people at 42.50

    apply(act)

    assert [kop for _service, kop in lines_of(act)] == [-42_50, -42_50]
    assert balances(house.waste)[1] == 85_00


def test_month_charged_anew_by_a_meter_is_not_one_by_norm_any_more() -> None:
    house, hot = by_norm()
    meter = hot.meter("HW", initial="10", on=dt.date(2026, 10, 1))
    read(meter, OCT, "11")
    run(house)

    act = absence(hot, dt.date(2026, 9, 1), dt.date(2026, 10, 31))

    assert totals(act)["why"] == {"not_by_people": 1}
    assert totals(act)["taken"] == 1  # September
