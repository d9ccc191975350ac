"""Subsidies and benefits in a provider's file: part of the row's identity, credits of the account, taken back with the file."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.homes.models import Home
from domivka.identity.models import Role, User
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.registry.models import AccountService, Premises
from tests.builders import holder
from tests.database.exchange.town import AT, OCT, add_addresses, make_town, upload
from tests.unit.exchange.files import xls

pytestmark = pytest.mark.django_db
HEADER = [
    "Особовий рахунок", "ПІБ абонента", "Адреса", "Послуга", "Обсяг", "Тариф, грн", "Нараховано",
    "Борг(+)/Переплата(-) на початок", "Сплачено", "Борг(+)/Переплата(-) на кінець",
]  # fmt: skip
RELIEF = ["Субсидія", "Пільга"]


@pytest.fixture
def town() -> int:
    made = make_town()
    add_addresses(made, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    return made


def row(number: str, charged: str, opening: str, paid: str, closing: str, *relief: str) -> list[object]:
    flat = number[-1]
    address = f"вул. Соборна, буд. 73, кв. {flat}"
    first = [number, "Їжак П. Ґ.", address, "Централізоване опалення", "1,2", "1000"]
    return [*first, charged, opening, paid, closing, *relief]


def file(*rows: list[object], header: list[str] | None = None) -> bytes:
    return xls({"teplo": [header or [*HEADER, *RELIEF], *rows]})


GOOD = row("Т-1", "1 200,00", "300,50", "0,50", "450,00", "1 000,00", "50,00")


def bring(town: int, content: bytes, *, period: Period = OCT, at: dt.datetime = AT) -> int:
    batch = upload(town, content, preset="teplo", period=period)
    exchange.check(batch_id=batch, at=at)
    exchange.apply(batch_id=batch, user_id=None, at=at)
    return batch


def state(number: str) -> dict[str, int]:
    owner = AccountService.objects.get(account__number=number).pk
    (month,) = ledger.account_states(account_service_ids=[owner], first=OCT, last=OCT)
    names = ("opening", "charged", "subsidy", "benefit", "paid", "closing")
    return {name: getattr(month, name).kop for name in names}


def test_subsidy_and_benefit_are_credits_of_the_account(town: int) -> None:
    batch = bring(town, file(GOOD, row("Т-2", "800,00", "0", "0", "800,00", "", "0")))

    # 300,50 + 1 200,00 − 1 000,00 − 50,00 − 0,50 = 450,00
    assert state("Т-1") == {
        "opening": 300_50, "charged": 1200_00, "subsidy": 1000_00, "benefit": 50_00, "paid": 50, "closing": 450_00,
    }  # fmt: skip
    assert state("Т-2") == {
        "opening": 0, "charged": 800_00, "subsidy": 0, "benefit": 0, "paid": 0, "closing": 800_00,
    }  # fmt: skip
    totals = ImportBatch.objects.get(pk=batch).totals
    assert (totals["totals"]["subsidy"], totals["totals"]["benefit"]) == ("1000.00", "50.00")
    assert (totals["services"]["heating"]["subsidy"], totals["differences"]) == ("1000.00", 0)
    assert ledger.verify() == []


def test_row_whose_relief_does_not_add_up_is_rejected(town: int) -> None:
    wrong = row("Т-1", "1 200,00", "300,50", "0,50", "450,00", "1 000,00", "50,01")
    batch = upload(town, file(wrong, row("Т-2", "1", "0", "0", "1", "сто", "0")), preset="teplo")

    exchange.check(batch_id=batch, at=AT)

    assert list(ImportRow.objects.filter(batch=batch).order_by("pk").values_list("state", "reason")) == [
        ("rejected", "Сальдо не сходиться: виходить 449,99 грн, а у файлі 450,00 грн."),
        ("rejected", "Число в колонці «Субсидія» не читається: «сто»."),
    ]


def test_file_without_the_columns_is_as_before(town: int) -> None:
    bring(town, file(row("Т-1", "1 200,00", "300,50", "0,50", "1 500,00"), header=HEADER))

    assert state("Т-1") == {
        "opening": 300_50, "charged": 1200_00, "subsidy": 0, "benefit": 0, "paid": 50, "closing": 1500_00,
    }  # fmt: skip


def test_subsidy_taken_back_is_a_debt_again(town: int) -> None:
    bring(town, file(row("Т-1", "100,00", "0", "0", "350,00", "-250,00", "0")))

    assert state("Т-1") == {
        "opening": 0, "charged": 100_00, "subsidy": -250_00, "benefit": 0, "paid": 0, "closing": 350_00,
    }  # fmt: skip


def test_undo_takes_relief_back_and_the_file_can_come_again(town: int) -> None:
    batch = bring(town, file(GOOD))
    exchange.undo(batch_id=batch, user_id=None, at=AT)
    owner = AccountService.objects.get(account__number="Т-1").pk

    assert ledger.balances(account_service_ids=[owner])[owner].kop == 0
    assert state("Т-1") == dict.fromkeys(("opening", "charged", "subsidy", "benefit", "paid", "closing"), 0)

    again = bring(town, file(GOOD), at=AT + dt.timedelta(hours=1))
    assert again != batch
    owner = AccountService.objects.get(account__number="Т-1", closed_on=None).pk
    assert ledger.balances(account_service_ids=[owner])[owner].kop == 450_00
    assert ledger.verify() == []


def test_difference_of_a_closing_balance_stays_exact(town: int) -> None:
    bring(town, file(GOOD))
    later = bring(
        town, file(row("Т-1", "1 000,00", "449,00", "0", "549,00", "900,00", "0")), period=OCT.next,
        at=AT + dt.timedelta(days=30),
    )  # fmt: skip

    (one,) = ImportRow.objects.filter(batch=later)
    assert (one.opening_difference_kop, one.difference_kop) == (-1_00, -1_00)


def test_preview_shows_relief_only_where_there_is_some(town: int) -> None:
    client = Client()
    client.force_login(holder(Role.OPERATOR, town))
    batch = upload(town, file(GOOD), preset="teplo")
    exchange.check(batch_id=batch, at=AT)
    plain = upload(town, file(row("Т-2", "1", "0", "0", "1"), header=HEADER), preset="teplo")
    exchange.check(batch_id=plain, at=AT)

    with_relief = client.get(f"/staff/imports/{batch}/").content.decode()
    without = client.get(f"/staff/imports/{plain}/").content.decode()

    assert 'data-label="Субсидія">1\u00a0000,00' in with_relief
    assert 'data-label="Пільга">50,00' in with_relief
    assert "Субсидія" not in without


def test_history_shows_the_subsidy_of_the_file_and_what_the_household_pays(town: int) -> None:
    bring(town, file(GOOD))
    user = User.objects.create_user(email="resident@example.org", password="Kalyna-2026", surname="Їжак")
    premises = Premises.objects.get(accounts__number="Т-1")
    home = Home.objects.create(user=user, premises=premises, state="open", added_at=AT, opened_at=AT)
    client = Client()
    client.force_login(user)

    page = client.get(f"/homes/{home.pk}/history/?year=2026").content.decode().replace("\u00a0", " ")

    assert "/ 150,00" in page  # 1 200,00 − 1 000,00 − 50,00
