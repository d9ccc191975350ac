"""The emulators alone, over HTTP, against the protocols as documented."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from domivka.emulators.cards import CODE, Behaviour
from domivka.emulators.liqpay import LiqPay
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.emulators.server import Server

NOW = 1_795_251_600.0
SECRET = "shared"


class Shop:
    """The other end of callbacks: keeps them; answers 500 as often as asked first."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.refusals = 0
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shop.heard.append((dict(self.headers.items()), body))
                shop.refusals -= 1
                self.send_response(500 if shop.refusals >= 0 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def wait(self, count: int) -> None:
        deadline = time.monotonic() + 5
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.heard) == count


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.server.shutdown()


@pytest.fixture
def bank() -> Iterator[tuple[SandboxBank, str]]:
    emulator = SandboxBank(secret=SECRET, late_s=0.1, hang_s=0.1, clock=lambda: NOW)
    server = Server(emulator.routes()).start()
    yield emulator, server.url
    server.stop()


def call(url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers=headers or {}, method="POST")  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310 - our own server
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def signed(body: bytes, *, secret: str = SECRET, at: float = NOW) -> dict[str, str]:
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), f"{stamp}.n1.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Sandbox-Timestamp": stamp, "X-Sandbox-Nonce": "n1", "X-Sandbox-Signature": digest}


def order(shop: Shop, **changes: Any) -> bytes:
    message = {
        "order_id": "o1",
        "amount_kop": 3181_50,
        "currency": "UAH",
        "description": "Комунальні послуги",
        "result_url": f"{shop.url}/back",
        "callback_url": f"{shop.url}/callback",
    }
    return json.dumps({**message, **changes}).encode()


def create(url: str, shop: Shop, **changes: Any) -> tuple[int, dict[str, Any]]:
    body = order(shop, **changes)
    status, answer = call(f"{url}/api/orders", body, signed(body))
    return status, json.loads(answer)


