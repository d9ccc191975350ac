"""The sandbox bank: our own small acquiring protocol (docs/payments.md), signed both ways by HMAC-SHA256."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable
from typing import Final

from domivka.emulators.acquirer import Acquirer, Callback, Order
from domivka.emulators.cards import Behaviour
from domivka.emulators.server import Request, Response, Routes, Server, answer

_FRESH_S: Final = 15 * 60


class SandboxBank(Acquirer):
    """`POST /api/orders` and `POST /api/status`; signed callbacks to the shop."""

    name = "Пісочниця-Банк"

    def __init__(
        self, *, secret: str, late_s: float = 15, hang_s: float = 20, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(late_s=late_s, hang_s=hang_s)
        self._secret, self.clock = secret.encode(), clock

    def routes(self) -> Routes:
        return {
            **super().routes(),
            ("POST", "/api/orders"): self._create,
            ("POST", "/api/status"): self._status,
        }

    def _sign(self, timestamp: str, nonce: str, body: bytes) -> str:
        return hmac.new(self._secret, f"{timestamp}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()

    def _is_signed(self, request: Request) -> bool:
        headers = {name.lower(): value for name, value in request.headers.items()}
        timestamp, nonce = headers.get("x-sandbox-timestamp", ""), headers.get("x-sandbox-nonce", "")
        expected = self._sign(timestamp, nonce, request.body)
        fresh = timestamp.isdecimal() and abs(self.clock() - int(timestamp)) <= _FRESH_S
        return fresh and hmac.compare_digest(expected, headers.get("x-sandbox-signature", ""))

    def _create(self, request: Request) -> Response:
        if not self._is_signed(request):
            return answer({"error": "bad_signature"}, status=401)
        if self.take_fault(Behaviour.CREATE_REFUSED):
            return answer({"error": "refused"}, status=422)
        asked = request.json
        order = self.register(
            Order(
                order_id=str(asked["order_id"]),
                amount_kop=int(asked["amount_kop"]),
                description=str(asked["description"]),
                result_url=str(asked["result_url"]),
                callback_url=str(asked["callback_url"]),
                city_card=bool(asked.get("city_card")),
            )
        )
        if order is None:
            return answer({"error": "order_has_other_amount"}, status=409)
        if self.take_fault(Behaviour.CREATE_TIMEOUT):
            time.sleep(self.hang_s)
        return answer(
            {"order_id": order.order_id, "status": order.status, "page_url": f"{request.origin}/pay/{order.token}"}
        )

    def _status(self, request: Request) -> Response:
        if not self._is_signed(request):
            return answer({"error": "bad_signature"}, status=401)
        if self.take_fault(Behaviour.STATUS_TIMEOUT):
            time.sleep(self.hang_s)
        order = self.orders.get(str(request.json.get("order_id")))
        if order is None:
            return answer({"order_id": request.json.get("order_id"), "status": "not_found"}, status=404)
        return answer(self._message(order, order.status))

    def _message(self, order: Order, status: str) -> dict[str, object]:
        return {
            "event_id": f"{order.token[:8]}-{order.sent}",
            "order_id": order.order_id,
            "status": status,
            "amount_kop": order.amount_kop,
            "currency": "UAH",
            "reason": order.reason if status == order.status else "",
        }

    def callback(self, order: Order, *, status: str, forged: bool = False) -> Callback:
        body = json.dumps(self._message(order, status), ensure_ascii=False).encode()
        timestamp, nonce = str(int(self.clock())), secrets.token_hex(8)
        signature = self._sign(timestamp, nonce, body + b"forged" if forged else body)
        headers = {
            "Content-Type": "application/json",
            "X-Sandbox-Timestamp": timestamp,
            "X-Sandbox-Nonce": nonce,
            "X-Sandbox-Signature": signature,
        }
        return Callback(order.callback_url, body, headers)


def main(argv: list[str] | None = None) -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="domivka sandbox-bank", description="Тестовий банк")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    asked = parser.parse_args(argv)
    secret = os.environ.get("DOMIVKA_SANDBOX_BANK_SECRET", "demo-sandbox-secret")
    server = Server(SandboxBank(secret=secret).routes(), host=asked.host, port=asked.port)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
