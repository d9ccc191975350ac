"""What both emulated gateways share: orders, the card page, the 3-D Secure step, callbacks and their faults."""

from __future__ import annotations

import secrets
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domivka.emulators import pages
from domivka.emulators.cards import CODE, REASONS, Behaviour, behaviour_of
from domivka.emulators.server import Request, Response, Routes, answer, origin_of, page, redirect

_RETRIES_S: Final = (0, 1, 3, 10, 30, 60, 120)
_CODE_TRIES: Final = 3


@dataclass
class Order:
    """A payment as the gateway sees it: created → processing → success or declined; success → reversed."""

    order_id: str
    amount_kop: int
    description: str
    result_url: str
    callback_url: str
    city_card: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    status: str = "created"
    reason: str = ""
    behaviour: Behaviour = Behaviour.APPROVE
    tries_left: int = _CODE_TRIES
    sent: int = 0
    delivered: int = 0


@dataclass(frozen=True)
class Callback:
    """One message to the shop."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class Acquirer:
    """A gateway without its protocol; subclasses add how orders are made and how callbacks are signed."""

    name = "Банк"

    def __init__(self, *, late_s: float = 15, hang_s: float = 20) -> None:
        self.late_s, self.hang_s = late_s, hang_s
        self.orders: dict[str, Order] = {}
        self.fault: Behaviour | None = None
        self._lock = threading.Lock()

    # what a protocol says

    def callback(self, order: Order, *, status: str, forged: bool = False) -> Callback:
        """The signed message about `status`; `forged` signs it wrongly."""
        raise NotImplementedError  # the protocol's own

    def routes(self) -> Routes:
        return {
            ("GET", "/"): self._show_admin,
            ("GET", "/healthz"): lambda _request: answer({"status": "ok"}),
            ("GET", "/pay/<token>"): self._show_card_form,
            ("POST", "/pay/<token>"): self._pay,
            ("POST", "/pay/<token>/confirm"): self._confirm,
            ("POST", "/pay/<token>/cancel"): self._cancel,
            ("GET", "/admin/"): self._show_admin,
            ("POST", "/admin/faults"): self._set_fault,
            ("POST", "/api/faults"): self._set_fault_by_api,
            ("POST", "/admin/<token>/resend"): self._resend,
            ("POST", "/admin/<token>/reverse"): self._reverse,
        }

    # orders

    def register(self, order: Order) -> Order | None:
        """Keep a new order, or return the known one; None when the known one asks for another amount."""
        with self._lock:
            known = self.orders.setdefault(order.order_id, order)
        return known if known.amount_kop == order.amount_kop else None

    def take_fault(self, *faults: Behaviour) -> bool:
        """Is one of `faults` asked for; asking uses it up."""
        with self._lock:
            if self.fault in faults:
                self.fault = None
                return True
        return False

    def _order(self, token: str) -> Order | None:
        return next((order for order in self.orders.values() if secrets.compare_digest(order.token, token)), None)

    def _lost(self) -> Response:
        return page(
            pages.message(self.name, "Платежу не знайдено", "Поверніться до магазину і почніть знову."), status=404
        )

    # the payer's pages

    def _show_card_form(self, _request: Request, token: str) -> Response:
        order = self._order(token)
        if order is None:
            return self._lost()
        if order.status in ("success", "reversed"):
            return page(pages.closed(self.name, order))
        return self.card_page(order)

    def card_page(self, order: Order, *, error: str = "") -> Response:
        return page(pages.card_form(self.name, order, error=error), form_targets=(origin_of(order.result_url),))

    def _pay(self, request: Request, token: str) -> Response:
        order = self._order(token)
        if order is None:
            return self._lost()
        if order.status == "success":
            return redirect(order.result_url)
        form = request.form
        behaviour = behaviour_of(form.get("number") or form.get("typed", ""))
        if behaviour is None:
            return self.card_page(order, error="Такої тестової картки немає. Оберіть одну зі списку.")
        with self._lock:
            behaviour, self.fault = self.fault or behaviour, None
        order.behaviour, order.tries_left = behaviour, _CODE_TRIES
        if behaviour in REASONS:
            return self._finish(order, "declined", REASONS[behaviour])
        order.status = "processing"
        return page(pages.secure_form(self.name, order), form_targets=(origin_of(order.result_url),))

    def _confirm(self, request: Request, token: str) -> Response:
        order = self._order(token)
        if order is None:
            return self._lost()
        if order.status != "processing":
            return redirect(order.result_url)
        if request.form.get("code", "").strip() == CODE:
            return self._finish(order, "success", "")
        order.tries_left -= 1
        if order.tries_left == 0:
            return self._finish(order, "declined", "Код підтвердження введено неправильно тричі.")
        return page(
            pages.secure_form(self.name, order, error=f"Код неправильний. Залишилося спроб: {order.tries_left}."),
            form_targets=(origin_of(order.result_url),),
        )

    def _cancel(self, _request: Request, token: str) -> Response:
        order = self._order(token)
        if order is None:
            return self._lost()
        if order.status in ("created", "processing"):
            return self._finish(order, "declined", "Ви скасували оплату.")
        return redirect(order.result_url)

    def _finish(self, order: Order, status: str, reason: str) -> Response:
        order.status, order.reason = status, reason
        self.announce(order)
        return redirect(order.result_url)

    # callbacks

    def announce(self, order: Order) -> None:
        """Tell the shop about the order's status, as its card or the asked fault wants it told."""
        if order.behaviour is Behaviour.SILENT:
            return
        threading.Thread(target=self._announce, args=(order, order.status, order.behaviour), daemon=True).start()

    def _announce(self, order: Order, status: str, behaviour: Behaviour) -> None:
        if behaviour is Behaviour.LATE:
            time.sleep(self.late_s)
        if behaviour is Behaviour.BAD_SIGNATURE:
            self.deliver(order, self.callback(order, status=status, forged=True), retry=False)
            return
        self.deliver(order, self.callback(order, status=status))
        if behaviour is Behaviour.TRIPLE:
            self.deliver(order, self.callback(order, status=status))
            self.deliver(order, self.callback(order, status=status))
        if behaviour is Behaviour.DISORDER:
            self.deliver(order, self.callback(order, status="processing"))
            self.deliver(order, self.callback(order, status="declined"))

    def deliver(self, order: Order, callback: Callback, *, retry: bool = True) -> bool:
        """Send until the shop says 200, a few times with growing pauses."""
        for pause in _RETRIES_S if retry else (0,):
            time.sleep(pause)
            order.sent += 1
            request = urllib.request.Request(  # noqa: S310 - the shop's address, given in a signed request
                callback.url, data=callback.body, headers=dict(callback.headers), method="POST"
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - as above
                    if reply.status == 200:
                        order.delivered += 1
                        return True
            except OSError:
                continue
        return False

    # the operator's page

    def _show_admin(self, _request: Request) -> Response:
        return page(pages.admin(self.name, reversed(self.orders.values()), self.fault))

    def _set_fault(self, request: Request) -> Response:
        chosen = request.form.get("fault", "")
        self.fault = Behaviour(chosen) if chosen in set(Behaviour) else None
        return redirect("/admin/")

    def _set_fault_by_api(self, request: Request) -> Response:
        chosen = request.json.get("fault")
        if chosen is not None and chosen not in set(Behaviour):
            return answer({"error": "unknown_fault", "known": list(Behaviour)}, status=400)
        self.fault = Behaviour(chosen) if chosen else None
        return answer({"fault": chosen})

    def _resend(self, _request: Request, token: str) -> Response:
        order = self._order(token)
        if order is not None and order.status != "created":
            self.deliver(order, self.callback(order, status=order.status), retry=False)
        return redirect("/admin/")

    def _reverse(self, _request: Request, token: str) -> Response:
        order = self._order(token)
        if order is not None and order.status == "success":
            order.status, order.behaviour = "reversed", Behaviour.APPROVE
            self.announce(order)
        return redirect("/admin/")