def test_the_same_order_again_is_the_same_page(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    first, second = create(bank[1], shop), create(bank[1], shop)

    assert first == second
    assert first[0] == 200
    assert re.fullmatch(rf"{bank[1]}/pay/[\w-]+", first[1]["page_url"])


def test_another_amount_of_an_order_is_refused(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    create(bank[1], shop)

    assert create(bank[1], shop, amount_kop=1) == (409, {"error": "order_has_other_amount"})


@pytest.mark.parametrize("headers", [{}, signed(b"x"), signed(b"{}", secret="other"), signed(b"{}", at=NOW - 3600)])
@pytest.mark.parametrize("path", ["/api/orders", "/api/status"])
def test_an_unsigned_request_is_refused(bank: tuple[SandboxBank, str], headers: dict[str, str], path: str) -> None:
    assert call(bank[1] + path, b"{}", headers) == (401, b'{"error": "bad_signature"}')


def test_status_of_an_unknown_order_is_not_found(bank: tuple[SandboxBank, str]) -> None:
    body = b'{"order_id": "none"}'

    assert call(f"{bank[1]}/api/status", body, signed(body)) == (404, b'{"order_id": "none", "status": "not_found"}')


def pay(page_url: str, card: str) -> None:
    call(page_url, urlencode({"number": card}).encode())
    call(f"{page_url}/confirm", urlencode({"code": CODE}).encode())


def test_a_paid_order_is_announced_with_a_signature(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    page_url = create(bank[1], shop)[1]["page_url"]

    pay(page_url, "4111111111111111")

    shop.wait(1)
    headers, body = shop.heard[0]
    message = json.loads(body)
    assert (message["status"], message["amount_kop"], message["order_id"]) == ("success", 3181_50, "o1")
    nonce, stamp = headers["X-Sandbox-Nonce"], headers["X-Sandbox-Timestamp"]
    expected = hmac.new(SECRET.encode(), f"{stamp}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Sandbox-Signature"] == expected


def test_a_callback_is_repeated_until_it_is_taken(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    shop.refusals = 1
    pay(create(bank[1], shop)[1]["page_url"], "4111111111111111")

    shop.wait(2)


@pytest.mark.parametrize(
    ("card", "statuses"),
    [
        ("4000000000000002", ["declined"]),
        ("4000000000009995", ["declined"]),
        ("4000000000000135", ["success"] * 3),
        ("4000000000000143", ["success", "processing", "declined"]),
        ("4000000000000127", ["success"]),
    ],
)
def test_each_card_is_told_its_own_way(
    bank: tuple[SandboxBank, str], shop: Shop, card: str, statuses: list[str]
) -> None:
    pay(create(bank[1], shop)[1]["page_url"], card)

    shop.wait(len(statuses))
    assert [json.loads(body)["status"] for _headers, body in shop.heard] == statuses


def test_a_wrong_code_three_times_declines(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    page_url = create(bank[1], shop)[1]["page_url"]
    call(page_url, b"number=4111111111111111")

    for _ in range(3):
        call(f"{page_url}/confirm", b"code=0000")

    shop.wait(1)
    assert json.loads(shop.heard[0][1])["reason"] == "Код підтвердження введено неправильно тричі."


def test_faults_are_asked_for_over_http_and_used_up(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    emulator, url = bank

    assert call(f"{url}/api/faults", b'{"fault": "create_refused"}')[0] == 200
    assert emulator.fault is Behaviour.CREATE_REFUSED
    assert create(url, shop)[0] == 422
    assert create(url, shop)[0] == 200
    assert call(f"{url}/api/faults", b'{"fault": "flood"}')[0] == 400


def test_the_operators_page_reverses_a_payment(bank: tuple[SandboxBank, str], shop: Shop) -> None:
    emulator, url = bank
    pay(create(url, shop)[1]["page_url"], "4111111111111111")
    shop.wait(1)

    call(f"{url}/admin/{emulator.orders['o1'].token}/reverse")

    shop.wait(2)
    assert json.loads(shop.heard[1][1])["status"] == "reversed"
    with urllib.request.urlopen(f"{url}/admin/", timeout=5) as reply:  # noqa: S310 - our own server
        assert "3\u00a0181,50" in reply.read().decode()


@pytest.fixture
def liqpay() -> Iterator[tuple[LiqPay, str]]:
    emulator = LiqPay(public_key="i1", private_key=SECRET, callback_version=7)
    server = Server(emulator.routes()).start()
    yield emulator, server.url
    server.stop()


def liqpay_form(message: dict[str, Any], *, key: str = SECRET) -> bytes:
    data = base64.b64encode(json.dumps(message).encode()).decode()
    signature = base64.b64encode(hashlib.sha1(f"{key}{data}{key}".encode()).digest()).decode()  # noqa: S324 - version 3
    return urlencode({"data": data, "signature": signature}).encode()


def checkout(shop: Shop, **changes: Any) -> dict[str, Any]:
    message = {
        "version": 3,
        "public_key": "i1",
        "action": "pay",
        "amount": "322.36",
        "currency": "UAH",
        "description": "Комунальні послуги",
        "order_id": "PAY-1",
        "result_url": f"{shop.url}/back",
        "server_url": f"{shop.url}/callback",
    }
    return {**message, **changes}


def test_liqpay_refuses_a_form_it_did_not_expect(liqpay: tuple[LiqPay, str], shop: Shop) -> None:
    url = f"{liqpay[1]}/api/3/checkout"

    assert call(url, liqpay_form(checkout(shop), key="somebody"))[0] == 400
    assert call(url, liqpay_form(checkout(shop, public_key="i2")))[0] == 400
    assert call(url, liqpay_form(checkout(shop, description="")))[0] == 400
    assert liqpay[0].orders == {}


def test_liqpay_calls_back_by_version_7_and_refunds(liqpay: tuple[LiqPay, str], shop: Shop) -> None:
    emulator, url = liqpay
    assert call(f"{url}/api/3/checkout", liqpay_form(checkout(shop)))[0] == 200
    pay(f"{url}/pay/{emulator.orders['PAY-1'].token}", "4111111111111111")
    shop.wait(1)
    form = parse_qs(shop.heard[0][1].decode())
    data, signature = form["data"][0], form["signature"][0]

    assert signature == base64.b64encode(hashlib.sha3_256(f"{SECRET}{data}{SECRET}".encode()).digest()).decode()
    assert json.loads(base64.b64decode(data))["status"] == "success"

    request = {"version": 3, "public_key": "i1", "action": "refund", "order_id": "PAY-1", "amount": "322.36"}
    assert json.loads(call(f"{url}/api/request", liqpay_form(request))[1])["status"] == "reversed"
    shop.wait(2)


def test_liqpay_status_of_an_unknown_order_is_not_found(liqpay: tuple[LiqPay, str]) -> None:
    request = {"version": 3, "public_key": "i1", "action": "status", "order_id": "none"}

    answer = json.loads(call(f"{liqpay[1]}/api/request", liqpay_form(request))[1])

    assert (answer["status"], answer["err_code"]) == ("error", "payment_not_found")


@pytest.mark.parametrize("module", ["sandbox_bank", "liqpay"])
def test_an_emulator_is_a_process_of_its_own(module: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", f"domivka.emulators.{module}", "--port", str(port)])
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as reply:
                    assert json.load(reply) == {"status": "ok"}
                    return
            except OSError:
                time.sleep(0.05)
        pytest.fail("the emulator did not start")
    finally:
        process.terminate()
        process.wait(timeout=10)
