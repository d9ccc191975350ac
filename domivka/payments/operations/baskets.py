"""From a basket to a frozen intent, and from it to a gateway."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money
from domivka.ledger import api as ledger
from domivka.payments.errors import (
    AmountRefused,
    BadMessage,
    EmptyBasket,
    GatewayRefused,
    GatewayUnavailable,
    NotStartable,
    TooManyPayments,
)
from domivka.payments.gateways import registry
from domivka.payments.gateways.base import Order
from domivka.payments.models import Intent, IntentLine
from domivka.payments.queries.quotes import quote
from domivka.payments.rules.states import WAITING, Event, State, next_state
from domivka.payments.types import Quote, Step
from domivka.registry.models import Premises

REVIEW_LIFE: Final = dt.timedelta(hours=24)
"""How long a basket waits for its payer."""

GATEWAY_LIFE: Final = dt.timedelta(hours=1)
"""How long the payer has on the bank's page."""

FIRST_POLL: Final = dt.timedelta(seconds=20)


def create_intent(
    *,
    user_id: int,
    premises_id: int,
    amounts: Mapping[int, int],
    token: str,
    at: dt.datetime,
    method: str | None = None,
) -> uuid.UUID:
    """Freeze a basket (account service → kopiykas; zeros are left out) and return the intent's id.

    `token` is the hidden field of the form: the same token with the same basket gives the same intent, so a double
    click, a reload or two tabs never make two. A line may exceed its debt by `PAYMENT_ADVANCE_LIMIT_KOP` at most.
    Who may pay for the premises is the caller's question (`homes.api.home_for`). Raises `EmptyBasket`,
    `AmountRefused`, `NotFoundError`, `NoBankDetails`, `TooManyPayments`, `UnknownMethod`.
    """
    basket = {service: kop for service, kop in sorted(amounts.items()) if kop}
    if not basket:
        raise EmptyBasket(_("Нічого не обрано. Позначте послуги, які хочете сплатити."))
    digest = hashlib.sha256(f"{premises_id}:{basket}".encode()).hexdigest()[:16]
    key = f"{user_id}:{token[:40]}:{digest}"
    known = Intent.objects.filter(idempotency_key=key).values_list("pk", flat=True).first()
    if known is not None:
        return known
    offered = quote(premises_id=premises_id, amounts=basket, method=method or registry.default_method(), at=at)
    _refuse_excess(offered)
    _refuse_flood(user_id, at)
    with transaction.atomic():
        intent, created = Intent.objects.get_or_create(
            idempotency_key=key,
            defaults={
                "user_id": user_id,
                "premises_id": premises_id,
                "period": offered.period,
                "method": offered.method,
                "amount_kop": offered.total.kop,
                "fee_kop": offered.fee.kop,
                "created_at": at,
                "expires_at": at + REVIEW_LIFE,
            },
        )
        if created:
            _freeze_lines(intent, offered)
            audit.record(
                at=at,
                actor_id=user_id,
                action="payment.create",
                object_kind="intent",
                object_id=str(intent.pk),
                town_id=Premises.objects.values_list("town_id", flat=True).get(pk=premises_id),
                detail={"amount_kop": intent.amount_kop, "lines": len(offered.lines)},
                person_ids=[user_id],
            )
    return intent.pk


def _freeze_lines(intent: Intent, offered: Quote) -> None:
    IntentLine.objects.bulk_create(
        IntentLine(
            intent=intent,
            account_service_id=line.account_service_id,
            amount_kop=line.amount.kop,
            fee_kop=line.fee.kop,
            recipient=line.recipient,
            recipient_code=line.recipient_code,
            iban=line.iban,
            bank_name=line.bank_name,
            purpose=line.purpose,
        )
        for line in offered.lines
    )


def _refuse_excess(offered: Quote) -> None:
    owed = ledger.balances(account_service_ids=[line.account_service_id for line in offered.lines])
    for line in offered.lines:
        most = max(owed[line.account_service_id].kop, 0) + settings.PAYMENT_ADVANCE_LIMIT_KOP
        if line.amount.kop > most:
            raise AmountRefused(
                _("«%(service)s»: разом з авансом можна сплатити не більше %(most)s грн.")
                % {"service": line.service, "most": Money(most)}
            )


