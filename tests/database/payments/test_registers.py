from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Transaction
from domivka.payments import api
from domivka.payments.models import Allocation, RegisterPayment
from domivka.payments.operations.registers import _Book
from domivka.registry.models import PersonalAccount
from tests.database.payments.town import AT, NOV, OCT, SEP, House, balance, build, charge, make_user, system

Count = Callable[[int], AbstractContextManager[object]]
DAY = dt.date(2026, 11, 3)


def row(number: int, account: str, kop: int, **changes: Any) -> api.RegisterRow:
    found: dict[str, Any] = {
        "row_id": number,
        "digest": f"d{number}",
        "account_number": account,
        "amount_kop": kop,
        "paid_on": DAY,
    }
    return api.RegisterRow(**{**found, **changes})


def record(house: House, *rows: api.RegisterRow, batch: str = "b1", **options: Any) -> api.RegisterResult:
    return api.record_register(town_id=house.town_id, bank="oschad", batch=batch, rows=rows, at=AT, **options)


def parts() -> list[tuple[int, int, bool]]:
    rows = Allocation.objects.order_by("for_period", "account_service_id")
    return list(rows.values_list("for_period", "amount_kop", "is_advance"))


def test_a_row_settles_the_oldest_month_of_its_services(house: House) -> None:
    charge(house, "waste", 100_00, SEP)

    result = record(house, row(1, "00101", 1167_00))

    # September 100,00 first, then October's 1 067,00 in proportion to 1 264,70 and 869,27
    assert parts() == [(SEP, 100_00, False), (OCT, 632_36, False), (OCT, 434_64, False)]
    assert [balance(house, code) for code in ("water", "wastewater", "waste")] == [632_34, 434_63, 0]
    assert (result.credited, result.suspended, result.credited_kop) == (1, 0, 1167_00)
    assert ledger.verify() == []


def test_what_is_above_the_debt_goes_by_charges(house: House) -> None:
    record(house, row(1, "77-00101", 1121_00))

    assert parts() == [(OCT, 1021_00, False), (NOV, 100_00, True)]
    assert balance(house, "housing") == -100_00


def test_a_register_posts_bank_control_and_clearing(house: House) -> None:
    record(house, row(1, "77-00101", 1021_00))

    assert system(house, Account.Kind.GATEWAY, code="oschad") == 1021_00
    assert system(house, Account.Kind.CONTROL, service="housing") == 0
    assert system(house, Account.Kind.CLEARING, service="housing") == -1021_00


def test_an_unknown_account_waits_in_suspense_with_its_reason(house: House) -> None:
    result = record(house, row(1, "777", 10_00), row(2, "77-00101", 5_00))

    assert (result.suspended, result.suspended_kop) == (1, 10_00)
    assert result.suspense_reasons == {1: "unknown_account"}
    assert system(house, Account.Kind.SUSPENSE, code="oschad") == -10_00
    assert RegisterPayment.objects.get(row_id=1).suspense_reason == "unknown_account"
    assert balance(house, "housing") == 1016_00


def test_a_number_of_two_providers_needs_to_be_told_whose(house: House) -> None:
    PersonalAccount.objects.filter(number="77-00101").update(number="00101")
    zhek = PersonalAccount.objects.get(provider__code="zhek").provider_id

    assert record(house, row(1, "00101", 5_00)).suspense_reasons == {1: "ambiguous_account"}
    assert record(house, row(2, "00101", 5_00), batch="b2", provider_id=zhek).credited == 1
    assert balance(house, "housing") == 1016_00


def test_a_named_service_gets_all_of_it(house: House) -> None:
    assert record(house, row(1, "00101", 5_00, service_code="wastewater")).credited == 1
    assert record(house, row(2, "00101", 5_00, service_code="gas"), batch="b2").suspense_reasons == {
        2: "no_such_service"
    }

    assert (balance(house, "wastewater"), balance(house, "water")) == (864_27, 1264_70)


def test_two_rows_of_one_account_settle_in_turn(house: House) -> None:
    record(house, row(1, "77-00101", 1000_00), row(2, "77-00101", 30_00))

    assert sorted(parts()) == [(OCT, 21_00, False), (OCT, 1000_00, False), (NOV, 9_00, True)]


