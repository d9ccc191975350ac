"""A small town is built by the demo's own code: files, imports and ledger tell the same sums, and the ledger is proven."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Sum
from pytest_django import DjangoDbBlocker

from domivka.billing.models import ChargeLine, Recalculation
from domivka.demo.build import Built, build_town
from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch, ImportReading
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Balance
from domivka.metering.models import Meter, Reading
from domivka.registry.models import PersonalAccount
from domivka.tariffs.models import Benefit, HomePenaltySuspension

TODAY = dt.date(2026, 11, 21)
SAMPLES = next(
    (folder for up in (4, 5) if (folder := Path(__file__).parents[up] / "shared" / "samples").is_dir()), Path("absent")
)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Built]:
    """One for all tests of the module, taken back after the last of them; each test takes back what it did itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_town(today=TODAY, size=60, months=3)
        transaction.set_rollback(True)


@pytest.fixture
def built(town: Built, db: None) -> Built:
    return town


def _kop(hryvnias: object) -> int:
    return int(Decimal(str(hryvnias)) * 100)


def test_every_file_is_imported_with_the_sums_it_was_written_with(built: Built) -> None:
    for name, written in built.written.items():
        read = built.imported[name]
        totals = read["totals"]
        assert isinstance(totals, dict)

        assert read["rows"] == read["well_formed"] == written["rows"], name
        assert (read["rejected"], read["unknown_accounts"]) == (0, 0), name
        for kind in ("charged", "subsidy", "benefit", "paid", "closing", "total"):
            if f"{kind}_kop" in written:
                assert _kop(totals[kind]) == written[f"{kind}_kop"], (name, kind)


def test_benefits_cover_services_calculated_here_and_one_has_ended(built: Built) -> None:
    lines = ChargeLine.objects.filter(kind="benefit")

    modes = set(lines.values_list("account_service__provider_service__mode", flat=True))
    ended = Benefit.objects.filter(valid_to__isnull=False)

    assert modes == {"calculated"}
    assert lines.values("base_kind").distinct().count() >= 2
    assert ended.values("account__premises").distinct().count() == 1
    last = lines.filter(account_service__account__in=ended.values("account")).order_by("-period").values_list("period")
    assert last[0][0] == Period(202609)


def test_ledger_reaches_the_closing_balances_of_the_files(built: Built) -> None:
    last = Period(202610)
    closing = sum(
        written["closing_kop"]
        for name, written in built.written.items()
        if str(last) in name and "closing_kop" in written
    )
    imported = list(
        PersonalAccount.objects.filter(services__provider_service__mode="imported").values_list("services", flat=True)
    )

    balances = Balance.objects.filter(
        account__kind=Account.Kind.PERSONAL, account__owner_id__in=imported, period__lte=last
    )

    assert balances.aggregate(total=Sum("net_kop"))["total"] == closing > 0
    assert [b.file_name for b in ImportBatch.objects.all() if b.totals.get("differences")] == []
    assert ledger.verify() == []


def test_subsidies_and_benefits_of_the_heating_season_reach_the_ledger(built: Built) -> None:
    written = [built.written[f"teplo-{period}.xls"] for period in ("2026-08", "2026-09", "2026-10")]
    covered_here = ChargeLine.objects.filter(kind="benefit").values("account_service")
    of_files = Balance.objects.filter(account__kind=Account.Kind.PERSONAL).exclude(account__owner_id__in=covered_here)
    totals = of_files.aggregate(subsidy=-Sum("subsidy_kop"), benefit=-Sum("benefit_kop"))

    assert ["subsidy_kop" in one for one in written] == [False, False, True]
    assert totals == {name: written[2][f"{name}_kop"] for name in ("subsidy", "benefit")}
    assert min(totals.values()) > 0


def test_there_are_acts_of_recalculation_of_every_kind(built: Built) -> None:
    acts = {(act.reason, act.state): act for act in Recalculation.objects.all()}

    assert set(acts) == {("outage_days", "applied"), ("outage_hours", "draft"), ("absence", "applied")}
    assert all(act.totals["off_kop"] > 0 for act in acts.values())
    assert ledger.verify() == []


def test_one_provider_charges_penalty_and_a_damaged_home_is_spared(built: Built) -> None:
    penalties = ChargeLine.objects.filter(kind="penalty", run_id__isnull=False)
    spared = HomePenaltySuspension.objects.get()

    assert penalties.exists()
    assert {line.account_service.provider_service.provider.code for line in penalties} == {"akvaservis"}
    assert min(penalties.values_list("period", flat=True)) == Period(202610)  # what August charged is due by 30.09
    assert not penalties.filter(period=202610, account_service__account__premises=spared.premises_id).exists()


def test_calculated_services_are_charged_by_meter_average_norm_and_building_share(built: Built) -> None:
    methods = set(ChargeLine.objects.filter(run_id__isnull=False).values_list("method", flat=True).distinct())

    assert {"meter", "norm", "persons", "area", "fixed", "yearly", "building_share"} <= methods
    negative = ChargeLine.objects.filter(run_id__isnull=False, amount_kop__lt=0)
    assert negative.exclude(kind="benefit").count() == 0


def test_bank_registers_are_credited_in_full(built: Built) -> None:
    registers = [(name, built.imported[name]) for name in built.written if name.startswith("oschad")]

    assert [name for name, _ in registers] == ["oschad-2026-09.dbf", "oschad-2026-10.dbf", "oschad-2026-11.dbf"]
    for name, read in registers:
        assert read["credited_kop"] == built.written[name]["total_kop"] > 0
        assert read["suspended"] == 0


def test_terminals_register_brings_readings_of_the_last_month_and_one_slip(built: Built) -> None:
    read = built.imported["terminal-2026-10.csv"]

    assert read["credited_kop"] == built.written["terminal-2026-10.csv"]["total_kop"] > 0
    assert read["readings"] == {"found": 8, "taken": 6, "same": 0, "refused": 2}
    reasons = ImportReading.objects.filter(state="refused").values_list("reason", flat=True)
    assert any("менше за попереднє" in reason for reason in reasons)
    assert Reading.objects.filter(client_key__startswith="import:", channel="cash_desk", period=202610).count() == 6


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the provider samples are beside the repository")
def test_sample_file_opens_six_hundred_accounts_in_the_new_district(built: Built) -> None:
    at = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
    batch = exchange.upload(
        town_id=built.town_id,
        preset="vodokanal",
        period=Period(202610),
        file_name="vodokanal.dbf",
        content=(SAMPLES / "vodokanal.dbf").read_bytes(),
        user_id=None,
        at=at,
    )
    summary = exchange.check(batch_id=batch.batch_id, at=at)
    done = exchange.apply(batch_id=batch.batch_id, user_id=None, at=at)

    assert (summary["rows"], summary["well_formed"], summary["unknown_accounts"]) == (1800, 1800, 0)
    assert summary["totals"]["charged"] == "102050.95"
    assert (summary["new_accounts"], done["applied"], done["differences"]) == (600, 1800, 0)
    district = [built.premises[home.index] for home in built.plan.unconnected]
    assert PersonalAccount.objects.filter(premises_id__in=district).count() == 600 == len(set(district))
    assert ledger.verify() == []


def test_every_meter_has_a_number(built: Built) -> None:
    numbers = list(Meter.objects.values_list("number", flat=True))

    assert len(numbers) > 100
    assert [number for number in numbers if not (len(number) == 8 and number.isdigit())] == []
