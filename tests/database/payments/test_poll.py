from __future__ import annotations

import datetime as dt
import uuid
from urllib.parse import urlencode

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from domivka.emulators.cards import Behaviour
from domivka.emulators.liqpay import LiqPay
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.payments import api
from domivka.payments.gateways import http
from domivka.payments.models import GatewayEvent, Intent
from domivka.payments.operations.events import poll_pause
from tests.database.payments.bank import create, headers, hear, mark_started, message
from tests.database.payments.town import AT, House, balance

S = dt.timedelta(seconds=1)


@pytest.fixture
def started(house: House, bank: SandboxBank) -> uuid.UUID:
    intent_id = create(house)
    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)
    return intent_id


def test_a_poll_finds_a_payment_whose_callback_was_lost(house: House, bank: SandboxBank, started: uuid.UUID) -> None:
    bank.orders[started.hex].status = "success"

    assert api.poll(intent_id=started, at=AT + 20 * S) == api.State.PAID

    assert balance(house, "water") == 0
    assert GatewayEvent.objects.get().source == "poll"


def test_a_poll_after_the_callback_asks_nothing(house: House, started: uuid.UUID) -> None:
    hear(started, "success")

    assert api.poll(intent_id=started, at=AT + 20 * S) == api.State.PAID

    assert GatewayEvent.objects.filter(source="poll").count() == 0


def test_a_callback_after_the_poll_changes_nothing(house: House, bank: SandboxBank, started: uuid.UUID) -> None:
    bank.orders[started.hex].status = "success"
    api.poll(intent_id=started, at=AT + 20 * S)

    assert hear(started, "success") == "repeated"


def test_a_poll_without_news_plans_the_next_with_a_longer_pause(started: uuid.UUID) -> None:
    assert api.poll(intent_id=started, at=AT + 20 * S) == api.State.PENDING

    intent = Intent.objects.get()
    assert (intent.polls, intent.next_poll_at) == (1, AT + 60 * S)
    planned = ProcrastinateJob.objects.filter(task_name="payments.poll").order_by("id").values_list("scheduled_at")
    assert list(planned) == [(AT + 20 * S,), (AT + 60 * S,)]


def test_pauses_grow_up_to_an_hour() -> None:
    assert [int(poll_pause(polls).total_seconds()) for polls in (1, 2, 3, 8, 100)] == [40, 80, 160, 3600, 3600]


def test_a_silent_bank_is_asked_again(bank: SandboxBank, started: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT_S", 0.2)
    bank.fault = Behaviour.STATUS_TIMEOUT

    assert api.poll(intent_id=started, at=AT + 20 * S) == api.State.PENDING

    assert Intent.objects.get().polls == 1
    assert not GatewayEvent.objects.exists()


def test_an_unknown_payment_that_the_bank_never_got_fails(house: House, bank: SandboxBank, settings: Settings) -> None:
    intent_id, url = create(house), settings.SANDBOX_BANK_URL
    settings.SANDBOX_BANK_URL = "http://127.0.0.1:9"  # nobody listens
    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)
    assert api.intent(intent_id=intent_id).state == api.State.UNKNOWN

    settings.SANDBOX_BANK_URL = url
    assert api.poll(intent_id=intent_id, at=AT + 20 * S) == api.State.FAILED


def test_an_unknown_payment_that_the_bank_has_becomes_pending(
    house: House, bank: SandboxBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_S", 0.2)
    bank.fault = Behaviour.CREATE_TIMEOUT
    intent_id = create(house)
    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)
    monkeypatch.setattr(http, "TIMEOUT_S", 8)
    bank.orders[intent_id.hex].status = "processing"

    assert api.poll(intent_id=intent_id, at=AT + 20 * S) == api.State.PENDING


