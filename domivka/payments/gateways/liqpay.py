"""LiqPay (PrivatBank): checkout form, signed callback, status request (domain.md §3.1).

`data` is base64 of UTF-8 JSON; `signature` is base64(hash(private_key + data + private_key)), SHA-1 for API version 3
and SHA3-256 for version 7. We ask for version 3; a callback says its version inside and is checked by it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from domivka.kernel.money import Money
from domivka.payments.errors import BadMessage, BadSignature
from domivka.payments.gateways.base import Notice, Order, Source
from domivka.payments.gateways.http import post
from domivka.payments.rules.states import Event
from domivka.payments.types import Step

VERSION: Final = 3
_SHA3_FROM: Final = 7

_PAID: Final = {"success", "wait_compensation"}
_PAID_IN_TEST: Final = {"sandbox"}  # a success of test keys; with real ones it is no money
_DECLINED: Final = {"failure", "error"}
_REVERSED: Final = {"reversed"}
_NO_NEWS: Final = {"payment_not_found", "order_not_found"}


def encode(message: Mapping[str, Any]) -> str:
    """`data`: base64 of compact UTF-8 JSON."""
    return base64.b64encode(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def sign(*, private_key: str, data: str, version: int = VERSION) -> str:
    """`signature` of `data` for an API version."""
    text = (private_key + data + private_key).encode()
    # SHA-1 is what version 3 of the protocol says; the secret on both sides keeps it from being forged.
    digest = hashlib.sha3_256(text) if version >= _SHA3_FROM else hashlib.sha1(text)  # noqa: S324 - see above
    return base64.b64encode(digest.digest()).decode()


def decode(data: str) -> dict[str, Any]:
    """The message inside `data`. Raises `BadMessage`."""
    try:
        message = json.loads(base64.b64decode(data, validate=True), parse_float=Decimal)
    except (ValueError, binascii.Error) as error:
        raise BadMessage("data is not base64 JSON") from error
    if not isinstance(message, dict):
        raise BadMessage("data is not an object")
    return message


def _form(body: bytes) -> tuple[str, str]:
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return fields.get("data", [""])[0], fields.get("signature", [""])[0]


@dataclass(frozen=True)
class LiqPay:
    """The adapter; `url` is the origin of checkout and API."""

    url: str
    public_key: str
    private_key: str
    code: str = "liqpay"

    @property
    def form_action(self) -> str:
        return self.url

    def begin(self, order: Order, *, at: dt.datetime) -> Step:
        data = encode(
            {
                "version": VERSION,
                "public_key": self.public_key,
                "action": "pay",
                "amount": Money(order.amount_kop).plain(),
                "currency": "UAH",
                "description": order.description,
                "order_id": order.reference,
                "language": order.language,
                "result_url": order.result_url,
                "server_url": order.callback_url,
            }
        )
        signature = sign(private_key=self.private_key, data=data)
        return Step(f"{self.url}/api/3/checkout", {"data": data, "signature": signature})

    def verify(self, *, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> None:
        data, signature = _form(body)
        try:
            version = int(decode(data).get("version", VERSION))
        except (BadMessage, TypeError, ValueError) as error:
            raise BadSignature("data") from error
        expected = sign(private_key=self.private_key, data=data, version=version)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise BadSignature("signature")

    def parse(self, *, body: bytes, source: Source) -> Notice:
        if source == "callback":
            message = decode(_form(body)[0])
        else:
            try:
                message = json.loads(body, parse_float=Decimal)
            except ValueError as error:
                raise BadMessage("not JSON") from error
        status, reference = message.get("status"), message.get("order_id")
        if not isinstance(status, str) or not isinstance(reference, str):
            raise BadMessage(f"status {status!r}")
        return Notice(
            reference=reference,
            event=self._event(status, message),
            amount_kop=_kopiykas(message.get("amount")),
            currency=str(message.get("currency", "")),
            event_key=f"{message.get('payment_id', '')}:{status}"[:120],
            reason=str(message.get("err_description") or "")[:200],
        )

    def _event(self, status: str, message: Mapping[str, Any]) -> Event | None:
        if status in _PAID or (status in _PAID_IN_TEST and self.public_key.startswith("sandbox_")):
            return Event.SUCCEEDED
        if status in _REVERSED:
            return Event.REVERSED
        if status in _DECLINED:
            # LiqPay learns of an order when the payer opens the checkout: until then there is simply no news.
            return None if message.get("err_code") in _NO_NEWS else Event.DECLINED
        return Event.IN_PROGRESS

    def status(self, reference: str, *, at: dt.datetime) -> bytes:
        data = encode({"version": VERSION, "public_key": self.public_key, "action": "status", "order_id": reference})
        signature = sign(private_key=self.private_key, data=data)
        _status, answer = post(
            f"{self.url}/api/request",
            body=urlencode({"data": data, "signature": signature}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        return answer


def _kopiykas(amount: object) -> int | None:
    try:
        return Money.from_hryvnias(Decimal(str(amount))).kop
    except (InvalidOperation, ValueError):
        return None
