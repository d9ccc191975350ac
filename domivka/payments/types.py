"""What payments hand to other contexts: frozen, without models."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.payments.rules.states import State


@dataclass(frozen=True, slots=True)
class Method:
    """A way of paying as people choose it."""

    code: str  # city_card, card, liqpay
    gateway: str
    title: str
    note: str
    has_fee: bool


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """One recipient's part of the payment screen (seed S1 «СПЛАТИ ЗА ПОСЛУГИ»)."""

    account_service_id: int
    service: str
    icon: str
    account_number: str
    provider_id: int
    recipient: str
    recipient_code: str
    iban: str
    bank_name: str
    purpose: str
    amount: Money
    fee: Money

    @property
    def iban_in_fours(self) -> str:
        """«UA39 3052 9900 …»: how people compare it with paper."""
        return " ".join(self.iban[i : i + 4] for i in range(0, len(self.iban), 4))


@dataclass(frozen=True, slots=True)
class Quote:
    """The payment screen: recipients, their sum («до сплати»), commissions apart, and the sum with them."""

    premises_id: int
    period: Period
    method: str
    lines: tuple[RecipientLine, ...]
    total: Money
    fee: Money
    total_with_fee: Money


@dataclass(frozen=True, slots=True)
class AllocationView:
    """What a part of a payment settled."""

    account_service_id: int
    for_period: Period
    is_advance: bool
    amount: Money


@dataclass(frozen=True, slots=True)
class IntentView:
    """A frozen basket with what became of it. `total` is what recipients get, `total_with_fee` what the card pays."""

    id: uuid.UUID
    user_id: int | None
    premises_id: int
    town_id: int
    state: State
    method: str
    gateway: str
    gateway_reference: str
    period: Period
    lines: tuple[RecipientLine, ...]
    allocations: tuple[AllocationView, ...]
    total: Money
    fee: Money
    total_with_fee: Money
    created_at: dt.datetime
    expires_at: dt.datetime
    confirmed_at: dt.datetime | None
    failure: str
    receipt_number: str
    receipt_sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """Where the payer's browser goes next: a plain address, or a form that it posts there."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_form(self) -> bool:
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class Received:
    """What was done with a message of a gateway."""

    event_id: int
    outcome: str  # applied, repeated, refused:…, unknown_intent, amount_differs, bad_signature, bad_message
    accepted: bool  # False: the sender is told so


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One service's payment as the account state and the certificate show it, whoever took it.

    `paid_on` is None where the provider's own file gave only the month; `first_period`/`last_period` are the months
    the money settled.
    """

    ledger_transaction_id: int
    account_service_id: int
    service: str
    provider_id: int
    provider: str
    account_number: str
    period: Period
    paid_on: dt.date | None
    amount: Money
    method: str  # city_card, card, liqpay, bank, provider
    purpose: str
    first_period: Period
    last_period: Period
    intent_id: uuid.UUID | None
    receipt_number: str
    payer_id: int | None = None  # who paid in the cabinet: the receipt is theirs


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One payment of a bank's or post office's register. `digest` names the row for ever."""

    row_id: int  # the exchange's staged row
    digest: str
    account_number: str
    amount_kop: int
    paid_on: dt.date
    service_code: str = ""  # when the register names the service
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """What became of a register: rows and kopiykas."""

    ledger_transaction_id: int | None
    credited: int
    suspended: int
    repeated: int
    credited_kop: int
    suspended_kop: int
    suspense_reasons: Mapping[int, str]  # row_id → unknown_account, ambiguous_account, closed_account
    fresh_rows: frozenset[int] = frozenset()  # row_ids that were recorded; the others were there before
