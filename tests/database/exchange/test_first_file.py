"""The first file of a provider, which opens every account: however it is cut, the ledger is the same."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domivka.billing.models import ChargeLine
from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Balance
from domivka.metering.models import Meter, Reading
from domivka.registry.models import AccountService, PersonalAccount
from tests.database.exchange.town import AT, KATOTTG, OCT, add_addresses, bring, gaz_csv, make_town, upload

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(days=1)
ACCOUNTS = 1_300  # more than a set that is written in the way of sets


def hryvnias(kop: int) -> str:
    return f"{'-' if kop < 0 else ''}{abs(kop) // 100},{abs(kop) % 100:02d}"


def rows(first: int, last: int) -> list[str]:
    """Gas of so many flats: readings, a charge, an old debt or an overpayment, money of every third."""
    made = []
    for n in range(first, last):
        charged, opening, paid = 796 * (n % 7), 1_000 - n, 100 * (n % 3)
        sums = [hryvnias(kop) for kop in (charged, opening, paid, opening + charged - paid)]
        made.append(
            f"{4_000_000 + n};Кожемяка;Соборна;{n // 100 + 1};{n % 100 + 1};жовтень 2026;{n};{n + n % 7};{n % 7};7,96;"
            + ";".join(sums)
        )
    return made


def town(katottg: str) -> int:
    made = make_town(katottg)
    add_addresses(made, [("вул.", "Соборна", str(n // 100 + 1), str(n % 100 + 1)) for n in range(ACCOUNTS)])
    return made


def state(town_id: int) -> dict[str, list[tuple[object, ...]]]:
    """All that a file leaves behind, by account numbers instead of ids."""
    services = dict(AccountService.objects.filter(account__town_id=town_id).values_list("pk", "account__number"))
    balances = Balance.objects.filter(account__kind="personal", account__owner_id__in=services).values_list(
        "account__owner_id", "period", "opening_kop", "charged_kop", "paid_kop", "net_kop"
    )
    lines = ChargeLine.objects.filter(account_service_id__in=services)
    readings = Reading.objects.filter(meter__account_service_id__in=services, superseded_at=None)
    return {
        "balances": sorted((services[int(owner or 0)], int(period), *kops) for owner, period, *kops in balances),
        "lines": sorted(
            (services[owner], *rest)
            for owner, *rest in lines.values_list(
                "account_service_id", "amount_kop", "volume", "price", "current_value"
            )
        ),
        "readings": sorted(
            (services[owner], *rest)
            for owner, *rest in readings.values_list("meter__account_service_id", "channel", "value", "taken_on")
        ),
        "control": sorted(
            Balance.objects.filter(account__kind="control", account__town_id=town_id).values_list("period", "net_kop")
        ),
    }


def test_first_file_gives_the_ledger_that_its_halves_give() -> None:
    whole, halves = town(KATOTTG), town("UA05020030010063858")

    batch = bring(whole, gaz_csv(*rows(0, ACCOUNTS)))
    bring(halves, gaz_csv(*rows(0, 1_100)))
    bring(halves, gaz_csv(*rows(1_100, ACCOUNTS)))

    at_once, in_two = state(whole), state(halves)
    assert {name: len(found) for name, found in at_once.items() if name != "control"} == {
        "balances": 1_300,
        "lines": 1_114,  # every seventh used nothing
        "readings": 2_600,
    }
    assert sum(int(str(row[-1])) for row in at_once["control"]) == sum(int(str(row[-1])) for row in in_two["control"])
    for name in ("balances", "lines", "readings"):
        assert at_once[name] == in_two[name]
    assert ImportBatch.objects.get(pk=batch).totals["differences"] == 0
    assert ledger.verify() == []


def test_undo_of_a_first_file_closes_all_it_opened_and_a_second_file_opens_it_again() -> None:
    place = town(KATOTTG)
    content = gaz_csv(*rows(0, ACCOUNTS))
    batch = bring(place, content)
    before = state(place)
    (opened,) = ImportBatch.objects.get(pk=batch).opened
    assert opened[1] - opened[0] + 1 == ACCOUNTS

    exchange.undo(batch_id=batch, user_id=None, at=LATER)

    assert AccountService.objects.filter(closed_on=None).count() == 0
    assert PersonalAccount.objects.filter(closed_on=None).count() == 0
    assert set(Balance.objects.values_list("net_kop", flat=True)) == {0}
    assert Reading.objects.filter(superseded_at=None).count() == 0
    assert Meter.objects.filter(removed_on=None).count() == 0

    again = bring(place, content, at=LATER)

    assert ImportBatch.objects.get(pk=again).opened == [opened]
    after = state(place)
    assert after["balances"] == before["balances"]
    assert after["readings"] == before["readings"]
    assert ledger.verify() == []


def test_later_payment_on_an_account_that_the_file_opened_blocks_its_undo() -> None:
    place = town(KATOTTG)
    batch = bring(place, gaz_csv(*rows(0, 3)))
    assert set(ImportRow.objects.filter(batch=batch).values_list("account_service_id", flat=True)) == {None}
    owner = AccountService.objects.get(account__number="4000001").pk
    personal = ledger.open_personal_accounts(town_id=place, account_service_ids=[owner])[owner]
    bank = ledger.system_account(town_id=place, kind=Account.Kind.GATEWAY, code="sandbox")
    ledger.post(
        town_id=place, key="payment:1", cause="payment", cause_id=1, period=OCT, at=LATER,
        entries=[
            ledger.Entry(personal, ledger.EntryKind.PAYMENT, -100, OCT),
            ledger.Entry(bank, ledger.EntryKind.PAYMENT, 100, OCT),
        ],
    )  # fmt: skip

    with pytest.raises(exchange.CannotUndo, match="мешканці вже сплатили за 1 рахунками"):
        exchange.undo(batch_id=batch, user_id=None, at=LATER)


def test_apply_takes_the_same_statements_for_any_number_of_rows() -> None:
    place = town(KATOTTG)
    counts = []
    for first, last in ((0, 2), (2, 40)):
        batch = upload(place, gaz_csv(*rows(first, last)))
        exchange.check(batch_id=batch, at=AT)
        with CaptureQueriesContext(connection) as queries:
            exchange.apply(batch_id=batch, user_id=None, at=AT)
        counts.append([query["sql"] for query in queries])

    assert 0 < len(counts[1]) <= len(counts[0])
