from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.api import Owed, Turnover
from domivka.ledger.models import Account, Balance, Posting, Transaction
from tests.builders import Town

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)
OCT, NOV = Period(202610), Period(202611)
TOWN = 1


def charge(owner: int, kop: int, period: Period = OCT, key: str = "") -> ledger.Posted:
    personal = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=[owner])[owner]
    control = ledger.system_account(town_id=TOWN, kind=Account.Kind.CONTROL, owner_id=7)
    return ledger.post(
        town_id=TOWN,
        key=key or f"charge:{owner}:{period}",
        cause="run",
        cause_id=1,
        period=period,
        at=AT,
        entries=[
            ledger.Entry(personal, ledger.EntryKind.CHARGE, kop, period),
            ledger.Entry(control, ledger.EntryKind.CHARGE, -kop, period),
        ],
    )


def pay(owner: int, kop: int, period: Period, key: str) -> ledger.Posted:
    personal = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=[owner])[owner]
    gateway = ledger.system_account(town_id=TOWN, kind=Account.Kind.GATEWAY, code="sandbox")
    return ledger.post(
        town_id=TOWN,
        key=key,
        cause="payment",
        cause_id=key,
        period=period,
        at=AT,
        entries=[
            ledger.Entry(personal, ledger.EntryKind.PAYMENT, -kop, period),
            ledger.Entry(gateway, ledger.EntryKind.PAYMENT, kop, period),
        ],
    )


def test_post_moves_the_balance() -> None:
    charge(11, 322_36)
    pay(11, 300_00, NOV, "pay:1")

    assert ledger.balances(account_service_ids=[11, 12]) == {11: Money(22_36), 12: Money(0)}
    assert ledger.balances(account_service_ids=[11], through=OCT) == {11: Money(322_36)}


def test_post_again_changes_nothing() -> None:
    first = charge(11, 322_36)

    again = charge(11, 322_36)

    assert (again.transaction_id, again.created) == (first.transaction_id, False)
    assert Posting.objects.count() == 2
    assert ledger.balances(account_service_ids=[11]) == {11: Money(322_36)}


def test_post_with_a_used_key_and_another_amount_is_refused() -> None:
    charge(11, 322_36)

    with pytest.raises(ledger.IdempotencyConflict):
        charge(11, 322_37)


def test_post_that_does_not_sum_to_zero_is_refused() -> None:
    with pytest.raises(ledger.UnbalancedTransaction):
        ledger.post(
            town_id=TOWN,
            key="x",
            cause="run",
            cause_id=1,
            period=OCT,
            at=AT,
            entries=[ledger.Entry(1, ledger.EntryKind.CHARGE, 1, OCT)],
        )
    assert not Transaction.objects.exists()


