"""Where the money of a bill goes, and what makes a bill impossible."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from domivka.homes.models import AuthorisationKey
from domivka.kernel.money import Money
from domivka.ledger.api import EntryKind
from domivka.registry.models import BankAccount, Premises
from domivka.statements import api as statements
from domivka.statements.content import BillDoesNotAddUp
from domivka.statements.models import Bill
from domivka.statements.rules.nbu_qr import parse
from tests.builders import Town
from tests.database.payments import town as seed_1
from tests.database.payments.town import AT, OCT

pytestmark = pytest.mark.django_db


def test_each_bank_account_of_a_provider_is_a_recipient_of_its_own() -> None:
    house = seed_1.build()
    for service, kop in (("water", 1264_70), ("wastewater", 869_27), ("housing", 1021_00)):
        seed_1.charge(house, service, kop)

    issued = statements.issue_bills(town_id=house.town_id, period=OCT, at=AT)

    assert issued == statements.Issued(1, Money(3154_97))
    content = statements.bill_content(premises_id=house.premises_id)
    paid_to = {(parse(part.qr)["iban"], parse(part.qr)["amount"]) for part in content.providers if part.qr}
    assert paid_to == {
        ("UA393052990000026006060365696", "UAH1264.70"),
        ("UA213223130000026007233566001", "UAH869.27"),
        ("UA503004650000026001234567890", "UAH1021.00"),
    }


def test_overpaid_service_does_not_lower_what_its_provider_is_owed() -> None:
    flat = Town().flat()
    flat.service("water", provider="vodokanal").charge(OCT, 100_00)
    flat.service("sewage", provider="vodokanal").pay(OCT, 30_00)

    statements.issue_bills(town_id=flat.town.row.pk, period=OCT, at=AT)

    content = statements.bill_content(premises_id=flat.row.pk)
    (provider,) = content.providers
    assert [service.to_pay_kop for service in provider.services] == [100_00, -30_00]
    assert (content.to_pay, content.overpaid) == (Money(100_00), Money(30_00))
    assert parse(provider.qr)["amount"] == "UAH100.00"


def test_debt_payment_and_subsidy_make_what_is_to_pay() -> None:
    flat = Town().flat()
    gas = flat.service("gas")
    gas.charge(OCT.previous, 1751_68)
    gas.charge(OCT, 1306_47)
    gas.charge(OCT, -200_00, kind=EntryKind.SUBSIDY)
    gas.charge(OCT, -50_00, kind=EntryKind.CORRECTION)
    gas.charge(OCT, 3_10, kind=EntryKind.PENALTY)
    gas.pay(OCT, 751_68)

    statements.issue_bills(town_id=flat.town.row.pk, period=OCT, at=AT)

    (row,) = statements.bill_content(premises_id=flat.row.pk).providers[0].services
    assert (row.debt_kop, row.charged_kop, row.paid_kop) == (1751_68, 1306_47, 751_68)
    assert (row.subsidy_kop, row.correction_kop, row.penalty_kop) == (200_00, -50_00, 3_10)
    assert (row.compulsory_kop, row.to_pay_kop) == (1106_47, 2059_57)


def test_bill_with_money_it_cannot_name_is_refused_and_no_key_is_rotated() -> None:
    flat = Town().flat()
    water = flat.service("water")
    water.charge(OCT, 100_00)
    water.charge(OCT, 5_00, kind=EntryKind.FEE)  # a posting that no column of the bill shows

    with pytest.raises(BillDoesNotAddUp):
        statements.issue_bills(town_id=flat.town.row.pk, period=OCT, at=AT)

    assert not Bill.objects.exists()
    assert not AuthorisationKey.objects.exists()


def test_payment_after_the_bill_does_not_change_it() -> None:
    flat = Town().flat()
    water = flat.service("water")
    water.charge(OCT, 100_00)
    statements.issue_bills(town_id=flat.town.row.pk, period=OCT, at=AT)
    before = statements.bill_pdf(premises_id=flat.row.pk, period=OCT)

    water.pay(OCT, 100_00)
    BankAccount.objects.update(iban="UA503004650000026001234567890")

    assert statements.bill_pdf(premises_id=flat.row.pk, period=OCT) == before
    assert statements.bills_of(premises_id=flat.row.pk)[0].to_pay == Money(100_00)


def test_meters_that_stand_get_boxes_for_next_months_readings() -> None:
    flat = Town().flat()
    power = flat.service("electricity", metered=True)
    power.meter("E-1", zones=("day", "night"), on=dt.date(2026, 1, 10))
    power.charge(OCT, 100_00)

    statements.issue_bills(town_id=flat.town.row.pk, period=OCT, at=AT)

    (row,) = statements.bill_content(premises_id=flat.row.pk).providers[0].services
    assert (row.meter_numbers, row.boxes) == (("E-1",), 2)


def test_provider_without_a_code_gets_its_bill_without_a_qr() -> None:
    flat = Town().flat()
    water = flat.service("water")
    water.charge(OCT, 100_00)
    provider = water.row.provider_service.provider
    provider.edrpou = ""
    provider.save()

    statements.issue_bills(town_id=flat.town.row.pk, period=OCT, at=AT)

    (found,) = statements.bill_content(premises_id=flat.row.pk).providers
    assert (found.qr, found.to_pay) == ("", Money(100_00))


def test_home_that_opted_out_is_not_printed() -> None:
    town = Town()
    paper, electronic = town.flat(), town.flat()
    for flat in (paper, electronic):
        flat.service("water").charge(OCT, 100_00)
    Premises.objects.filter(pk=electronic.row.pk).update(paper_bill=False)
    statements.issue_bills(town_id=town.row.pk, period=OCT, at=AT)

    printed = statements.paper_bills(town_id=town.row.pk, period=OCT)

    assert printed == [Bill.objects.get(premises_id=paper.row.pk).pk]
    assert Bill.objects.count() == 2


def test_command_issues_once(capsys: pytest.CaptureFixture[str]) -> None:
    flat = Town().flat()
    flat.service("water").charge(OCT, 100_00)

    call_command("bills", period="2026-10")
    call_command("bills", period="2026-10")

    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in said if "Калинівськ" in line] == [
        "1 bills, 100,00 грн to pay",
        "0 bills, 0,00 грн to pay",
    ]
