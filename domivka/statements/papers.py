"""Receipts, certificates and tickets: made whenever asked for."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from domivka.homes.api import HomeView
from domivka.kernel.clock import KYIV
from domivka.kernel.money import ZERO
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.payments import api as payments
from domivka.payments.api import IntentView, PaymentView
from domivka.registry import api as registry
from domivka.statements import pdf
from domivka.statements.rules.qr_matrix import Bits, matrix
from domivka.statements.rules.words import hryvnias_in_words


@dataclass(frozen=True, slots=True)
class VisitPaper:
    """What a ticket of a visit says, in words; `url` is what its code carries."""

    number: int
    day: str
    time: str
    question: str
    office: str
    address: str
    window: str
    person: str
    url: str


@dataclass(frozen=True, slots=True)
class SlipPaper:
    """What the slip of somebody who waits in the hall says; `url` is the screen of the hall, which its code carries."""

    number: int
    office: str
    question: str
    came: str
    wait: str
    url: str


METHODS: Final = {
    "city_card": "картка містянина",
    "card": "банківська картка",
    "liqpay": "LiqPay",
    "bank": "банк",
    "provider": "каса надавача",
}
"""Ways of paying in the words of the paper, which is Ukrainian for everyone."""


def receipt(*, intent: IntentView) -> bytes:
    """The receipt of a confirmed payment as PDF. `ValueError` for one that was not confirmed."""
    if intent.confirmed_at is None:
        raise ValueError("only a confirmed payment has a receipt")
    home = registry.premises_view(premises_id=intent.premises_id)
    return pdf.render(
        "receipt.typ",
        {
            "number": intent.receipt_number or str(intent.id)[:8],
            "paid_at": intent.confirmed_at.astimezone(KYIV).strftime("%d.%m.%Y о %H:%M"),
            "payer": home.holder or "—",
            "address": home.address,
            "method": METHODS.get(intent.method, intent.method),
            "reference": intent.gateway_reference,
            "lines": [
                {
                    "service": line.service, "recipient": line.recipient, "account": line.account_number,
                    "code": line.recipient_code, "iban": line.iban, "bank": line.bank_name, "purpose": line.purpose,
                    "amount": str(line.amount), "fee": str(line.fee),
                }
                for line in intent.lines
            ],
            "total": str(intent.total),
            "fee": str(intent.fee),
            "total_with_fee": str(intent.total_with_fee),
            "words": hryvnias_in_words(intent.total_with_fee),
        },
    )  # fmt: skip


def receipt_pdf(*, intent_id: uuid.UUID) -> bytes:
    """As `receipt`, by id."""
    return receipt(intent=payments.intent(intent_id=intent_id))


def visit_ticket_pdf(paper: VisitPaper) -> bytes:
    """«Талон візиту» of A6, with the address of the visit as a QR code."""
    modules = matrix(paper.url)
    return pdf.render("ticket.typ", {**asdict(paper), "side": len(modules), "runs": _runs(modules)})


def queue_slip_pdf(paper: SlipPaper) -> bytes:
    """«Талон черги» for a roll of 80 mm, as long as its words need; a number and no name."""
    modules = matrix(paper.url)
    return pdf.render("slip.typ", {**asdict(paper), "side": len(modules), "runs": _runs(modules)})


def _runs(modules: Bits) -> list[tuple[int, int, int]]:
    """Dark modules as stretches of a row: column, row, length."""
    found = []
    for y, row in enumerate(modules):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
        found += [(int(start), y, int(end - start)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return found


def payment_certificate_pdf(
    *, home: HomeView, first: Period, last: Period, provider_id: int | None, at: dt.datetime
) -> bytes:
    """«Довідка про платежі»: every payment of a home in the months `first..last`, of one provider or of all."""
    found = payments.payments_of(premises_ids=[home.premises_id], first=first, last=last, provider_id=provider_id)
    premises = registry.premises_view(premises_id=home.premises_id)
    total = sum((payment.amount for payment in found), ZERO)
    return pdf.render(
        "certificate.typ",
        {
            "first": first.first_day.strftime("%d.%m.%Y"),
            "last": last.last_day.strftime("%d.%m.%Y"),
            "payer": premises.holder or "—",
            "address": premises.address,
            "provider": _provider(found, provider_id),
            "lines": [_line(payment) for payment in reversed(found)],
            "total": str(total),
            "words": hryvnias_in_words(total),
            "made_at": at.astimezone(KYIV).strftime("%d.%m.%Y о %H:%M"),
        },
    )


def _provider(found: list[PaymentView], provider_id: int | None) -> str:
    if provider_id is None:
        return "усі"
    return found[0].provider if found else "—"


def _line(payment: PaymentView) -> dict[str, str]:
    settled = [month(payment.first_period)]
    if payment.last_period != payment.first_period:
        settled.append(month(payment.last_period))
    return {
        "paid_on": payment.paid_on.strftime("%d.%m.%Y") if payment.paid_on else month(payment.period),
        "service": payment.service,
        "provider": payment.provider,
        "account": payment.account_number,
        "period": " – ".join(settled),
        "method": METHODS.get(payment.method, payment.method),
        "amount": str(payment.amount),
    }
