"""What every gateway does, whatever its protocol."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from domivka.payments.rules.states import Event
from domivka.payments.types import Step

Source = Literal["callback", "poll"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a gateway is asked to take from the payer."""

    reference: str
    amount_kop: int  # with the commission
    description: str
    city_card: bool
    language: str
    result_url: str  # where the payer's browser returns; proves nothing
    callback_url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A gateway's message in our words. `event` is None when there is no news."""

    reference: str
    event: Event | None
    amount_kop: int | None
    currency: str
    event_key: str = ""
    reason: str = ""


class Gateway(Protocol):
    """A payment gateway. Network calls have timeouts and never happen inside a database transaction."""

    @property
    def code(self) -> str:
        """Its name in addresses, settings and the ledger."""

    @property
    def form_action(self) -> str:
        """The origin that the payer's form is posted to; for the Content-Security-Policy."""

    def begin(self, order: Order, *, at: dt.datetime) -> Step:
        """Make the payment known to the gateway; the same order again gives the same payment.

        Raises `GatewayUnavailable` (nobody knows whether it is made) and `GatewayRefused`.
        """

    def verify(self, *, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> None:
        """Check that a callback is signed by the gateway. Raises `BadSignature`."""

    def parse(self, *, body: bytes, source: Source) -> Notice:
        """Understand a callback's or a status answer's body. Raises `BadMessage`."""

    def status(self, reference: str, *, at: dt.datetime) -> bytes:
        """Ask for the payment; the raw answer, to be stored and parsed. Raises `GatewayUnavailable`."""
