"""Penalty in the monthly run: whose debt, from which day, payments by their day, suspensions, the cap, revisions, undo."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine, Run, RunRange
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.payments import api as payments
from domivka.tariffs import api as tariffs
from domivka.tariffs.models import HomePenaltySuspension, Parameter, PenaltyRule, PenaltySuspension
from tests.builders import AccountServiceOf
from tests.database.billing.town import AT, OCT, House

pytestmark = pytest.mark.django_db

AUG, SEP = Period(202608), Period(202609)


def charges_penalty(
    service: AccountServiceOf, since: dt.date = dt.date(2026, 1, 1), until: dt.date | None = None
) -> PenaltyRule:
    return PenaltyRule.objects.create(
        provider_service_id=service.row.provider_service_id, valid_from=since, valid_to=until, source="договір, п. 34"
    )


def run(house: House, period: Period = OCT, **options: object) -> billing.RunReport:
    at = AT if period <= OCT else dt.datetime.combine(period.next.first_day, dt.time(9), dt.UTC)
    return billing.run_month(town_id=house.id, period=period, at=at, **options)  # type: ignore[arg-type]  # test options


def penalty(service: AccountServiceOf, period: Period = OCT) -> int:
    states = ledger.account_states(account_service_ids=[service.id], first=period, last=period)
    return sum(state.penalty.kop for state in states)


def lines(service: AccountServiceOf, period: Period = OCT) -> list[billing.LineView]:
    found = billing.charge_lines(account_service_ids=[service.id], first=period, last=period)
    return [line for line in found if line.kind == "penalty"]


def register(house: House, service: AccountServiceOf, day: dt.date, kop: int, batch: str = "b1") -> None:
    payments.record_register(
        town_id=house.id,
        bank="oschad",
        batch=batch,
        rows=[payments.RegisterRow(1, batch, service.row.account.number, kop, day)],
        at=dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC),
    )


def test_run_without_a_rule_charges_none_and_asks_nothing_more() -> None:
    house = House(flats=1)
    house.waste[0].charge(AUG, 1000_00)
    planned = billing.plan_run(town_id=house.id, period=OCT, at=AT)

    with CaptureQueriesContext(connection) as without:
        billing.rate_range(range_id=planned.ranges.get().pk, at=AT)

    assert penalty(house.waste[0]) == 0
    assert not any("penaltysuspension" in one["sql"] for one in without)
    assert sum("penaltyrule" in one["sql"] for one in without) == 1  # inside the range's own query


def test_a_whole_month_of_a_debt_of_months_before() -> None:
    """domain.md §5.6: 1000.00 for 31 days is 3.10."""
    house = House(flats=2)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)

    run(house)

    (line,) = lines(house.waste[0])
    assert (line.amount, line.volume, line.price, line.days) == (Money(3_10), Decimal(31_000), Decimal("0.0001"), 31)
    assert (line.method, line.base, line.base_total, line.source_volume) == ("penalty", Decimal(1000), None, Decimal(1))
    assert penalty(house.waste[0]) == 3_10
    assert penalty(house.waste[1]) == penalty(house.water[0]) == 0
    assert ledger.verify() == []


def test_last_months_charge_counts_from_the_first_working_day_after_its_term() -> None:
    """Due on Tuesday the 20th: from Wednesday the 21st, 11 days."""
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(SEP, 1000_00)

    run(house)

    (line,) = lines(house.waste[0])
    assert (line.amount, line.days, line.source_volume) == (Money(1_10), 11, Decimal(21))


def test_term_that_ends_on_the_last_day_moves_into_the_month_after() -> None:
    """domain.md §5.6: due on Sunday 31.05.2026, penalty from 02.06: charges of April count 29 days of June."""
    house = House(flats=1)
    charges_penalty(house.waste[0])
    supplied = house.waste[0].row.provider_service
    supplied.due_day = 31
    supplied.save()
    house.waste[0].charge(Period(202604), 1000_00)
    house.waste[0].charge(Period(202605), 5000_00)  # due on 30.06

    run(house, Period(202606))

    (line,) = lines(house.waste[0], Period(202606))
    assert (line.amount, line.days, line.source_volume) == (Money(2_90), 29, Decimal(2))


def test_penalty_grows_no_penalty_and_a_payment_lessens_the_debt_first() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)
    house.waste[0].charge(AUG, 90_00, kind=ledger.EntryKind.PENALTY)
    house.waste[0].pay(SEP, 400_00)

    run(house)

    assert penalty(house.waste[0]) == 1_86


def test_subsidy_and_benefit_are_no_debt_and_a_negative_correction_counts_at_once() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)
    house.waste[0].charge(AUG, -200_00, kind=ledger.EntryKind.SUBSIDY)
    house.waste[0].charge(SEP, -300_00, kind=ledger.EntryKind.CORRECTION)
    house.waste[0].charge(SEP, 300_00)

    run(house)

    assert penalty(house.waste[0]) == 1_55 + 33  # 500.00 × 31 days, 300.00 × 11 days


def test_payment_counts_from_the_day_the_person_paid_not_of_the_file() -> None:
    house = House(flats=1)
    charges_penalty(house.building[0])
    house.building[0].charge(SEP, 1000_00)
    register(house, house.building[0], dt.date(2026, 10, 20), 1000_00)

    run(house)

    assert penalty(house.building[0]) == 0


def test_payment_that_came_late_costs_its_days_only() -> None:
    house = House(flats=1)
    charges_penalty(house.building[0])
    house.building[0].charge(SEP, 1000_00)
    register(house, house.building[0], dt.date(2026, 10, 26), 600_00)

    run(house)

    assert penalty(house.building[0]) == 50 + 24  # 1000.00 on 21–25, 400.00 on 26–31


def test_payment_whose_day_nobody_knows_counts_from_the_first() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)
    house.waste[0].pay(OCT, 1000_00)

    run(house)

    assert penalty(house.waste[0]) == 0


def test_register_that_was_taken_back_paid_nothing_and_the_next_run_charges() -> None:
    house = House(flats=1)
    charges_penalty(house.building[0])
    house.building[0].charge(SEP, 1000_00)
    register(house, house.building[0], dt.date(2026, 10, 5), 1000_00)
    run(house)
    payments.reverse_register(bank="oschad", batch="b1", at=AT)

    report = run(house)

    assert (report.revision, report.lines, report.amount_kop) == (2, 1, 1_10)
    assert penalty(house.building[0]) == 1_10
    assert run(house).lines == 0


def test_payment_found_afterwards_gives_the_penalty_back_by_one_correction() -> None:
    house = House(flats=1)
    charges_penalty(house.building[0])
    house.building[0].charge(SEP, 1000_00)
    run(house)
    before = ledger.balances(account_service_ids=[house.building[0].id])[house.building[0].id]
    register(house, house.building[0], dt.date(2026, 10, 19), 1000_00)

    report = run(house)

    assert (report.lines, report.amount_kop) == (1, -1_10)
    charged, back = lines(house.building[0])
    assert (back.amount, back.component, back.corrects_id) == (Money(-1_10), "correction", charged.id)
    after = ledger.balances(account_service_ids=[house.building[0].id])[house.building[0].id]
    assert (before - after).kop == 1000_00 + 1_10
    assert (penalty(house.building[0]), run(house).lines) == (0, 0)
    assert ledger.verify() == []


def test_run_again_leaves_no_trace() -> None:
    house = House()
    for service in (house.water[0], house.waste[0], house.building[0]):
        charges_penalty(service)
    for n, service in enumerate([*house.water, *house.waste, *house.building]):
        service.charge(AUG, 100_00 * n)
        service.charge(SEP, 70_00)
    run(house)
    known = ChargeLine.objects.count()

    again = run(house)

    assert (again.run_id, again.lines) == (None, 0)
    assert (ChargeLine.objects.count(), Run.objects.count()) == (known, 1)


def test_correction_of_a_charge_does_not_change_its_own_months_penalty() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)
    run(house)
    house.waste[0].row.closed_on = dt.date(2026, 10, 10)
    house.waste[0].row.save()

    first, second = run(house), run(house)

    assert first.lines == 1  # the waste of ten days only; the penalty stays
    assert (second.run_id, penalty(house.waste[0])) == (None, 3_10)


def test_rule_counts_its_own_days_and_its_end_gives_back() -> None:
    house = House(flats=1)
    rule = charges_penalty(house.waste[0], since=dt.date(2026, 10, 22))
    house.waste[0].charge(AUG, 1000_00)
    run(house)
    assert penalty(house.waste[0]) == 1_00
    tariffs.end_penalty_rule(
        provider_id=house.waste[0].row.account.provider_id, rule_id=rule.pk, last_on=dt.date(2026, 10, 26), user_id=None,
        at=AT,
    )  # fmt: skip

    run(house)

    assert penalty(house.waste[0]) == 50


def test_suspensions_of_town_home_and_provider_take_days_out() -> None:
    house = House(flats=3)
    charges_penalty(house.waste[0])
    for service in house.waste:
        service.charge(AUG, 1000_00)
    PenaltySuspension.objects.create(
        katottg=house.town.row.katottg[:10], first_on=dt.date(2026, 10, 1), last_on=dt.date(2026, 10, 10), source="№ 1"
    )
    own = house.waste[0].row.account.provider_id
    for flat, provider in ((0, own), (1, house.water[1].row.account.provider_id), (2, None)):
        HomePenaltySuspension.objects.create(
            premises=house.flats[flat].row, provider_id=provider, first_on=dt.date(2026, 9, 15),
            last_on=dt.date(2026, 10, 21), reason="damaged", document="акт № 3",
        )  # fmt: skip

    run(house)

    assert [penalty(service) for service in house.waste] == [1_00, 2_10, 1_00]


def test_a_suspension_that_was_taken_back_counts_nothing() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)
    HomePenaltySuspension.objects.create(
        premises=house.flats[0].row, first_on=dt.date(2026, 10, 5), last_on=dt.date(2026, 10, 4), reason="other",
        document="№ 1",
    )  # fmt: skip

    run(house)

    assert penalty(house.waste[0]) == 3_10


def test_all_penalties_stop_at_the_cap_of_the_largest_debt() -> None:
    house = House(flats=2)
    charges_penalty(house.waste[0])
    Parameter.objects.create(
        town=house.town.row,
        code="penalty_cap_percent",
        value=Decimal("1"),
        valid_from=dt.date(2020, 1, 1),
        source="№ 7",
    )
    for service in house.waste:
        service.charge(Period(202603), 1000_00)
        service.charge(AUG, 8_00, kind=ledger.EntryKind.PENALTY)
    house.waste[1].charge(Period(202501), 2000_00)  # larger once: paid since
    house.waste[1].pay(Period(202507), 2000_00)
    house.waste[1].pay(Period(202506), 0)

    run(house)

    (line,) = lines(house.waste[0])
    assert (line.amount, line.base_total) == (Money(2_00), Decimal("2.0000"))
    explained = billing.explain(account_service_id=house.waste[0].id, period=OCT).lines[-1]
    assert explained.reproduced
    assert "31\u00a0000 грн·днів × 0,01 % = 3,10 грн, але до межі залишилося 2,00 грн" in explained.formula
    assert run(house).run_id is None


def test_largest_debt_of_all_time_is_what_the_cap_is_of() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    Parameter.objects.create(
        town=house.town.row,
        code="penalty_cap_percent",
        value=Decimal("1"),
        valid_from=dt.date(2020, 1, 1),
        source="№ 7",
    )
    house.waste[0].charge(Period(202501), 3000_00)
    house.waste[0].charge(Period(202503), 8_00, kind=ledger.EntryKind.PENALTY)
    house.waste[0].pay(Period(202506), 2000_00)

    run(house)

    assert penalty(house.waste[0]) == 3_10  # 30.00 may be charged in all


@pytest.mark.parametrize("range_size", [1, 2, 100])
def test_any_range_size_gives_the_same(range_size: int) -> None:
    house = House(flats=3)
    charges_penalty(house.waste[0])
    charges_penalty(house.building[0])
    for n, service in enumerate([*house.waste, *house.building]):
        service.charge(SEP, 333_33 * (n + 1))

    run(house, range_size=range_size)

    assert [penalty(service) for service in [*house.waste, *house.building]] == [37, 73, 1_10, 1_47, 1_83, 2_20]


@pytest.mark.django_db(transaction=True)
def test_two_workers_give_the_same() -> None:
    alone, together = House(flats=3), House(flats=3)
    for house in (alone, together):
        charges_penalty(house.waste[0])
        for number in ("6", "7"):
            building = house.town.building
            building.pk, building.number, building.number_key = None, number, number
            building.save()
            house.waste += [house.town.flat().service("waste") for _ in range(2)]
        for n, service in enumerate(house.waste):
            service.charge(SEP, 333_33 * (n + 1))
            service.pay(OCT, 100_00)
    run(alone)

    report = run(together, range_size=1, workers=2)

    expected = [26, 62, 99, 1_36, 1_72, 2_09, 2_46]
    assert report.ranges == 3
    assert [penalty(service) for service in alone.waste] == [penalty(service) for service in together.waste] == expected
    assert ledger.verify(workers=2) == []
    assert run(together, range_size=1, workers=2).lines == 0


def test_failure_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(AUG, 1000_00)
    planned = billing.plan_run(town_id=house.id, period=OCT, at=AT)
    monkeypatch.setattr("domivka.billing.runs._step", lambda run, at: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        billing.rate_range(range_id=planned.ranges.get().pk, at=AT)

    assert (ChargeLine.objects.count(), penalty(house.waste[0])) == (0, 0)
    assert RunRange.objects.get().done_at is None


@pytest.mark.parametrize("flats", [1, 3])
def test_a_range_takes_the_same_queries_for_any_number_of_accounts(
    flats: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    house = House(flats=flats)
    charges_penalty(house.waste[0])
    for service in house.waste:
        service.charge(AUG, 1000_00)
        service.pay(OCT, 100_00)
    planned = billing.plan_run(town_id=house.id, period=OCT, at=AT)

    with django_assert_num_queries(46):
        billing.rate_range(range_id=planned.ranges.get().pk, at=AT)


def test_why_this_penalty() -> None:
    house = House(flats=1)
    charges_penalty(house.waste[0])
    house.waste[0].charge(SEP, 1000_00)
    HomePenaltySuspension.objects.create(
        premises=house.flats[0].row, first_on=dt.date(2026, 10, 30), reason="damaged", document="акт № 3"
    )
    run(house)

    why = billing.explain(account_service_id=house.waste[0].id, period=OCT)

    (item,) = [one for one in why.lines if one.line.kind == "penalty"]
    assert (item.formula, item.exact) == ("9\u00a0000 грн·днів × 0,01 %", "0,9")
    assert item.reproduced
    assert not item.is_rounded
    assert item.volume_words == (
        "Борг, не сплачений у строк, враховано за 9 (днів) місяця, починаючи з 21.10.2026. Найбільший борг у ці дні — "
        "1\u00a0000,00 грн. Борги всіх цих днів разом — 9\u00a0000 грн·днів, за кожен день — 0,01 % боргу."
    )
    assert "Закон № 2189-VIII, ст. 26" in item.grounds
    assert "договір, п. 34" in item.grounds
    assert "Пеню не нараховують: 30.10–31.10.2026." in item.grounds