def test_a_payment_expires_and_a_late_success_is_still_credited(house: House, started: uuid.UUID) -> None:
    assert api.poll(intent_id=started, at=AT + dt.timedelta(hours=2)) == api.State.EXPIRED
    assert balance(house, "water") == 1264_70

    assert hear(started, "success", at=AT + dt.timedelta(hours=3)) == "applied"

    assert balance(house, "water") == 0


def test_an_expired_payment_is_asked_for_three_more_days(house: House, bank: SandboxBank, started: uuid.UUID) -> None:
    api.poll(intent_id=started, at=AT + dt.timedelta(hours=2))
    bank.orders[started.hex].status, bank.clock = "success", (AT + dt.timedelta(days=2)).timestamp

    assert api.poll(intent_id=started, at=AT + dt.timedelta(days=2)) == api.State.PAID


def test_polling_ends_at_last(started: uuid.UUID) -> None:
    assert api.poll(intent_id=started, at=AT + dt.timedelta(days=4)) == api.State.EXPIRED

    assert Intent.objects.get().next_poll_at is None


def test_liqpay_is_polled_too(house: House, liqpay: LiqPay) -> None:
    intent_id = create(house, method="liqpay")
    mark_started(intent_id)

    assert api.poll(intent_id=intent_id, at=AT + 20 * S) == api.State.PENDING  # it does not know the order yet
    step = api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)
    http.post(step.url, body=urlencode(step.fields).encode(), headers={})  # as the payer's browser does
    (order,) = liqpay.orders.values()
    assert api.poll(intent_id=intent_id, at=AT + 60 * S) == api.State.PENDING
    order.status = "success"
    assert api.poll(intent_id=intent_id, at=AT + 140 * S) == api.State.PAID

    assert [balance(house, code) for code in ("water", "wastewater", "housing")] == [0, 0, 0]


def test_watch_picks_up_what_a_crash_left(house: House, bank: SandboxBank, started: uuid.UUID) -> None:
    """An event stored and not applied, a job that never ran, a basket that nobody paid."""
    body = message(started, "success")
    GatewayEvent.objects.create(
        gateway="sandbox", received_at=AT, source="callback", body=body, headers=headers(body), signature_ok=True
    )
    create(house, {"water": 1})
    waiting = create(house, {"water": 2})
    mark_started(waiting)

    bank.clock = (AT + dt.timedelta(hours=25)).timestamp

    done = api.watch(at=AT + dt.timedelta(hours=25))

    assert done == {"events": 1, "polls": 1, "expired": 1, "receipts": 0}
    states = sorted(Intent.objects.values_list("amount_kop", "state"))
    assert states == [(1, "expired"), (2, "failed"), (3154_97, "paid")]


def test_watch_leaves_forged_events_alone(started: uuid.UUID) -> None:
    body = message(started, "success")
    api.receive_callback(gateway="sandbox", body=body, headers={}, at=AT)

    assert api.watch(at=AT + dt.timedelta(minutes=2))["events"] == 0
    assert Intent.objects.get().state == "pending"


def test_watch_forgets_forged_events_after_a_month(started: uuid.UUID) -> None:
    body = message(started, "processing")
    api.receive_callback(gateway="sandbox", body=body, headers={}, at=AT)
    api.receive_callback(gateway="sandbox", body=body, headers=headers(body), at=AT)
    Intent.objects.update(next_poll_at=None)

    api.watch(at=AT + dt.timedelta(days=31))

    assert [event.signature_ok for event in GatewayEvent.objects.all()] == [True]


def test_watch_queues_a_receipt_again_until_it_is_sent(started: uuid.UUID) -> None:
    hear(started, "success")
    quarter = AT + dt.timedelta(minutes=30)

    assert [api.watch(at=at)["receipts"] for at in (AT, quarter + 60 * S, quarter)] == [0, 0, 1]
    api.receipt_sent(intent_id=started, at=quarter)
    assert api.watch(at=quarter)["receipts"] == 0
    assert api.intent(intent_id=started).receipt_sent_at == quarter
