"""Issuing: the same bills by any number of workers in ranges of any size, whatever is stopped or killed when."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from pytest_django import Settings

from domivka.backoffice import prints
from domivka.billing import api as billing
from domivka.billing.models import ChargeLine
from domivka.exchange import api as exchange
from domivka.homes.models import AuthorisationKey
from domivka.kernel.models import AuditEntry, JobProgress
from domivka.ledger.api import EntryKind
from domivka.statements import api as statements
from domivka.statements.content import BillDoesNotAddUp
from domivka.statements.issuing import issue_range
from domivka.statements.models import Bill, PrintPart
from tests.builders import Town
from tests.database.billing.test_imported import record
from tests.database.billing.town import AT, OCT, House
from tests.database.exchange.town import GOOD, SECOND, add_addresses, bring, gaz_csv, make_town
from tests.database.payments.killable import KILLED

pytestmark = pytest.mark.django_db


def charged_house(flats: int) -> House:
    house = House(flats=flats)
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    return house


def bills() -> list[tuple[Any, ...]]:
    return list(
        Bill.objects.order_by("premises_id").values_list(
            "number", "issued_at", "due_on", "to_pay_kop", "charged_kop", "content"
        )
    )


def forget() -> None:
    Bill.objects.all().delete()
    AuthorisationKey.objects.all().delete()


def progress_of(house: House) -> JobProgress:
    return JobProgress.objects.get(kind="bills", subject_id=f"{house.id}:{int(OCT)}")


@pytest.mark.django_db(transaction=True)
def test_issuing_by_several_workers_in_ranges_of_any_size_gives_the_same() -> None:
    house = charged_house(5)
    alone = statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    expected = bills()

    for workers, range_size in [(1, 1), (1, 3), (2, 2)]:
        forget()
        issued = statements.issue_bills(town_id=house.id, period=OCT, at=AT, workers=workers, range_size=range_size)

        assert issued == alone
        assert bills() == expected
    assert alone.bills == len(expected) == 5


def test_issuing_again_changes_nothing_and_leaves_no_trace() -> None:
    house = charged_house(2)
    statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    expected, noted = bills(), AuditEntry.objects.count()

    again = statements.issue_bills(town_id=house.id, period=OCT, at=AT + dt.timedelta(days=3))

    assert (again.bills, again.to_pay.kop) == (0, 0)
    assert bills() == expected
    assert AuditEntry.objects.count() == noted


def test_issuing_says_how_far_it_is() -> None:
    house = charged_house(3)
    said: list[tuple[int, int]] = []

    statements.issue_bills(
        town_id=house.id, period=OCT, at=AT, range_size=2, progress=lambda done, total: said.append((done, total))
    )

    assert said == [(2, 3), (3, 3)]
    row = progress_of(house)
    assert (row.state, row.done, row.total, row.finished_at) == ("done", 3, 3, AT)


def test_issuing_stops_when_asked_and_goes_on_later() -> None:
    house = charged_house(3)

    with pytest.raises(statements.IssuingCancelled):
        statements.issue_bills(
            town_id=house.id, period=OCT, at=AT, range_size=1,
            progress=lambda *_: statements.cancel_issuing(town_id=house.id, period=OCT, at=AT, user_id=None),
        )  # fmt: skip

    assert (Bill.objects.count(), progress_of(house).state) == (1, "cancelled")
    rest = statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    assert (rest.bills, Bill.objects.count(), progress_of(house).state) == (2, 3, "done")


def test_range_that_does_not_add_up_is_named_and_the_ranges_before_it_stay() -> None:
    house = charged_house(2)
    house.water[1].charge(OCT, 5_00, kind=EntryKind.FEE)  # a posting that no column of a bill shows

    with pytest.raises(BillDoesNotAddUp, match=house.water[1].row.account.number):
        statements.issue_bills(town_id=house.id, period=OCT, at=AT, range_size=1)

    assert [bill.premises_id for bill in Bill.objects.all()] == [house.flats[0].row.pk]
    assert (progress_of(house).state, AuthorisationKey.objects.count()) == ("failed", 1)


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_make_each_bill_once() -> None:
    house = charged_house(2)
    first, last = house.flats[0].row.pk, house.flats[1].row.pk
    found: list[statements.Issued] = []

    def other() -> None:
        found.append(statements.issue_bills(town_id=house.id, period=OCT, at=AT))
        connections.close_all()

    with transaction.atomic():
        issue_range(town_id=house.id, period=OCT, at=AT, first=first, last=last)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "the other must wait for the keys of this transaction, or this test proves nothing"
    thread.join(timeout=20)

    assert [issued.bills for issued in found] == [0]
    assert Bill.objects.count() == AuthorisationKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_issuing_killed_at_every_step_is_finished_by_the_next() -> None:
    house = charged_house(2)
    statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    expected = bills()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.database.statements.killable", str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    left = set()
    for point in itertools.count(1):
        forget()
        process.stdin.write(f"{point} {house.id}\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        if code != KILLED:
            break
        found = bills()
        assert found == expected[: len(found)], f"step {point}"
        assert AuthorisationKey.objects.count() == len(found), f"step {point}"
        statements.issue_bills(town_id=house.id, period=OCT, at=AT)
        assert bills() == expected, f"step {point}"
        left.add(len(found))
    process.stdin.close()
    process.wait(timeout=10)

    assert (code, left) == (0, {0, 1, 2})  # it was killed before, between and after the ranges


def test_line_of_an_import_that_was_undone_is_not_on_the_bill() -> None:
    gas = Town().flat().service("gas", mode="imported")
    record(gas)
    billing.reverse_imported(batch_id=1, period=OCT, at=AT)
    record(gas, batch_id=2, volume_e6=205_000_000, amount_kop=1631_80)

    statements.issue_bills(town_id=gas.town.row.pk, period=OCT, at=AT)

    (row,) = statements.bill_content(premises_id=gas.row.account.premises_id).providers[0].services
    assert [(line.volume, line.charged_kop) for line in row.meters] == [("205", 1631_80)]


def test_totals_of_import_run_issue_and_print_are_one(settings: Settings, tmp_path: Path) -> None:
    settings.DOMIVKA_HOME = tmp_path
    house = House(flats=3)
    report = billing.run_month(town_id=house.id, period=OCT, at=AT)
    imported = make_town("UA05020030010063858")
    add_addresses(imported, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    batch = bring(imported, gaz_csv(GOOD, SECOND))
    in_file = exchange.preview(batch=exchange.batch_view(batch_id=batch, scope=exchange.Scope(everything=True)))

    for town_id, charged in ((house.id, report.amount_kop), (imported, sum(row.charged.kop for row in in_file))):
        statements.issue_bills(town_id=town_id, period=OCT, at=AT)
        run_id = statements.start_print(town_id=town_id, period=OCT, at=AT)
        statements.print_all(run_id=run_id, at=AT)
        printed = PrintPart.objects.filter(run_id=run_id).aggregate(kop=Sum("charged_kop"))["kop"]
        issued = Bill.objects.filter(premises__town_id=town_id).aggregate(kop=Sum("charged_kop"))["kop"]
        lines = ChargeLine.objects.filter(account_service__account__town_id=town_id)
        assert charged == lines.aggregate(kop=Sum("amount_kop"))["kop"] == issued == printed
        assert prints.one(run_id=run_id, now=AT).agrees
