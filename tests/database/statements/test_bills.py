from __future__ import annotations

import datetime as dt

import pypdfium2
import pytest
from django.test import Client

from domivka.billing import api as billing
from domivka.homes import api as homes
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger.models import Balance
from domivka.registry.api import due_day
from domivka.statements import api as statements
from domivka.statements.content import BillDoesNotAddUp, BillService
from domivka.statements.models import Bill
from domivka.statements.rules.nbu_qr import parse
from tests.builders import given_benefit, resident
from tests.database.billing.town import AT, OCT, House
from tests.pictures import qr_codes

pytestmark = pytest.mark.django_db


def charged_house(flats: int = 1) -> House:
    house = House(flats=flats)
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    return house


def issue(house: House, period: Period = OCT) -> statements.Issued:
    return statements.issue_bills(town_id=house.id, period=period, at=AT)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


def test_bill_asks_for_what_the_ledger_says() -> None:
    house = charged_house()

    issued = issue(house)

    assert issued == statements.Issued(1, Money(121_60 + 56_21 + 42_50 + 404_28))
    content = statements.bill_content(premises_id=house.flats[0].row.pk)
    water = content.providers[0].services[0]
    assert (water.charged_kop, water.debt_kop, water.paid_kop, water.to_pay_kop) == (121_60, 0, 0, 121_60)
    (meter,) = water.meters
    assert (meter.previous, meter.current, meter.volume, meter.price) == ("110", "114", "4", "30,40")


def test_bill_issued_twice_is_one_and_the_key_stays() -> None:
    house = charged_house()
    issue(house)
    key = homes.current_keys(premises_ids=[house.flats[0].row.pk])

    again = issue(house)

    assert again == statements.Issued(0, Money(0))
    assert Bill.objects.count() == 1
    assert homes.current_keys(premises_ids=[house.flats[0].row.pk]) == key


def test_next_bill_rotates_the_key() -> None:
    house = charged_house()
    issue(house)
    before = homes.current_keys(premises_ids=[house.flats[0].row.pk])

    issue(house, OCT.next)

    assert homes.current_keys(premises_ids=[house.flats[0].row.pk]) != before


def test_bill_pdf_says_what_the_content_says() -> None:
    house = charged_house()
    issue(house)
    content = statements.bill_content(premises_id=house.flats[0].row.pk)

    text = text_of(statements.bill_pdf(premises_id=house.flats[0].row.pk)).replace("\u00a0", " ")

    assert "РАХУНОК - ПОВІДОМЛЕННЯ" in text
    assert content.key in text
    for amount in ("121,60", "56,21", "42,50", "404,28", "624,59"):
        assert amount in text


def test_benefit_is_taken_off_the_bill_and_shown_on_it() -> None:
    house = House()  # the first flat's water: 4 m³ × 30.40, of which 3.6 m³ at 75 % are covered
    given_benefit(house.water[0])
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    issue(house)
    premises_id = house.flats[0].row.pk

    water = statements.bill_content(premises_id=premises_id).providers[0].services[0]
    text = text_of(statements.bill_pdf(premises_id=premises_id)).replace("\u00a0", " ")

    assert (water.charged_kop, water.subsidy_kop, water.compulsory_kop, water.to_pay_kop) == (
        121_60, 82_08, 39_52, 39_52,
    )  # fmt: skip
    assert "−82,08" in text
    assert "39,52" in text


def test_bill_pdf_is_the_same_for_the_same_content() -> None:
    house = charged_house()
    issue(house)

    first = statements.bill_pdf(premises_id=house.flats[0].row.pk)

    assert statements.bill_pdf(premises_id=house.flats[0].row.pk) == first


def test_qr_on_the_paper_reads_back_to_its_fields() -> None:
    house = charged_house()
    issue(house)
    content = statements.bill_content(premises_id=house.flats[0].row.pk)

    texts = qr_codes(statements.bill_pdf(premises_id=house.flats[0].row.pk))

    assert sorted(texts) == sorted(provider.qr for provider in content.providers)
    fields = [parse(text) for text in texts]
    assert sorted(field["amount"] for field in fields) == ["UAH177.81", "UAH404.28", "UAH42.50"]
    assert {field["iban"] for field in fields} == {"UA213223130000026007233566001"}


def test_bill_that_does_not_add_up_is_refused() -> None:
    row = BillService("Вода", "1", 100, 50, 0, 0, 0, 30, 121, ())

    with pytest.raises(BillDoesNotAddUp):
        row.check()


@pytest.mark.parametrize("flats", [1, 3])
def test_issuing_takes_the_same_queries_for_any_number_of_homes(
    flats: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    house = charged_house(flats)

    with django_assert_num_queries(18):  # type: ignore[operator]  # a pytest-django fixture
        assert issue(house).bills == flats


def test_due_day_on_a_weekend_moves_to_monday() -> None:
    assert due_day(period=Period(202610), services=[]) == dt.date(2026, 11, 20)  # a Friday
    assert due_day(period=Period(202511), services=[]) == dt.date(2025, 12, 22)  # the 20th was a Saturday


def test_bill_is_for_its_owner_only(client: Client) -> None:
    house = charged_house(2)
    issue(house)
    owner, stranger = resident(house.flats[0]), resident(house.flats[1])

    client.force_login(owner.user)
    own = client.get(f"/homes/{owner.home.pk}/bill.pdf")
    client.force_login(stranger.user)
    others = client.get(f"/homes/{owner.home.pk}/bill.pdf")

    assert (own.status_code, own["Content-Type"]) == (200, "application/pdf")
    assert others.status_code == 404
    assert Balance.objects.exists()


def test_certificate_and_list_of_bills_open(client: Client) -> None:
    house = charged_house()
    issue(house)
    owner = resident(house.flats[0])
    client.force_login(owner.user)

    assert client.get(f"/homes/{owner.home.pk}/bills/").status_code == 200
    assert "Довідка про платежі" in text_of(client.get(f"/homes/{owner.home.pk}/certificate.pdf").content)
    assert client.get(f"/homes/{owner.home.pk}/bill.pdf?period=2020-01").status_code == 404
    assert client.get(f"/homes/{owner.home.pk}/bill.pdf?period=rubbish").status_code == 404
