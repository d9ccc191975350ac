from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import IntegrityError
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from domivka.kernel.money import Money
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Transaction
from domivka.payments import api
from domivka.payments.models import Allocation, GatewayEvent, Intent, IntentLine
from tests.database.payments.bank import BASKET, create, headers, hear, mark_started, message
from tests.database.payments.town import AT, NOV, OCT, SEP, House, balance, charge, system


def started(house: House, basket: dict[str, int] = BASKET, method: str = "card") -> uuid.UUID:
    intent_id = create(house, basket, method=method)
    mark_started(intent_id)
    return intent_id


def test_success_settles_every_line_exactly(house: House) -> None:
    intent_id = started(house)

    assert hear(intent_id, "success") == "applied"

    assert [balance(house, code) for code in BASKET] == [0, 0, 0]
    intent = api.intent(intent_id=intent_id)
    assert (intent.state, intent.confirmed_at) == (api.State.PAID, AT)
    assert intent.receipt_number.startswith("2611-")
    assert ledger.verify() == []


def test_success_posts_gateway_fee_control_and_clearing(house: House) -> None:
    hear(started(house), "success")

    assert system(house, Account.Kind.GATEWAY, code="sandbox") == 3181_50
    assert system(house, Account.Kind.FEE, code="sandbox") == -26_53
    assert system(house, Account.Kind.CLEARING, service="water") == -1264_70
    assert system(house, Account.Kind.CLEARING, service="wastewater") == -869_27
    assert system(house, Account.Kind.CLEARING, service="housing") == -1021_00
    assert system(house, Account.Kind.CONTROL, service="water") == 0


def test_clearing_is_what_backoffice_sees(house: House) -> None:
    hear(started(house), "success")

    rows = api.clearing_balances(town_id=house.town_id)

    assert [(row.provider, row.service, row.collected) for row in rows] == [
        ("vodokanal", "Водопостачання", Money(1264_70)),
        ("vodokanal", "Водовідведення", Money(869_27)),
        ("vodokanal", "Вивезення відходів", Money(0)),
        ("zhek", "Обслуговування будинків", Money(1021_00)),
    ]


def test_a_line_settles_its_oldest_month_first(house: House) -> None:
    charge(house, "waste", 100_00, SEP)
    charge(house, "waste", 150_00, OCT)

    hear(started(house, {"waste": 180_00}), "success")

    rows = Allocation.objects.order_by("for_period").values_list("for_period", "amount_kop", "is_advance")
    assert list(rows) == [(SEP, 100_00, False), (OCT, 80_00, False)]
    assert balance(house, "waste") == 70_00


def test_what_is_above_the_debt_is_an_advance(house: House) -> None:
    hear(started(house, {"water": 1300_00}), "success")

    rows = Allocation.objects.order_by("for_period").values_list("for_period", "amount_kop", "is_advance")
    assert list(rows) == [(OCT, 1264_70, False), (NOV, 35_30, True)]
    assert balance(house, "water") == -35_30


def test_a_service_that_never_had_a_charge_can_be_paid(house: House) -> None:
    hear(started(house, {"waste": 10_00}), "success")

    assert balance(house, "waste") == -10_00


def test_the_receipt_is_queued_with_the_money(house: House) -> None:
    intent_id = started(house)
    hear(intent_id, "success")

    jobs = ProcrastinateJob.objects.filter(task_name="statements.send_receipt").values_list("args", flat=True)
    assert list(jobs) == [{"intent_id": str(intent_id)}]


def test_a_callback_three_times_is_one_payment(house: House) -> None:
    intent_id = started(house)

    assert [hear(intent_id, "success") for _ in range(3)] == ["applied", "repeated", "repeated"]

    assert system(house, Account.Kind.GATEWAY, code="sandbox") == 3181_50
    assert Transaction.objects.filter(cause="payment").count() == 1
    assert GatewayEvent.objects.count() == 3
    assert ProcrastinateJob.objects.filter(task_name="statements.send_receipt").count() == 1


