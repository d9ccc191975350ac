"""Signed messages of the sandbox bank, as it would send them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from django.conf import settings

from domivka.payments import api
from domivka.payments.gateways import sandbox
from domivka.payments.models import Intent
from domivka.payments.operations import baskets
from tests.database.payments.town import AT, House

BASKET = {"water": 1264_70, "wastewater": 869_27, "housing": 1021_00}
"""The basket of seed S1: 3 154,97."""

FORM = "f1"
"""The hidden field of one rendering of the form."""


def create(
    house: House, basket: dict[str, int] = BASKET, *, token: str = FORM, method: str = "card", at: dt.datetime = AT
) -> uuid.UUID:
    amounts = {house.services[code]: kop for code, kop in basket.items()}
    return api.create_intent(
        user_id=house.user.pk, premises_id=house.premises_id, amounts=amounts, token=token, method=method, at=at
    )


def mark_started(intent_id: uuid.UUID, at: dt.datetime = AT) -> Intent:
    """As `start` leaves an intent when the bank has answered."""
    intent = Intent.objects.get(pk=intent_id)
    baskets.mark_started(intent, at)
    return intent


def message(intent_id: uuid.UUID, status: str, **changes: Any) -> bytes:
    intent = Intent.objects.get(pk=intent_id)
    found = {
        "event_id": "e1",
        "order_id": intent.pk.hex,
        "status": status,
        "amount_kop": intent.amount_kop + intent.fee_kop,
        "currency": "UAH",
        "reason": "Банк відмовив." if status == "declined" else "",
    }
    return json.dumps({**found, **changes}).encode()


def headers(body: bytes, at: dt.datetime = AT) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = sandbox.sign(secret=settings.SANDBOX_BANK_SECRET, timestamp=timestamp, nonce="n", body=body)
    return {"X-Sandbox-Timestamp": timestamp, "X-Sandbox-Nonce": "n", "X-Sandbox-Signature": signature}


def hear(intent_id: uuid.UUID, status: str, at: dt.datetime = AT, **changes: Any) -> str:
    """A signed callback arrives; what came of it."""
    body = message(intent_id, status, **changes)
    return api.receive_callback(gateway="sandbox", body=body, headers=headers(body, at), at=at).outcome