def test_database_refuses_an_unbalanced_transaction() -> None:
    posted = charge(11, 100)
    account = Account.objects.get(kind="personal").pk

    with (
        pytest.raises(IntegrityError, match="does not sum to zero"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO ledger_posting (transaction_id, account_id, kind, amount_kop, period) VALUES (%s, %s, 'charge', 5, 202610)",
            [posted.transaction_id, account],
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET amount_kop = amount_kop + 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_transaction SET cause = 'x'",
        "DELETE FROM ledger_transaction",
        "UPDATE ledger_balance SET paid_kop = 0",
        "INSERT INTO ledger_balance (account_id, period) SELECT id, 202611 FROM ledger_account",
        "INSERT INTO ledger_addition (town_id, account_ids, periods, kinds, amounts_kop) VALUES (1, '{1}', '{202610}', '{charge}', '{5}')",
        "UPDATE ledger_addition SET amounts_kop = '{5}'",
    ],
)
def test_database_refuses_to_edit_the_journal_or_a_balance(statement: str) -> None:
    charge(11, 100)

    with pytest.raises(DatabaseError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_reverse_brings_the_balance_back_once() -> None:
    posted = charge(11, 322_36)

    ledger.reverse(transaction_id=posted.transaction_id, key="undo", at=AT)
    again = ledger.reverse(transaction_id=posted.transaction_id, key="undo", at=AT)

    assert again.created is False
    assert ledger.balances(account_service_ids=[11]) == {11: Money(0)}
    assert Transaction.objects.count() == 2


def test_owed_tells_the_bill_of_a_month_and_the_months_of_all_services_together() -> None:
    charge(11, 322_36, Period(202609))
    charge(11, 100_00)
    charge(12, 50_00)
    pay(11, 322_36, NOV, "pay:1")

    owed, turnovers = ledger.owed(account_service_ids=[11, 12, 13], period=OCT, first=OCT, last=NOV)

    assert owed == {
        11: Owed(
            balance=Money(100_00),
            charged=Money(100_00),
            covered=Money(0),
            charged_since=Money(0),
            paid_since=Money(322_36),
        ),
        12: Owed(
            balance=Money(50_00), charged=Money(50_00), covered=Money(0), charged_since=Money(0), paid_since=Money(0)
        ),
        13: Owed(balance=Money(0), charged=Money(0), covered=Money(0), charged_since=Money(0), paid_since=Money(0)),
    }
    assert turnovers == [
        Turnover(period=OCT, charged=Money(150_00), paid=Money(0)),
        Turnover(period=NOV, charged=Money(0), paid=Money(322_36)),
    ]


def test_account_states_show_a_month_as_the_account_tab_does() -> None:
    charge(11, 322_36, Period(202609))
    charge(11, 100_00)
    pay(11, 322_36, OCT, "pay:1")

    states = ledger.account_states(account_service_ids=[11], first=OCT, last=NOV)

    (state,) = states
    assert (state.period, state.opening, state.charged, state.paid, state.closing) == (
        OCT,
        Money(322_36),
        Money(100_00),
        Money(322_36),
        Money(100_00),
    )


def test_open_debts_are_settled_oldest_first() -> None:
    for period, kop in ((202601, 100_00), (202602, 150_00), (202603, 200_00)):
        charge(11, kop, Period(period))
    pay(11, 180_00, Period(202604), "pay:1")

    debts = ledger.open_debts(account_service_ids=[11])

    assert debts == {
        11: [ledger.OpenDebt(Period(202602), Money(70_00)), ledger.OpenDebt(Period(202603), Money(200_00))]
    }


def test_open_debts_of_an_overpaid_account_are_none() -> None:
    charge(11, 450_00)
    pay(11, 500_00, NOV, "pay:1")

    assert ledger.open_debts(account_service_ids=[11]) == {11: []}
    assert ledger.balances(account_service_ids=[11]) == {11: Money(-50_00)}


def test_verify_proves_a_sealed_journal_and_finds_every_tampering() -> None:
    for n in range(5):
        charge(10 + n, 100 + n)
    assert ledger.seal(at=AT, batch=2) == 5
    assert ledger.verify() == []

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_posting DISABLE TRIGGER ledger_posting_append_only")
        cursor.execute("UPDATE ledger_posting SET ref_id = 99 WHERE id = (SELECT min(id) FROM ledger_posting)")

    assert [finding.kind for finding in ledger.verify()] == ["seal_broken"]


def test_verify_finds_a_removed_transaction_and_a_balance_that_differs() -> None:
    charge(11, 100)
    ledger.seal(at=AT)

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_posting DISABLE TRIGGER ledger_posting_append_only")
        cursor.execute("DELETE FROM ledger_posting")

    assert {finding.kind for finding in ledger.verify()} == {"balance_differs", "seal_broken"}


def test_seal_of_nothing_new_is_nothing() -> None:
    charge(11, 100)
    assert ledger.seal(at=AT) == 1

    assert ledger.seal(at=AT) == 0


def test_open_personal_accounts_opens_one_whose_number_equals_an_accounts_own_id() -> None:
    Account.objects.create(pk=10**9, town_id=TOWN, kind="personal", owner_id=10**9)

    opened = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=[12, 13])

    assert sorted(opened) == [12, 13]


