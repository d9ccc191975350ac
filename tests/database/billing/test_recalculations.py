"""Recalculations for outages and absence, on charges of a real run: what is taken off, once, and back exactly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.db.utils import IntegrityError
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine, Recalculation, Run
from domivka.billing.recalculation import operations
from domivka.billing.tasks import apply_recalculation, undo_recalculation
from domivka.kernel.models import AuditEntry, JobProgress
from domivka.kernel.money import Money
from domivka.ledger import api as ledger
from domivka.ledger.models import Posting, Transaction
from domivka.registry.models import Building
from domivka.statements import api as statements
from domivka.statements.models import Bill
from domivka.tariffs.models import Parameter
from tests.database.billing.acts import LATER, apply, balances, lines_of, outage, read_again, run, totals, undo
from tests.database.billing.town import OCT, House, read, tariff

pytestmark = pytest.mark.django_db
NOV = OCT.next


@pytest.fixture
def house() -> House:
    """Water of 4, 5 and 6 m³ at 30,40 charged in October."""
    house = House()
    run(house)
    return house


def test_outage_is_taken_off_every_account_of_the_service_in_one_transaction(house: House) -> None:
    act = outage(house.water[0])
    assert totals(act) == {
        "accounts": 3, "rows": 3, "taken": 3, "monthly_kop": 456_00, "off_kop": 60_19, "why": {},
    }  # fmt: skip
    assert balances(house.water) == [121_60, 152_00, 182_40]

    assert apply(act) is True

    # 121.60 × 13.2 % = 16.0512; 152.00 → 20.064; 182.40 → 24.0768
    assert lines_of(act) == [(house.water[0].id, -16_05), (house.water[1].id, -20_06), (house.water[2].id, -24_08)]
    assert balances(house.water) == [105_55, 131_94, 158_32]
    (state,) = ledger.account_states(account_service_ids=[house.water[0].id], first=OCT, last=OCT)
    assert (state.charged, state.correction, state.closing) == (Money(121_60), Money(-16_05), Money(105_55))
    posted = Transaction.objects.get(idempotency_key=f"recalculation:{act}")
    assert (posted.cause, posted.period, posted.postings.count()) == ("recalculation", OCT, 4)
    assert ledger.verify() == []


def test_line_keeps_what_it_was_reckoned_from_and_names_the_line_it_corrects(house: House) -> None:
    act = outage(house.water[0])
    apply(act)

    charged, line = billing.charge_lines(account_service_ids=[house.water[0].id], first=OCT, last=OCT)

    assert (line.kind, line.component, line.corrects_id, line.recalculation_id) == (
        "correction", "outage", charged.id, act,
    )  # fmt: skip
    assert (line.base, line.base_kind, line.days, line.coefficient, line.volume) == (
        Decimal("121.60"), "month_charge", 4, Decimal("0.033"), Decimal(0),
    )  # fmt: skip


def test_applying_and_undoing_again_does_nothing(house: House) -> None:
    act = outage(house.water[0])
    before = balances(house.water)
    apply(act)

    assert apply(act) is False
    assert ChargeLine.objects.filter(recalculation_id=act).count() == 3

    assert undo(act) is True
    assert undo(act) is False
    assert balances(house.water) == before
    assert [kop for _service, kop in lines_of(act)] == [-16_05, -20_06, -24_08, 16_05, 20_06, 24_08]
    assert Transaction.objects.filter(idempotency_key__startswith="recalculation:").count() == 2
    assert len(billing.charge_lines(account_service_ids=[house.water[0].id], first=OCT, last=OCT)) == 1
    assert ledger.verify() == []
    with pytest.raises(billing.WrongState):
        apply(act)


def test_undo_of_a_draft_and_removal_of_an_applied_act_are_refused(house: House) -> None:
    act = outage(house.water[0])
    with pytest.raises(billing.WrongState):
        undo(act)
    apply(act)

    with pytest.raises(billing.WrongState):
        billing.remove_recalculation(recalculation_id=act, user_id=7, at=LATER)

    assert Recalculation.objects.filter(pk=act).exists()


def test_draft_is_removed_and_posts_nothing(house: House) -> None:
    act = outage(house.water[0])

    billing.remove_recalculation(recalculation_id=act, user_id=7, at=LATER)

    assert not Recalculation.objects.exists()
    assert not ChargeLine.objects.filter(recalculation_id=act).exists()
    assert list(AuditEntry.objects.filter(object_kind="recalculation").values_list("action", flat=True)) == [
        "billing.recalculation_drafted", "billing.recalculation_removed",
    ]  # fmt: skip


def test_failure_half_way_leaves_nothing(house: House) -> None:
    act = outage(house.water[0])
    before = balances(house.water)

    def broken(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise OSError

    with pytest.raises(OSError):
        apply(act, report=broken)

    assert lines_of(act) == []
    assert balances(house.water) == before
    assert Recalculation.objects.get(pk=act).state == "draft"
    assert apply(act) is True


def test_hours_of_the_month(house: House) -> None:
    act = outage(
        house.water[0], reason="outage_hours", hours=48, period=OCT, first_on=None, last_on=None, percent_a_day=None
    )

    apply(act)

    assert lines_of(act)[0] == (house.water[0].id, -7_85)  # 121.60 × 48 ÷ 744 = 7.845
    line = billing.charge_lines(account_service_ids=[house.water[0].id], first=OCT, last=OCT)[-1]
    assert (line.source_volume, line.base_total, line.days) == (Decimal(48), Decimal(744), None)


def test_chosen_buildings_and_one_account(house: House) -> None:
    other = Building.objects.get(pk=house.town.building.pk)
    other.pk, other.number, other.number_key = None, "6", "6"
    other.save()
    house.flats[2].row.building_id = other.pk
    house.flats[2].row.save()

    there = outage(house.water[0], place="buildings", building_ids=(other.pk,))
    one = outage(house.water[0], place="account", account_service_id=house.water[1].id)
    both = outage(house.water[0], place="buildings", building_ids=(other.pk, house.town.building.pk))
    apply(there)
    apply(one)

    assert lines_of(there) == [(house.water[2].id, -24_08)]
    assert lines_of(one) == [(house.water[1].id, -20_06)]
    assert totals(both)["rows"] == 3


def test_never_more_than_what_is_left_after_earlier_acts(house: House) -> None:
    most = outage(house.water[0], last_on=dt.date(2026, 10, 31), percent_a_day=Decimal("3.3"))  # 27 days: 89.1 %
    apply(most)
    second, third = outage(house.water[0]), outage(house.water[0])
    apply(second)

    assert [kop for _service, kop in lines_of(second)] == [-13_25, -16_57, -19_88]  # what was left of the three
    with pytest.raises(billing.PreviewChanged):
        apply(third)
    assert totals(third)["why"] == {"nothing_left": 3}
    with pytest.raises(billing.NothingToTakeOff):
        apply(third)
    assert balances(house.water) == [0, 0, 0]


def test_undone_act_leaves_room_for_another(house: House) -> None:
    wrong = outage(house.water[0], last_on=dt.date(2026, 10, 31), percent_a_day=Decimal(100))
    apply(wrong)
    undo(wrong)

    right = outage(house.water[0])

    assert totals(right)["off_kop"] == 60_19


def test_subscription_fees_fixed_sums_and_constant_parts_stay() -> None:
    house = House(flats=2)
    heating = [flat.service("heating") for flat in house.flats]
    for one in heating:
        one.row.load = Decimal("0.003")
        one.row.save()
    version = tariff(heating[0], "two_part_heat", "1354.78", component="variable")
    version.rates.create(component="constant", price=Decimal("1000"))
    version.rates.create(component="subscription", price=Decimal("15"))
    intercom = house.flats[0].service("gas")
    tariff(intercom, "fixed", "40")
    meter_rows = [one.meter(f"H{n}", initial="1", on=dt.date(2026, 9, 1)) for n, one in enumerate(heating)]
    read(meter_rows[0], OCT, "1.522")
    run(house)

    warm, fixed = outage(heating[0]), outage(intercom)

    # 0.522 Gcal × 1354.78 = 707.20 × 13.2 % = 93.35; the second flat has no reading and no norm: its charge is zero
    assert totals(warm)["off_kop"] == 93_35
    assert totals(fixed)["why"] == {"fixed": 1}


def test_account_without_a_charge_says_so(house: House) -> None:
    fresh = house.town.flat().service("water", provider="vodokanal", metered=True)

    act = outage(house.water[0])

    assert totals(act)["why"] == {"not_charged": 1}
    rows = billing.taken_off(provider_id=fresh.row.account.provider_id, recalculation_id=act)
    assert [row.off.kop for row in rows if row.why] == [0]


def test_month_not_charged_and_month_under_way_are_refused(house: House) -> None:
    with pytest.raises(billing.MonthNotCharged):
        outage(house.water[0], first_on=dt.date(2026, 11, 1), last_on=dt.date(2026, 11, 2))
    act = outage(house.water[0])
    billing.plan_run(town_id=house.id, period=OCT, at=LATER)

    with pytest.raises(billing.MonthBeingCharged):
        apply(act)

    assert lines_of(act) == []


def test_imported_service_is_left_to_its_provider(house: House) -> None:
    gas = house.flats[0].service("gas", mode="imported")

    with pytest.raises(billing.NotCalculatedHere):
        outage(gas)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"last_on": dt.date(2026, 10, 4)}, "last_on"),
        ({"last_on": dt.date(2026, 11, 1)}, "last_on"),
        ({"percent_a_day": None}, "percent_a_day"),
        ({"percent_a_day": Decimal("100.01")}, "percent_a_day"),
        ({"place": "buildings"}, "buildings"),
        ({"place": "buildings", "building_ids": (2_000_000_000,)}, "buildings"),
        ({"place": "account", "account_service_id": None}, "account"),
        ({"reason": "absence"}, "place"),
        ({"reason": "outage_hours", "hours": 745, "period": OCT}, "hours"),
        ({"reason": "outage_hours", "hours": 2}, "period"),
    ],
)
def test_act_that_cannot_be_right_names_the_field(house: House, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(billing.BadRecalculation) as refused:
        outage(house.water[0], **fields)

    assert refused.value.field == field
    assert not Recalculation.objects.exists()


def test_account_of_another_service_is_refused(house: House) -> None:
    with pytest.raises(billing.BadRecalculation):
        outage(house.water[0], place="account", account_service_id=house.waste[0].id)


def test_database_refuses_an_absence_of_a_whole_service(house: House) -> None:
    act = Recalculation.objects.get(pk=outage(house.water[0]))
    act.reason, act.people_away = "absence", 1

    with pytest.raises(IntegrityError, match="recalculation_absence_of_one_account"):
        act.save()


def test_run_corrections_stay_right_beside_recalculations(house: House) -> None:
    act = outage(house.water[0])
    apply(act)

    read_again(house.meters[0], "116")  # 6 m³ instead of 4
    again = run(house)

    # the water and its wastewater for two cubic metres more; the recalculation is no part of what the run compares
    assert (again.lines, again.amount_kop) == (2, 60_80 + 28_10)
    assert balances(house.water)[0] == 182_40 - 16_05
    assert run(house).lines == 0
    undo(act)
    assert run(house).lines == 0
    assert balances(house.water)[0] == 182_40


def test_recalculation_of_a_corrected_month_takes_the_corrected_charge(house: House) -> None:
    read_again(house.meters[0], "116")
    run(house)

    act = outage(house.water[0], place="account", account_service_id=house.water[0].id)

    assert (totals(act)["monthly_kop"], totals(act)["off_kop"]) == (182_40, 24_08)


def test_charges_that_changed_after_the_check_are_shown_before_anything_is_posted(house: House) -> None:
    act = outage(house.water[0], place="account", account_service_id=house.water[0].id)
    read_again(house.meters[0], "116")
    run(house)

    with pytest.raises(billing.PreviewChanged):
        apply(act)

    assert lines_of(act) == []
    assert totals(act)["off_kop"] == 24_08
    assert apply(act) is True


def test_old_month_is_posted_where_bills_are_not_out_yet(house: House) -> None:
    run(house, NOV)
    act = outage(house.water[0])

    apply(act)

    assert Recalculation.objects.get(pk=act).booked_in == NOV
    assert set(ChargeLine.objects.filter(recalculation_id=act).values_list("period", flat=True)) == {OCT}
    posted = Posting.objects.filter(transaction__idempotency_key=f"recalculation:{act}")
    assert set(posted.values_list("period", flat=True)) == {NOV}
    states = ledger.account_states(account_service_ids=[house.water[0].id], first=OCT, last=NOV)
    assert {state.period: state.correction.kop for state in states} == {OCT: 0, NOV: -16_05}


def test_bill_shows_it_in_its_column(house: House) -> None:
    apply(outage(house.water[0], place="account", account_service_id=house.water[0].id))

    statements.issue_bills(town_id=house.id, period=OCT, at=LATER)

    bill = Bill.objects.get(premises=house.flats[0].row)
    assert bill.to_pay_kop == 121_60 - 16_05 + 56_21 + 42_50 + 404_28
    content = statements.bill_content(premises_id=house.flats[0].row.pk)
    (row,) = [one for provider in content.providers for one in provider.services if one.correction_kop]
    assert (row.charged_kop, row.correction_kop) == (121_60, -16_05)
    paper = pypdfium2.PdfDocument(statements.bill_pdf(premises_id=bill.premises_id))
    assert "16,05" in paper[0].get_textpage().get_text_range()


def test_large_act_runs_as_a_job_with_progress(house: House) -> None:
    act = outage(house.water[0])
    assert billing.recalculation_waiting(act, stage="У черзі") is True
    assert billing.recalculation_waiting(act, stage="У черзі") is False

    apply_recalculation(recalculation_id=act, user_id=7)

    job = JobProgress.objects.get(kind="recalculation")
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert Recalculation.objects.get(pk=act).state == "applied"
    assert ProcrastinateJob.objects.filter(task_name="ledger.summarise").exists()
    undo_recalculation(recalculation_id=act, user_id=7)
    assert Recalculation.objects.get(pk=act).state == "undone"


def test_job_of_an_act_that_is_refused_says_why(house: House) -> None:
    act = outage(house.water[0], percent_a_day=Decimal("0.01"), last_on=dt.date(2026, 10, 5), place="service")
    Run.objects.filter(town=house.town.row).update(state=Run.State.RUNNING)
    billing.recalculation_waiting(act, stage="У черзі")

    apply_recalculation(recalculation_id=act, user_id=7)

    job = JobProgress.objects.get(kind="recalculation")
    assert job.state == "failed"
    assert "ще не нараховано" in job.message


@pytest.mark.parametrize("count", [1, 3])
def test_list_and_rows_cost_a_fixed_number_of_queries(
    house: House, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    acts = [outage(house.water[0]) for _ in range(count)]
    provider_id = house.water[0].row.account.provider_id

    with django_assert_num_queries(2):
        total, found = billing.recalculations(provider_id=provider_id, limit=20)
    with django_assert_num_queries(4):
        rows = billing.taken_off(provider_id=provider_id, recalculation_id=acts[0], limit=count)

    assert total == len(found) == count
    assert len(rows) == count


def test_filters_of_the_list(house: House) -> None:
    provider_id = house.water[0].row.account.provider_id
    applied = outage(house.water[0], document="Акт № 7")
    outage(house.water[0])
    apply(applied)

    def ids(**wanted: Any) -> list[int]:
        return [one.id for one in billing.recalculations(provider_id=provider_id, limit=9, **wanted)[1]]

    assert ids(state="applied") == ids(document="№ 7") == [applied]
    assert ids(period=NOV) == []
    assert len(ids(period=OCT)) == 2


def test_percent_comes_from_data_and_a_towns_own_wins(house: House) -> None:
    heating = house.flats[0].service("heating").row.provider_service_id
    day = dt.date(2026, 10, 1)
    assert billing.outage_percent(provider_service_id=heating, on=day) == Decimal("3.3")
    assert billing.outage_percent(provider_service_id=house.water[0].row.provider_service_id, on=day) is None

    Parameter.objects.create(
        town=house.town.row, code="outage_percent_water", value=Decimal("2.5"), valid_from=day, source="рішення № 5"
    )

    assert billing.outage_percent(provider_service_id=house.water[0].row.provider_service_id, on=day) == Decimal("2.5")


def test_lines_of_acts_need_their_act(house: House) -> None:
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_charge_line (period, account_service_id, kind, component, structure, method, volume, price,"
            " coefficient, amount_kop, created_at) VALUES (202610, %s, 'correction', 'outage', '', 'meter', 0, 0, 1, -1, now())",
            [house.water[0].id],
        )


def test_two_acts_are_checked_by_the_same_rule_as_they_are_posted(house: House) -> None:
    rows = operations._rows(Recalculation.objects.get(pk=outage(house.water[0])))

    ((month, frame),) = rows
    assert month == OCT
    assert frame["off_kop"].to_list() == [16_05, 20_06, 24_08]