def test_callbacks_out_of_order_do_not_take_the_money_back(house: House) -> None:
    intent_id = started(house)

    outcomes = [hear(intent_id, status) for status in ("success", "processing", "declined")]

    assert outcomes == ["applied", "refused:paid:in_progress", "refused:paid:declined"]
    assert api.intent(intent_id=intent_id).state == api.State.PAID
    assert balance(house, "water") == 0


def test_a_decline_and_then_success_is_paid(house: House) -> None:
    intent_id = started(house)

    assert hear(intent_id, "declined") == "applied"
    assert api.intent(intent_id=intent_id).failure == "Банк відмовив."
    assert hear(intent_id, "success") == "applied"

    intent = api.intent(intent_id=intent_id)
    assert (intent.state, intent.failure) == (api.State.PAID, "")


def test_a_decline_moves_no_money(house: House) -> None:
    hear(started(house), "declined")

    assert [balance(house, code) for code in BASKET] == [1264_70, 869_27, 1021_00]
    assert not Transaction.objects.filter(cause="payment").exists()


@pytest.mark.parametrize("changes", [{"amount_kop": 3181_49}, {"amount_kop": None}, {"currency": "USD"}])
def test_another_amount_is_kept_and_not_credited(house: House, changes: dict[str, Any]) -> None:
    intent_id = started(house)

    assert hear(intent_id, "success", **changes) == "amount_differs"

    assert api.intent(intent_id=intent_id).state == api.State.PENDING
    assert balance(house, "water") == 1264_70
    assert [event.outcome for event in api.events_to_look_at()] == ["amount_differs"]


def test_a_bad_signature_is_kept_and_refused(house: House) -> None:
    intent_id = started(house)
    body = message(intent_id, "success")

    received = api.receive_callback(
        gateway="sandbox", body=body, headers={**headers(body), "X-Sandbox-Signature": "00"}, at=AT
    )

    assert (received.outcome, received.accepted) == ("bad_signature", False)
    assert api.intent(intent_id=intent_id).state == api.State.PENDING
    assert bytes(GatewayEvent.objects.get().body) == body


def test_a_message_about_an_unknown_payment_is_kept(house: House) -> None:
    intent_id = started(house)

    assert hear(intent_id, "success", order_id="f" * 32) == "unknown_intent"
    assert [event.outcome for event in api.events_to_look_at()] == ["unknown_intent"]


def test_a_signed_message_that_makes_no_sense_is_kept(house: House) -> None:
    assert hear(started(house), "what?") == "bad_message"


def test_a_reversal_gives_the_debt_back(house: House) -> None:
    intent_id = started(house)
    hear(intent_id, "success")

    assert [hear(intent_id, "reversed") for _ in range(2)] == ["applied", "repeated"]

    assert [balance(house, code) for code in BASKET] == [1264_70, 869_27, 1021_00]
    assert system(house, Account.Kind.GATEWAY, code="sandbox") == 0
    assert ledger.verify() == []


def test_a_reversal_that_overtakes_the_success_leaves_nothing(house: House) -> None:
    intent_id = started(house)

    assert [hear(intent_id, status) for status in ("reversed", "success")] == ["applied", "refused:reversed:succeeded"]

    assert balance(house, "water") == 1264_70


def test_two_payments_of_the_same_debt_do_not_settle_it_twice(house: House) -> None:
    for token in ("one", "two"):
        intent_id = create(house, {"water": 1264_70}, token=token, method="city_card")
        mark_started(intent_id)
        hear(intent_id, "success")
    # the second is the same basket with another token: real money, so it is an advance

    rows = Allocation.objects.order_by("pk").values_list("for_period", "amount_kop", "is_advance")
    assert list(rows) == [(OCT, 1264_70, False), (NOV, 1264_70, True)]


