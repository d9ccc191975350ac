"""Literal vectors of the protocols."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import urlencode

import pytest

from domivka.payments.errors import BadMessage, BadSignature
from domivka.payments.gateways import liqpay, sandbox
from domivka.payments.gateways.liqpay import LiqPay
from domivka.payments.gateways.sandbox import SandboxBank
from domivka.payments.rules.states import Event

KEY = "a4825234f4bae72a0be04eafe9e8e2bada209255"
MESSAGE = {
    "version": 3,
    "public_key": "i00000000",
    "action": "pay",
    "amount": "322.36",
    "currency": "UAH",
    "description": "Комунальні послуги",
    "order_id": "PAY-000001",
}
DATA = (
    "eyJ2ZXJzaW9uIjozLCJwdWJsaWNfa2V5IjoiaTAwMDAwMDAwIiwiYWN0aW9uIjoicGF5IiwiYW1vdW50IjoiMzIyLjM2IiwiY3VycmVuY3kiOiJV"
    "QUgiLCJkZXNjcmlwdGlvbiI6ItCa0L7QvNGD0L3QsNC70YzQvdGWINC/0L7RgdC70YPQs9C4Iiwib3JkZXJfaWQiOiJQQVktMDAwMDAxIn0="
)
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def test_liqpay_data_is_the_vector() -> None:
    assert liqpay.encode(MESSAGE) == DATA
    assert liqpay.decode(DATA) == MESSAGE


@pytest.mark.parametrize(
    ("version", "signature"),
    [(3, "bntt3Wwo+cOZguEzR30UnjdfTiU="), (7, "e+MrgvlWRwYQoyDWca6T0d4BeOdFLcHFNss5INF5VU0=")],
)
def test_liqpay_signature_is_the_vector_of_its_version(version: int, signature: str) -> None:
    assert liqpay.sign(private_key=KEY, data=DATA, version=version) == signature


def test_liqpay_signature_is_the_one_of_the_documentation() -> None:
    signature = liqpay.sign(private_key="your_private_key", data="base64_post_string")

    assert signature == "tp+ZLmKm1/E83dIzUpx5ljcttP4="


def _callback(message: dict[str, object], key: str = KEY, version: int = 3) -> bytes:
    data = liqpay.encode({"version": version, **message})
    return urlencode({"data": data, "signature": liqpay.sign(private_key=key, data=data, version=version)}).encode()


PORT = LiqPay(url="https://www.liqpay.ua", public_key="i00000000", private_key=KEY)


@pytest.mark.parametrize("version", [3, 7])
def test_liqpay_callback_of_either_version_is_accepted(version: int) -> None:
    PORT.verify(body=_callback({"status": "success"}, version=version), headers={}, at=AT)


@pytest.mark.parametrize(
    "body", [_callback({"status": "success"}, key="somebody"), b"", b"data=!!&signature=x", b"\xff"]
)
def test_liqpay_callback_of_somebody_else_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        PORT.verify(body=body, headers={}, at=AT)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("success", Event.SUCCEEDED),
        ("wait_compensation", Event.SUCCEEDED),
        ("sandbox", Event.IN_PROGRESS),  # test money under real keys is no money
        ("wait_accept", Event.IN_PROGRESS),
        ("3ds_verify", Event.IN_PROGRESS),
        ("failure", Event.DECLINED),
        ("error", Event.DECLINED),
        ("reversed", Event.REVERSED),
    ],
)
def test_liqpay_status_becomes_our_event(status: str, event: Event) -> None:
    notice = PORT.parse(
        body=_callback({"status": status, "order_id": "PAY-1", "amount": 322.36, "currency": "UAH"}), source="callback"
    )

    assert (notice.event, notice.reference, notice.amount_kop, notice.currency) == (event, "PAY-1", 322_36, "UAH")


def test_liqpay_order_it_has_not_seen_yet_is_no_news() -> None:
    body = json.dumps({"status": "error", "err_code": "payment_not_found", "order_id": "PAY-1"}).encode()

    assert PORT.parse(body=body, source="poll").event is None


def test_liqpay_test_keys_accept_test_money() -> None:
    port = LiqPay(url="https://www.liqpay.ua", public_key="sandbox_i1", private_key=KEY)

    notice = port.parse(body=_callback({"status": "sandbox", "order_id": "PAY-1"}), source="callback")

    assert notice.event == Event.SUCCEEDED


BANK = SandboxBank(url="http://127.0.0.1:8001", secret="secret")


def _headers(body: bytes, *, secret: str = BANK.secret, at: dt.datetime = AT) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {
        "X-Sandbox-Timestamp": timestamp,
        "X-Sandbox-Nonce": "n1",
        "X-Sandbox-Signature": sandbox.sign(secret=secret, timestamp=timestamp, nonce="n1", body=body),
    }


def test_sandbox_signature_is_stable() -> None:
    signature = sandbox.sign(secret="secret", timestamp="1795251600", nonce="n1", body='{"сума":1}'.encode())

    assert signature == "3bef297d8054545598b00af092e9ae3a071b703dd5d5a017ab1b555002f186ef"


def test_sandbox_callback_is_accepted() -> None:
    BANK.verify(body=b"{}", headers=_headers(b"{}"), at=AT)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{}", {}),
        (b"{}", _headers(b"{}", secret="other")),
        (b'{"amount_kop":2}', _headers(b'{"amount_kop":1}')),
        (b"{}", _headers(b"{}", at=AT - dt.timedelta(minutes=16))),
        (b"{}", _headers(b"{}", at=AT + dt.timedelta(minutes=16))),
    ],
    ids=["unsigned", "other secret", "changed body", "stale", "from the future"],
)
def test_sandbox_callback_of_somebody_else_is_refused(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        BANK.verify(body=body, headers=headers, at=AT)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"status":"success"}', b'{"status":"new","order_id":"1"}'])
def test_sandbox_message_that_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(BadMessage):
        BANK.parse(body=body, source="callback")
