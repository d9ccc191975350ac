"""Any sequence of clicks, callbacks, polls and clocks moves the money exactly once."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django.fixtures import Settings

from domivka.emulators.sandbox_bank import SandboxBank
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Transaction
from domivka.payments import api
from domivka.payments.models import GatewayEvent, Intent
from tests.database.payments.bank import create, headers, hear, message
from tests.database.payments.town import AT, House, balance, build, charge, system

BASKETS = [{"water": 100_00}, {"water": 33_33, "wastewater": 66_67}, {"housing": 1500_00, "waste": 1}]


@dataclass
class Known:
    """What an independent reader of the gateway's words would believe."""

    total: int
    lines: dict[str, int]
    credited: bool = False
    ever_credited: bool = False
    reversed: bool = False

    def hear(self, status: str) -> None:
        if status == "success" and not self.reversed:
            self.credited = self.ever_credited = True
        if status == "reversed":
            self.credited, self.reversed = False, True


class PaymentMachine(RuleBasedStateMachine):
    bank: SandboxBank

    @initialize()
    def town(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.at = AT
        self.bank.clock = self.at.timestamp
        self.house: House = build()
        self.debts = {"water": 120_00, "wastewater": 50_00, "housing": 1021_00, "waste": 0}
        for code, kop in self.debts.items():
            if kop:
                charge(self.house, code, kop)
        self.known: dict[uuid.UUID, Known] = {}
        self.created: list[uuid.UUID] = []

    def _some(self, data: st.DataObject, among: list[uuid.UUID]) -> uuid.UUID:
        return data.draw(st.sampled_from(among))

    @rule(basket=st.sampled_from(BASKETS), form=st.sampled_from("ab"), method=st.sampled_from(["card", "city_card"]))
    def click_pay(self, basket: dict[str, int], form: str, method: str) -> None:
        intent_id = create(self.house, basket, token=form, method=method, at=self.at)
        if intent_id not in self.created:
            self.created.append(intent_id)

    @precondition(lambda self: self.created)
    @rule(data=st.data())
    def click_start(self, data: st.DataObject) -> None:
        intent_id = self._some(data, self.created)
        try:
            api.start(user_id=self.house.user.pk, intent_id=intent_id, at=self.at)
        except api.NotStartable:
            return
        if intent_id not in self.known:
            intent = api.intent(intent_id=intent_id)
            lines = dict.fromkeys(self.debts, 0)
            names = {pk: code for code, pk in self.house.services.items()}
            for line in intent.lines:
                lines[names[line.account_service_id]] += line.amount.kop
            self.known[intent_id] = Known(intent.total_with_fee.kop, lines)

    @precondition(lambda self: self.known)
    @rule(
        data=st.data(),
        status=st.sampled_from(["processing", "success", "success", "declined", "reversed"]),
        times=st.integers(1, 3),
    )
    def callback(self, data: st.DataObject, status: str, times: int) -> None:
        intent_id = self._some(data, list(self.known))
        for _ in range(times):
            hear(intent_id, status, at=self.at)
        self.known[intent_id].hear(status)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def wrong_or_forged_callback(self, data: st.DataObject) -> None:
        intent_id = self._some(data, list(self.known))
        hear(intent_id, "success", at=self.at, amount_kop=1)
        hear(intent_id, "success", at=self.at, order_id="0" * 32)
        api.receive_callback(gateway="sandbox", body=message(intent_id, "success"), headers={}, at=self.at)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), status=st.sampled_from(["processing", "success", "declined", "reversed"]))
    def poll(self, data: st.DataObject, status: str) -> None:
        intent_id = self._some(data, list(self.known))
        self.bank.orders[intent_id.hex].status = status
        asked = Intent.objects.get(pk=intent_id).next_poll_at is not None
        api.poll(intent_id=intent_id, at=self.at)
        if asked:
            self.known[intent_id].hear(status)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), status=st.sampled_from(["success", "declined"]))
    def crash_after_storing(self, data: st.DataObject, status: str) -> None:
        """A callback was stored and the process died; the watch finds it."""
        intent_id = self._some(data, list(self.known))
        body = message(intent_id, status)
        GatewayEvent.objects.create(
            gateway="sandbox",
            received_at=self.at - dt.timedelta(minutes=2),
            source="callback",
            body=body,
            headers=headers(body, self.at),
            signature_ok=True,
        )
        stored = GatewayEvent.objects.latest("pk")
        api.apply_event(event_id=stored.pk, at=self.at)
        api.apply_event(event_id=stored.pk, at=self.at)
        self.known[intent_id].hear(status)

    @rule(minutes=st.sampled_from([1, 50, 3000]))
    def time_goes_by(self, minutes: int) -> None:
        self.at += dt.timedelta(minutes=minutes)
        self.bank.clock = self.at.timestamp

    @invariant()
    def money_is_there_exactly_once(self) -> None:
        if not hasattr(self, "known"):
            return
        credited = [known for known in self.known.values() if known.credited]
        paid = {code: sum(known.lines[code] for known in credited) for code in self.debts}
        assert {code: balance(self.house, code) for code in self.debts} == {
            code: self.debts[code] - paid[code] for code in self.debts
        }
        assert system(self.house, Account.Kind.GATEWAY, code="sandbox") == sum(known.total for known in credited)
        assert -system(self.house, Account.Kind.FEE, code="sandbox") == sum(
            known.total - sum(known.lines.values()) for known in credited
        )
        ever = sum(known.ever_credited for known in self.known.values())
        assert Transaction.objects.filter(cause="payment").count() == ever

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            assert ledger.verify() == []
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.slow
@pytest.mark.django_db
def test_any_sequence_moves_the_money_exactly_once(bank: SandboxBank, settings: Settings) -> None:
    settings.PAYMENTS_PER_HOUR = 1000
    PaymentMachine.bank = bank

    run_state_machine_as_test(PaymentMachine, settings=LIMITS)


LIMITS = settings(
    max_examples=25,
    phases=[Phase.generate, Phase.shrink],
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