def _refuse_flood(user_id: int, at: dt.datetime) -> None:
    recent = Intent.objects.filter(user_id=user_id, created_at__gt=at - dt.timedelta(hours=1)).count()
    if recent >= settings.PAYMENTS_PER_HOUR:
        raise TooManyPayments(_("Забагато спроб оплати за годину. Зачекайте трохи і спробуйте ще раз."))


def _locked(intent_id: uuid.UUID, user_id: int) -> Intent:
    try:
        return Intent.objects.select_for_update().get(pk=intent_id, user_id=user_id)
    except Intent.DoesNotExist:
        raise NotFoundError(_("Такого платежу немає.")) from None


@transaction.atomic
def choose_method(*, user_id: int, intent_id: uuid.UUID, method: str, at: dt.datetime) -> None:
    """Change the way of paying of an intent that was not started, with its commissions.

    Raises `NotFoundError`, `NotStartable`, `UnknownMethod`.
    """
    intent = _locked(intent_id, user_id)
    if intent.state != State.CREATED:
        raise NotStartable(_("Платіж уже розпочато, спосіб оплати змінити не можна."))
    lines = list(intent.lines.all())
    offered = quote(
        premises_id=intent.premises_id,
        amounts={line.account_service_id: line.amount_kop for line in lines},
        method=method,
        at=intent.created_at,
    )
    fees = {line.account_service_id: line.fee.kop for line in offered.lines}
    for line in lines:
        line.fee_kop = fees[line.account_service_id]
    IntentLine.objects.bulk_update(lines, ["fee_kop"])
    intent.method, intent.fee_kop = method, offered.fee.kop
    intent.save(update_fields=["method", "fee_kop"])


def start(*, user_id: int, intent_id: uuid.UUID, at: dt.datetime) -> Step:
    """Hand the payer to the gateway: where the browser goes next. Again for a waiting payment: the same place.

    The intent is marked before the gateway is called, so a crash in between leaves a payment that is polled, never a
    payment nobody knows. When the gateway does not answer, the step leads to our own status page. Raises
    `NotFoundError`, `NotStartable`, `UnknownMethod`.
    """
    with transaction.atomic():
        intent = _locked(intent_id, user_id)
        if intent.state == State.CREATED and intent.expires_at > at:
            mark_started(intent, at)
        elif intent.state == State.CREATED:
            intent.state = State.EXPIRED
            intent.save(update_fields=["state"])
    if intent.state not in WAITING:
        raise NotStartable(_("Цей платіж уже завершено. Щоб сплатити ще, поверніться до рахунку."))
    try:
        return registry.gateway(intent.gateway).begin(_order(intent), at=at)
    except (GatewayUnavailable, BadMessage):
        _after_call(intent_id, Event.NO_ANSWER, "")
    except GatewayRefused as refusal:
        _after_call(intent_id, Event.DECLINED, str(refusal))
    return Step(_status_url(intent))


def mark_started(intent: Intent, at: dt.datetime) -> None:
    intent.state = State.PENDING
    intent.gateway = registry.method(intent.method).gateway
    intent.gateway_reference = intent.pk.hex
    intent.expires_at = at + GATEWAY_LIFE
    intent.next_poll_at = at + FIRST_POLL
    intent.save(update_fields=["state", "gateway", "gateway_reference", "expires_at", "next_poll_at"])
    app.configure_task("payments.poll", schedule_at=intent.next_poll_at).defer(intent_id=str(intent.pk))


@transaction.atomic
def _after_call(intent_id: uuid.UUID, event: Event, failure: str) -> None:
    intent = Intent.objects.select_for_update().get(pk=intent_id)
    after = next_state(intent.state, event)
    if after is not None:
        intent.state, intent.failure = after, failure
        intent.save(update_fields=["state", "failure"])


def _status_url(intent: Intent) -> str:
    return f"{settings.BASE_URL}{reverse('payments:status', args=[intent.pk])}"


def _order(intent: Intent) -> Order:
    return Order(
        reference=intent.gateway_reference,
        amount_kop=intent.amount_kop + intent.fee_kop,
        description=_("Комунальні послуги за %(month)s") % {"month": f"{intent.period.month:02d}.{intent.period.year}"},
        city_card=intent.method == registry.CITY_CARD,
        language=get_language() or "uk",
        result_url=_status_url(intent),
        callback_url=f"{settings.BASE_URL}{reverse('payments:callback', args=[intent.gateway])}",
    )
