"""Our sandbox bank's protocol (docs/payments.md): JSON over HTTP, signed both ways by HMAC-SHA256 of the raw body.

X-Sandbox-Timestamp: seconds since 1970      X-Sandbox-Nonce: any unique text
X-Sandbox-Signature: hex(HMAC-SHA256(secret, timestamp "." nonce "." body))
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from domivka.payments.errors import BadMessage, BadSignature, GatewayRefused, GatewayUnavailable
from domivka.payments.gateways.base import Notice, Order, Source
from domivka.payments.gateways.http import post
from domivka.payments.rules.states import Event
from domivka.payments.types import Step

FRESH_S: Final = 15 * 60
"""A signed message older than this is refused: somebody repeats what they overheard."""

_EVENTS: Final = {
    "created": None,
    "processing": Event.IN_PROGRESS,
    "success": Event.SUCCEEDED,
    "declined": Event.DECLINED,
    "expired": Event.DECLINED,
    "not_found": Event.DECLINED,  # the bank never heard of it, so nobody can pay it
    "reversed": Event.REVERSED,
}


def sign(*, secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over `timestamp.nonce.body`."""
    return hmac.new(secret.encode(), f"{timestamp}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class SandboxBank:
    """The adapter; `url` is the bank's origin."""

    url: str
    secret: str
    code: str = "sandbox"

    @property
    def form_action(self) -> str:
        return self.url

    def _call(self, path: str, message: dict[str, Any], at: dt.datetime) -> tuple[int, bytes]:
        body = json.dumps(message, ensure_ascii=False).encode()
        timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(8)
        signature = sign(secret=self.secret, timestamp=timestamp, nonce=nonce, body=body)
        headers = {
            "Content-Type": "application/json",
            "X-Sandbox-Timestamp": timestamp,
            "X-Sandbox-Nonce": nonce,
            "X-Sandbox-Signature": signature,
        }
        return post(self.url + path, body=body, headers=headers)

    def begin(self, order: Order, *, at: dt.datetime) -> Step:
        message = {
            "order_id": order.reference,
            "amount_kop": order.amount_kop,
            "currency": "UAH",
            "description": order.description,
            "city_card": order.city_card,
            "language": order.language,
            "result_url": order.result_url,
            "callback_url": order.callback_url,
        }
        status, answer = self._call("/api/orders", message, at)
        if status != 200:
            raise GatewayRefused(_("Банк відмовився прийняти платіж."))
        page = _read(answer).get("page_url")
        if not isinstance(page, str) or not page.startswith(self.url + "/"):
            raise GatewayUnavailable(_("Банк відповів незрозуміло."))
        return Step(page)

    def verify(self, *, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> None:
        timestamp = headers.get("X-Sandbox-Timestamp", "")
        expected = sign(secret=self.secret, timestamp=timestamp, nonce=headers.get("X-Sandbox-Nonce", ""), body=body)
        if not hmac.compare_digest(expected.encode(), headers.get("X-Sandbox-Signature", "").encode()):
            raise BadSignature("signature")
        if not timestamp.isdecimal() or abs(at.timestamp() - int(timestamp)) > FRESH_S:
            raise BadSignature("stale")

    def parse(self, *, body: bytes, source: Source) -> Notice:
        message = _read(body)
        status, reference, amount = message.get("status"), message.get("order_id"), message.get("amount_kop")
        if status not in _EVENTS or not isinstance(reference, str):
            raise BadMessage(f"status {status!r}")
        return Notice(
            reference=reference,
            event=_EVENTS[status],
            amount_kop=amount if isinstance(amount, int) else None,
            currency=str(message.get("currency", "")),
            event_key=str(message.get("event_id", ""))[:120],
            reason=str(message.get("reason", ""))[:200],
        )

    def status(self, reference: str, *, at: dt.datetime) -> bytes:
        _status, answer = self._call("/api/status", {"order_id": reference}, at)
        return answer


def _read(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise BadMessage("not JSON") from error
    if not isinstance(message, dict):
        raise BadMessage("not an object")
    return message