def test_the_same_register_again_is_nothing(house: House) -> None:
    rows = [row(1, "00101", 5_00), row(2, "777", 1_00)]
    record(house, *rows)

    again = record(house, *rows)

    assert (again.credited, again.suspended, again.repeated) == (0, 0, 2)
    assert Transaction.objects.filter(cause="register").count() == 1


def test_a_row_twice_in_one_register_counts_once(house: House) -> None:
    assert record(house, row(1, "77-00101", 5_00), row(1, "77-00101", 5_00)).repeated == 1
    assert balance(house, "housing") == 1016_00


def test_an_undone_register_may_come_again(house: House) -> None:
    rows = [row(1, "00101", 5_00), row(2, "777", 1_00)]
    record(house, *rows)

    assert api.reverse_register(bank="oschad", batch="b1", at=AT) == 2
    assert balance(house, "water") + balance(house, "wastewater") == 1264_70 + 869_27
    assert system(house, Account.Kind.SUSPENSE, code="oschad") == 0
    assert api.reverse_register(bank="oschad", batch="b1", at=AT) == 0

    assert record(house, *rows).credited == 1
    assert balance(house, "water") + balance(house, "wastewater") == 1264_70 + 869_27 - 5_00
    assert ledger.verify() == []


def test_registered_payments_are_in_the_history_until_undone(house: House) -> None:
    record(house, row(1, "77-00101", 5_00, purpose="КВАРТПЛАТА"))

    (line,) = api.payments_of(premises_ids=[house.premises_id], first=OCT, last=NOV)
    assert (line.paid_on, line.method, line.amount, line.purpose) == (DAY, "bank", Money(5_00), "КВАРТПЛАТА")
    assert (line.period, line.first_period, line.last_period) == (NOV, OCT, OCT)

    api.reverse_register(bank="oschad", batch="b1", at=AT)
    assert api.payments_of(premises_ids=[house.premises_id], first=OCT, last=NOV) == []


def test_a_negative_payment_is_refused_by_the_database(house: House) -> None:
    with pytest.raises((IntegrityError, ValueError)):
        record(house, row(1, "00101", -5_00))


@pytest.mark.parametrize("homes", [1, 3])
def test_a_register_takes_the_same_queries_whatever_its_size(
    house: House, django_assert_num_queries: Count, homes: int
) -> None:
    user = make_user("many@example.com")
    for number in range(homes):
        made = build(f"1{number}", user=user, account=f"9{number}")
        charge(made, "water", 10_00)
    # system and personal accounts and the month's partition exist after the first payments
    record(house, *(row(100 + n, f"9{n}", 1_00) for n in range(homes)), row(200, "777", 1), batch="b0")

    with django_assert_num_queries(17):
        record(house, *(row(n, f"9{n}", 1_00) for n in range(homes)))


@given(
    months=st.lists(
        st.tuples(
            st.sampled_from(["charge", "payment", "correction", "opening"]),
            st.integers(-500_00, 500_00).filter(bool),
            st.sampled_from([SEP, OCT, NOV]),
        ),
        max_size=8,
    )
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_register_sees_the_debts_that_the_ledger_sees(house: House, months: list[tuple[str, int, Period]]) -> None:
    with transaction.atomic():
        service = house.services["water"]
        (account,) = ledger.open_personal_accounts(town_id=house.town_id, account_service_ids=[service]).values()
        control = ledger.system_account(
            town_id=house.town_id, kind=Account.Kind.CONTROL, owner_id=house.provider_services["water"]
        )
        for number, (kind, kop, period) in enumerate(months):
            ledger.post(
                town_id=house.town_id, key=f"t{number}", cause="test", cause_id=number, period=period, at=AT,
                entries=[
                    ledger.Entry(account, ledger.EntryKind(kind), kop, period),
                    ledger.Entry(control, ledger.EntryKind(kind), -kop, period),
                ],
            )  # fmt: skip

        book = _Book(house.town_id, None, [row(1, "00101", 1)])

        expected = {debt.period: debt.amount.kop for debt in ledger.open_debts(account_service_ids=[service])[service]}
        assert book.debts[service] == expected
        transaction.set_rollback(True)