def into_the_partition(transaction_id: int, account_id: int, kop: int) -> None:
    """As nobody of ours writes: by the name of a partition, past the triggers of the journal."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_posting_{int(OCT)} (transaction_id, account_id, kind, amount_kop, period)"
            " VALUES (%s, %s, 'charge', %s, %s)",
            [transaction_id, account_id, kop, int(OCT)],
        )


def test_verify_finds_postings_without_transaction_and_account() -> None:
    posted = charge(11, 322_36)
    into_the_partition(posted.transaction_id + 1000, 999_999_999, 5_00)

    findings = ledger.verify()

    assert {(finding.kind, finding.where) for finding in findings} == {
        ("unbalanced", f"transaction {posted.transaction_id + 1000}"),
        ("balance_differs", "account 999999999, 2026-10"),
    }


@pytest.mark.parametrize("what", ["account", "transaction"])
def test_posting_of_something_that_does_not_exist_is_refused(what: str) -> None:
    posted = charge(11, 322_36)
    personal = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=[11])[11]
    account = personal if what == "transaction" else 999_999_999
    number = posted.transaction_id if what == "account" else posted.transaction_id + 1000

    with pytest.raises(IntegrityError, match="there is no"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_posting (transaction_id, account_id, kind, amount_kop, period)"
            " VALUES (%s, %s, 'charge', 5, 202610), (%s, %s, 'charge', -5, 202610)",
            [number, account, number, personal],
        )

    assert Posting.objects.count() == 2


@pytest.mark.parametrize("statement", ["DELETE FROM ledger_account", "UPDATE ledger_account SET id = id + 1000"])
def test_account_with_postings_stays_as_it_is(statement: str) -> None:
    charge(11, 322_36)

    with pytest.raises(DatabaseError, match="stay as they are"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_account_service_is_born_with_its_account_and_stays_while_it_has_postings() -> None:
    flat = Town().flat()
    charged, empty = flat.service("water"), flat.service("gas", provider="gaz")

    ids = {charged.id, empty.id}
    opened = set(Account.objects.filter(kind="personal").values_list("owner_id", flat=True))
    charge(charged.id, 322_36)
    empty.row.delete()
    with pytest.raises(IntegrityError, match="has postings and stays"), transaction.atomic():
        charged.row.delete()

    assert opened == ids
    assert set(Account.objects.filter(kind="personal").values_list("owner_id", flat=True)) == {charged.id}


def test_fold_moves_additions_into_balances_and_changes_no_sum() -> None:
    charge(11, 100_00)
    pay(11, 30_00, NOV, "pay:1")
    pay(11, 20_00, NOV, "pay:2")
    gateway = ledger.system_account(town_id=TOWN, kind=Account.Kind.GATEWAY, code="sandbox")
    before = ledger.system_balance(account_id=gateway)

    folded = [ledger.fold(), ledger.fold()]

    assert folded == [3, 0]
    assert before == ledger.system_balance(account_id=gateway) == Money(50_00)
    assert list(Balance.objects.filter(account=gateway).values_list("period", "paid_kop")) == [(NOV, 50_00)]
    assert ledger.verify() == []


def test_verify_finds_a_forged_addition() -> None:
    charge(11, 100_00)
    with connection.cursor() as cursor:  # the database refuses the edit unless its guards are off
        cursor.execute("ALTER TABLE ledger_addition DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_addition SET amounts_kop = ARRAY[-99_00]")
        cursor.execute("ALTER TABLE ledger_addition ENABLE TRIGGER USER")

    control = ledger.system_account(town_id=TOWN, kind=Account.Kind.CONTROL, owner_id=7)

    assert ledger.verify() == [ledger.Finding("balance_differs", f"account {control}, 2026-10")]
