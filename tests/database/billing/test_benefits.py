"""Benefits in the run, the what-if and the explanation, on a real database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine
from domivka.ledger import api as ledger
from domivka.tariffs import api as tariffs
from domivka.tariffs.models import Benefit, BenefitNorm, BenefitPercent
from tests.builders import AccountServiceOf
from tests.builders import given_benefit as benefit
from tests.database.billing.test_run import run
from tests.database.billing.town import AT, OCT, House


def benefit_lines(service: AccountServiceOf) -> list[billing.LineView]:
    found = billing.charge_lines(account_service_ids=[service.id], first=OCT, last=OCT)
    return [line for line in found if line.kind == "benefit"]


@pytest.mark.django_db
def test_run_posts_charges_in_full_and_what_the_benefit_covers() -> None:
    house = House()  # first flat: one person, 4 m³ × 30.40
    benefit(house.water[0])

    run(house)

    (line,) = benefit_lines(house.water[0])
    assert (line.volume, line.amount.kop, line.base_kind, line.base_total) == (
        Decimal("3.6"),
        -82_08,
        "20",
        Decimal(75),
    )
    (state,) = ledger.account_states(account_service_ids=[house.water[0].id], first=OCT, last=OCT)
    assert (state.charged.kop, state.benefit.kop, state.closing.kop) == (121_60, 82_08, 39_52)
    assert ledger.verify() == []


@pytest.mark.django_db
def test_benefit_covers_every_calculated_service_of_its_account_and_no_other() -> None:
    house = House()
    benefit(house.water[0])

    run(house)

    lines = ChargeLine.objects.filter(kind="benefit").order_by("pk")
    assert {line.account_service_id for line in lines} == {house.water[0].id}  # «sewage» has no per cent of the country


@pytest.mark.django_db
def test_what_if_is_what_the_run_charges() -> None:
    house = House()
    benefit(house.water[0])
    promised = billing.what_if(premises_id=house.flats[0].row.pk, period=OCT, readings={})

    run(house)

    services = {line.account_service_id for line in promised}
    charged = billing.charge_lines(account_service_ids=services, first=OCT, last=OCT)
    assert sorted((line.kind, line.amount.kop) for line in promised) == sorted(
        (line.kind, line.amount.kop) for line in charged
    )
    assert [line.amount.kop for line in promised if line.kind == "benefit"] == [-82_08]


@pytest.mark.django_db
def test_nobody_with_a_benefit_costs_one_query() -> None:
    house = House()
    premises_id = house.flats[0].row.pk

    with CaptureQueriesContext(connection) as without:
        billing.what_if(premises_id=premises_id, period=OCT, readings={})
    benefit(house.water[0])
    with CaptureQueriesContext(connection) as one:
        billing.what_if(premises_id=premises_id, period=OCT, readings={})
    benefit(house.water[0], category="30", holder="Кожемяка Олена")
    with CaptureQueriesContext(connection) as two:
        billing.what_if(premises_id=premises_id, period=OCT, readings={})

    asked = [query["sql"] for query in without if "tariffs_benefit" in query["sql"]]
    assert len(asked) == 1
    assert len(two) == len(one) == len(without) + 2  # the town's own per cents and norms


@pytest.mark.django_db
def test_benefit_entered_later_gives_a_correction_and_the_next_run_nothing() -> None:
    house = House()
    run(house)
    found = benefit(house.water[0])

    report = run(house)

    assert (report.revision, report.lines, report.amount_kop) == (2, 1, -82_08)
    assert run(house).lines == 0
    tariffs.end_benefit(
        provider_id=house.water[0].row.account.provider_id, benefit_id=found, last_day=None, user_id=None, at=AT
    )
    assert run(house).amount_kop == 82_08
    assert ledger.balances(account_service_ids=[house.water[0].id])[house.water[0].id].kop == 121_60


@pytest.mark.django_db
def test_correction_names_the_charge_and_leaves_its_volume() -> None:
    house = House()
    benefit(house.water[0])
    run(house)
    Benefit.objects.update(valid_to=dt.date(2026, 10, 11))

    run(house)

    lines = billing.charge_lines(account_service_ids=[house.water[0].id], first=OCT, last=OCT)
    (correction,) = [line for line in lines if line.kind == "correction"]
    (charge,) = [line for line in lines if line.kind == "charge"]
    # 3.6 × 10/31 = 1.161 m³ within the norm: 26.47 instead of 82.08
    assert (correction.amount.kop, correction.volume, correction.corrects_id) == (82_08 - 26_47, Decimal(0), charge.id)


@pytest.mark.django_db
@pytest.mark.parametrize("range_size", [1, 2, 100])
def test_ranges_of_any_size_give_the_same(range_size: int) -> None:
    house = House()
    for water in house.water:
        benefit(water)

    run(house, range_size=range_size)

    assert [-benefit_lines(water)[0].amount.kop for water in house.water] == [82_08, 82_08, 82_08]


@pytest.mark.django_db
def test_with_a_subsidy_on_the_account_the_benefit_is_not_applied() -> None:
    house = House()
    benefit(house.water[0])
    house.sewage[0].charge(OCT, -50_00, kind=ledger.EntryKind.SUBSIDY)  # on the same personal account

    run(house)

    assert benefit_lines(house.water[0]) == []


@pytest.mark.django_db
def test_towns_own_per_cent_and_norm_go_before_the_countrys() -> None:
    house = House()
    town = house.town.row
    BenefitPercent.objects.create(
        town=town,
        category="20",
        service_code="water",
        percent=Decimal(100),
        valid_from=dt.date(2026, 1, 1),
        source="№ 1",
    )
    BenefitNorm.objects.create(
        town=town, service_code="water", per_person=Decimal(3), valid_from=dt.date(2026, 1, 1), source="№ 2"
    )
    BenefitNorm.objects.create(
        town=town, service_code="water", per_person=Decimal(9), valid_from=dt.date(2020, 1, 1),
        valid_to=dt.date(2026, 1, 1), source="№ 0",
    )  # fmt: skip
    benefit(house.water[0])

    run(house)

    assert [line.amount.kop for line in benefit_lines(house.water[0])] == [-91_20]


@pytest.mark.django_db
def test_explanation_reproduces_the_benefit() -> None:
    house = House()
    benefit(house.water[0], since=dt.date(2026, 10, 11))
    run(house)

    why = billing.explain(account_service_id=house.water[0].id, period=OCT)

    explained = why.lines[-1]
    assert explained.line.component_words == "пільга"
    assert explained.volume_words == (
        "Пільга «Учасник бойових дій» (код 20): 75 % вартості в межах норми, людей із пільгою – 1. "
        "Норма 2,43871 м³, на цей рядок припадає 2,439 м³. Пільга діє днів: 21 із 31."
    )
    assert explained.formula == "−2,439 м³ × 30,40 грн × 75 %"
    assert explained.reproduced
    assert explained.line.amount.kop == -55_61


@pytest.mark.django_db
def test_charge_and_benefit_both_reproduce_and_add_up() -> None:
    house = House()
    benefit(house.water[0])
    run(house)

    why = billing.explain(account_service_id=house.water[0].id, period=OCT)

    assert why.total.kop == 39_52
    assert all(item.reproduced for item in why.lines)