def test_a_callback_is_stored_before_it_is_applied(house: House) -> None:
    intent_id = started(house)
    hear(intent_id, "success")

    event = GatewayEvent.objects.get()
    assert (event.source, event.signature_ok, event.outcome, event.intent_id) == (
        "callback",
        True,
        "applied",
        intent_id,
    )
    assert event.headers["X-Sandbox-Nonce"] == "n"


def test_an_applied_event_is_never_applied_again(house: House) -> None:
    intent_id = started(house)
    hear(intent_id, "success")
    Intent.objects.filter(pk=intent_id).update(state="pending")

    assert api.apply_event(event_id=GatewayEvent.objects.get().pk, at=AT) == "applied"

    assert Intent.objects.get().state == "pending"


def test_the_database_refuses_a_paid_intent_without_postings(house: House) -> None:
    create(house)
    with pytest.raises(IntegrityError, match="intent_paid_is_posted"):
        Intent.objects.update(state="paid", confirmed_at=AT + dt.timedelta(seconds=1))


def test_recent_payments_are_the_first_of_all_payments(house: House) -> None:
    for day, basket in enumerate(
        [{"water": 10_00, "housing": 5_00}, {"water": 7_00}, {"housing": 1_00}, {"waste": 2_00}]
    ):
        intent_id = create(house, basket, token=f"f{day}")
        mark_started(intent_id)
        hear(intent_id, "reversed" if day == 2 else "success", at=AT + dt.timedelta(days=day))
    hear(intent_id, "reversed")

    recent = api.recent_payments(premises_id=house.premises_id, first=SEP, last=NOV, limit=3)

    groups = api.grouped(api.payments_of(premises_ids=[house.premises_id], first=SEP, last=NOV))
    assert [(row.paid_on, row.period, row.total) for row in recent] == [
        (group.head.paid_on, group.head.period, group.total) for group in groups
    ]
    assert [row.total for row in recent] == [Money(7_00), Money(15_00)]
    assert api.recent_payments(premises_id=house.premises_id, first=SEP, last=NOV, limit=1) == recent[:1]


def test_confirming_takes_two_calls_of_the_database(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hear(started(house, {"water": 1_00, "housing": 1_00}), "success")  # opens the shared accounts
    intent_id = create(house, {"water": 2_00, "housing": 3_00}, token="f2")
    mark_started(intent_id)
    hear(intent_id, "processing")
    body = message(intent_id, "success")

    with django_assert_num_queries(4):  # begin, lock and read, write, commit
        first = api.receive_callback(gateway="sandbox", body=body, headers=headers(body), at=AT)

    event = GatewayEvent.objects.get(pk=first.event_id)
    assert (event.outcome, event.intent_id, event.applied_at) == ("applied", intent_id, AT)
    assert (bytes(event.body), event.signature_ok, event.source) == (body, True, "callback")


def test_a_message_that_cannot_be_applied_is_stored_and_applied_later(house: House) -> None:
    intent_id = started(house, {"water": 10_00})
    IntentLine.objects.filter(intent=intent_id).update(amount_kop=9_00)  # the postings will not sum to zero

    with pytest.raises(IntegrityError):
        hear(intent_id, "success")
    event = GatewayEvent.objects.get()
    assert (event.applied_at, event.outcome, event.intent_id) == (None, "", None)
    assert balance(house, "water") == 1264_70
    IntentLine.objects.filter(intent=intent_id).update(amount_kop=10_00)
    api.watch(at=AT + dt.timedelta(minutes=5))

    assert balance(house, "water") == 1254_70
    assert GatewayEvent.objects.get().outcome == "applied"


def test_a_forged_message_asks_the_database_for_nothing(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body = message(started(house), "success")

    with django_assert_num_queries(1):  # it is kept for those who look, and that is all
        received = api.receive_callback(gateway="sandbox", body=body, headers={}, at=AT)

    assert (received.accepted, received.outcome) == (False, "bad_signature")
