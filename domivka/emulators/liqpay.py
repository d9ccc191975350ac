"""LiqPay as its documentation describes it: checkout form, signed callback, status and refund requests.

Signatures are checked and made here on their own, not by Domivka's adapter, so that the two prove each other.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import time
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from domivka.emulators import pages
from domivka.emulators.acquirer import Acquirer, Callback, Order
from domivka.emulators.cards import Behaviour
from domivka.emulators.server import Request, Response, Routes, Server, answer, page

_STATUS: Final = {
    "created": "prepared",
    "processing": "3ds_verify",
    "success": "success",
    "declined": "failure",
    "reversed": "reversed",
}
_REQUIRED: Final = ("version", "public_key", "action", "amount", "currency", "description", "order_id")


class LiqPay(Acquirer):
    """`/api/3/checkout` for browsers, `/api/request` for servers. Callbacks are of `callback_version`."""

    name = "LiqPay (емулятор)"

    def __init__(
        self, *, public_key: str, private_key: str, callback_version: int = 3, late_s: float = 15, hang_s: float = 20
    ) -> None:
        super().__init__(late_s=late_s, hang_s=hang_s)
        self._public_key, self._private_key, self._callback_version = public_key, private_key, callback_version

    def routes(self) -> Routes:
        return {
            **super().routes(),
            ("POST", "/api/3/checkout"): self._checkout,
            ("POST", "/api/request"): self._request,
        }

    def _sign(self, data: str, version: int) -> str:
        text = f"{self._private_key}{data}{self._private_key}".encode()
        digest = hashlib.sha3_256(text) if version >= 7 else hashlib.sha1(text)  # noqa: S324 - version 3 says SHA-1
        return base64.b64encode(digest.digest()).decode()

    def _read(self, request: Request) -> dict[str, Any] | None:
        """The message of a form whose signature and public key are right."""
        form = request.form
        data = form.get("data", "")
        try:
            message = json.loads(base64.b64decode(data, validate=True))
            version = int(message["version"])
        except (ValueError, KeyError, TypeError):
            return None
        signed = hmac.compare_digest(self._sign(data, version), form.get("signature", ""))
        return message if signed and message.get("public_key") == self._public_key else None

    def _checkout(self, request: Request) -> Response:
        message = self._read(request)
        if message is None or any(not message.get(name) for name in _REQUIRED) or message["currency"] != "UAH":
            return page(pages.message(self.name, "Помилка запиту", "Підпис або дані платежу неправильні."), status=400)
        order = self.register(
            Order(
                order_id=str(message["order_id"]),
                amount_kop=int(Decimal(str(message["amount"])) * 100),
                description=str(message["description"]),
                result_url=str(message.get("result_url", "")),
                callback_url=str(message.get("server_url", "")),
            )
        )
        if order is None:
            return page(pages.message(self.name, "Помилка запиту", "Номер замовлення вже використано."), status=400)
        # The card form posts to its own address; here that would be the checkout again.
        return Response(status=303, headers={"Location": f"/pay/{order.token}"})

    def _request(self, request: Request) -> Response:
        message = self._read(request)
        if message is None:
            return answer({"result": "error", "status": "error", "err_code": "signature"})
        if self.take_fault(Behaviour.STATUS_TIMEOUT):
            time.sleep(self.hang_s)
        order = self.orders.get(str(message.get("order_id")))
        if order is None:
            return answer(
                {
                    "result": "error",
                    "status": "error",
                    "order_id": message.get("order_id"),
                    "err_code": "payment_not_found",
                    "err_description": "Payment not found",
                }
            )
        if message.get("action") == "refund" and order.status == "success":
            order.status, order.behaviour = "reversed", Behaviour.APPROVE
            self.announce(order)
        return answer({"result": "ok", **self._message(order, order.status)})

    def _message(self, order: Order, status: str) -> dict[str, object]:
        declined = status == "declined"
        return {
            "version": self._callback_version,
            "public_key": self._public_key,
            "action": "pay",
            "payment_id": int(hashlib.sha256(order.token.encode()).hexdigest()[:12], 16),
            "status": _STATUS[status],
            "order_id": order.order_id,
            "liqpay_order_id": order.token,
            "amount": float(Decimal(order.amount_kop) / 100),  # LiqPay's JSON has a bare number here
            "currency": "UAH",
            "is_3ds": not declined,
            "err_code": "err_card_declined" if declined else None,
            "err_description": order.reason if declined and order.reason else None,
            "end_date": int(time.time() * 1000),
        }

    def callback(self, order: Order, *, status: str, forged: bool = False) -> Callback:
        message = json.dumps(self._message(order, status), ensure_ascii=False)
        data = base64.b64encode(message.encode()).decode()
        signature = self._sign(data + "forged" if forged else data, self._callback_version)
        body = urlencode({"data": data, "signature": signature}).encode()
        return Callback(order.callback_url, body, {"Content-Type": "application/x-www-form-urlencoded"})


def main(argv: list[str] | None = None) -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="domivka liqpay-emulator", description="Емулятор LiqPay")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8002)
    asked = parser.parse_args(argv)
    gateway = LiqPay(
        public_key=os.environ.get("DOMIVKA_LIQPAY_PUBLIC_KEY", "sandbox_i00000000"),
        private_key=os.environ.get("DOMIVKA_LIQPAY_PRIVATE_KEY", "demo-liqpay-private-key"),
    )
    server = Server(gateway.routes(), host=asked.host, port=asked.port)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
