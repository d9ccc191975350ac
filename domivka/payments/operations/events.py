"""What gateways say: stored as it came and applied once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from domivka.ledger import api as ledger
from domivka.payments.errors import BadMessage, BadSignature, GatewayUnavailable
from domivka.payments.gateways import registry
from domivka.payments.gateways.base import Notice, Source
from domivka.payments.models import GatewayEvent, Intent
from domivka.payments.operations.confirm import APPLIED, RECEIPT_TASK, credit, lock_due
from domivka.payments.rules.states import TRANSITIONS, WAITING, Event, State, next_state
from domivka.payments.types import Received

REPEATED: Final = "repeated"
NO_NEWS: Final = "no_news"
UNKNOWN_INTENT: Final = "unknown_intent"
AMOUNT_DIFFERS: Final = "amount_differs"
BAD_SIGNATURE: Final = "bad_signature"
BAD_MESSAGE: Final = "bad_message"

_KEPT_HEADERS: Final = ("Content-Type", "User-Agent", "X-Sandbox-Timestamp", "X-Sandbox-Nonce", "X-Sandbox-Signature")
_FORGED_KEPT: Final = 4096  # bytes of a message that anybody could have sent
_FORGED_LIFE: Final = dt.timedelta(days=30)
_LAST_POLL: Final = dt.timedelta(days=3)
"""How long a payment that ran out of time is still asked for: banks settle late."""


def receive_callback(*, gateway: str, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> Received:
    """Store a callback as it came and apply it once. Safe to repeat, in any order, from many threads.

    The signature is checked before the database is asked for anything; `accepted` is False for a message that the
    gateway did not sign. Raises `UnknownGateway`.
    """
    port = registry.gateway(gateway)
    try:
        port.verify(body=body, headers=headers, at=at)
    except BadSignature:
        forged = _event(gateway, "callback", body[:_FORGED_KEPT], headers, at)
        forged.signature_ok, forged.applied_at, forged.outcome = False, at, BAD_SIGNATURE
        forged.save()
        return Received(forged.pk, BAD_SIGNATURE, accepted=False)
    event = _event(gateway, "callback", body, headers, at)
    _store_and_apply(event, at)
    return Received(event.pk, event.outcome, accepted=True)


def _event(gateway: str, source: Source, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> GatewayEvent:
    return GatewayEvent(
        gateway=gateway,
        received_at=at,
        source=source,
        body=body,
        headers={name: headers[name][:200] for name in _KEPT_HEADERS if name in headers},
        signature_ok=True,
    )


def _store_and_apply(event: GatewayEvent, at: dt.datetime) -> None:
    """One transaction and so one wait for the disk: a message is answered only after it, and one that was not
    answered comes again. A message that we fail to apply is stored all the same, for `watch`."""
    try:
        with transaction.atomic():
            _apply(event, at)
            if event.pk is None:
                event.save(force_insert=True)
    except Exception:
        event.pk, event.applied_at, event.intent_id, event.event_key, event.outcome = None, None, None, "", ""
        event.save(force_insert=True)
        raise


def apply_event(*, event_id: int, at: dt.datetime) -> str:
    """Apply a stored, signed event in one transaction; what came of it. Once applied it is never applied again."""
    with transaction.atomic():
        # First of all the event, so that two threads do not apply it both.
        event = GatewayEvent.objects.select_for_update().get(pk=event_id)
        if event.applied_at is None:
            _apply(event, at)
            event.save(update_fields=["outcome", "event_key", "intent_id", "applied_at"])
    return event.outcome


def _apply(event: GatewayEvent, at: dt.datetime) -> None:
    """Do what the message says, and note in `event` what came of it."""
    event.applied_at = at
    source: Source = "poll" if event.source == "poll" else "callback"
    try:
        notice = registry.gateway(event.gateway).parse(body=bytes(event.body), source=source)
    except BadMessage:
        event.outcome = BAD_MESSAGE
        return
    event.event_key = notice.event_key
    handle = _succeed if notice.event == Event.SUCCEEDED else _follow
    event.intent_id, event.outcome = handle(event, notice, at)


def _succeed(event: GatewayEvent, notice: Notice, at: dt.datetime) -> tuple[uuid.UUID | None, str]:
    due = lock_due(gateway=event.gateway, reference=notice.reference)
    if due is None:
        return None, UNKNOWN_INTENT
    if next_state(due.state, Event.SUCCEEDED) is None:
        return due.intent_id, _refusal(due.state, Event.SUCCEEDED)
    if (notice.amount_kop, notice.currency) != (due.amount_kop + due.fee_kop, "UAH"):
        return due.intent_id, AMOUNT_DIFFERS
    credit(due, event, at=at)
    return due.intent_id, APPLIED


def _follow(event: GatewayEvent, notice: Notice, at: dt.datetime) -> tuple[uuid.UUID | None, str]:
    """Every other word than that the money came."""
    known = Intent.objects.select_for_update().filter(gateway=event.gateway, gateway_reference=notice.reference)
    intent = known.exclude(gateway_reference="").first()
    if intent is None:
        return None, UNKNOWN_INTENT
    if notice.event is None:
        return intent.pk, NO_NEWS
    after = next_state(intent.state, notice.event)
    if after is None:
        return intent.pk, _refusal(intent.state, notice.event)
    if notice.event == Event.REVERSED and intent.state == State.PAID:
        assert intent.ledger_transaction_id is not None  # noqa: S101 - a CHECK says so of paid intents
        ledger.reverse(transaction_id=intent.ledger_transaction_id, key=f"payment-reversal:{intent.pk}", at=at)
    _move(intent, after, notice.reason)
    return intent.pk, APPLIED


def _refusal(state: str, event: Event) -> str:
    repeated = any(to == state for (_, through), to in TRANSITIONS.items() if through == event)
    return REPEATED if repeated else f"refused:{state}:{event}"


def _move(intent: Intent, after: State, failure: str) -> None:
    intent.state, intent.failure = after, failure
    if after not in WAITING:
        intent.next_poll_at = None
    intent.save(update_fields=["state", "failure", "next_poll_at"])


def poll(*, intent_id: uuid.UUID, at: dt.datetime) -> State:
    """Ask the gateway about a payment that waits, apply the answer, expire it when its time ran out, and plan the
    next question with a growing pause. Anything else than a waiting payment is left alone."""
    intent = Intent.objects.get(pk=intent_id)
    if intent.next_poll_at is None:
        return State(intent.state)
    try:
        body = registry.gateway(intent.gateway).status(intent.gateway_reference, at=at)
    except GatewayUnavailable:
        body = None
    if body is not None:
        # A poll's answer comes over a connection that we opened: it needs no signature.
        _store_and_apply(_event(intent.gateway, "poll", body, {}, at), at)
    return _plan_next_poll(intent_id, at)


@transaction.atomic
def _plan_next_poll(intent_id: uuid.UUID, at: dt.datetime) -> State:
    intent = Intent.objects.select_for_update().get(pk=intent_id)
    if intent.next_poll_at is None:
        return State(intent.state)
    if intent.state in WAITING and intent.expires_at <= at:
        intent.state = next_state(intent.state, Event.EXPIRE) or intent.state
    if intent.expires_at + _LAST_POLL <= at:
        intent.next_poll_at = None
    else:
        intent.polls += 1
        intent.next_poll_at = at + poll_pause(intent.polls)
        app.configure_task("payments.poll", schedule_at=intent.next_poll_at).defer(intent_id=str(intent.pk))
    intent.save(update_fields=["state", "polls", "next_poll_at"])
    return State(intent.state)


def poll_pause(polls: int) -> dt.timedelta:
    """20 s, 40 s, 80 s … up to an hour."""
    return dt.timedelta(seconds=min(20 * 2 ** min(polls, 10), 3600))


def watch(*, at: dt.datetime, limit: int = 200) -> dict[str, int]:
    """Pick up what a crash left behind: stored events not applied, payments not asked for in time, baskets that ran
    out, receipts not sent. Run every minute; how many of each."""
    late = at - dt.timedelta(minutes=1)
    events = GatewayEvent.objects.filter(applied_at__isnull=True, received_at__lt=late).order_by("received_at")
    event_ids = list(events.values_list("pk", flat=True)[:limit])
    for event_id in event_ids:
        apply_event(event_id=event_id, at=at)
    due = list(Intent.objects.filter(next_poll_at__lt=late).values_list("pk", flat=True)[:limit])
    for intent_id in due:
        poll(intent_id=intent_id, at=at)
    expired = Intent.objects.filter(state=State.CREATED, expires_at__lt=at).update(state=State.EXPIRED)
    GatewayEvent.objects.filter(signature_ok=False, received_at__lt=at - _FORGED_LIFE).delete()
    return {"events": len(event_ids), "polls": len(due), "expired": expired, "receipts": _resend_receipts(at, limit)}


def _resend_receipts(at: dt.datetime, limit: int) -> int:
    """Queue again the receipts whose job died: at most one in a quarter of an hour each, for a day."""
    if at.minute % 15:
        return 0
    unsent = Intent.objects.filter(
        state=State.PAID,
        receipt_sent_at__isnull=True,
        confirmed_at__range=(at - dt.timedelta(days=1), at - dt.timedelta(minutes=15)),
    ).values_list("pk", flat=True)[:limit]
    for intent_id in unsent:
        app.configure_task(RECEIPT_TASK).defer(intent_id=str(intent_id))
    return len(unsent)


def receipt_sent(*, intent_id: uuid.UUID, at: dt.datetime) -> bool:
    """Note that the receipt left; the first time counts, and only then it is True."""
    return Intent.objects.filter(pk=intent_id, receipt_sent_at__isnull=True).update(receipt_sent_at=at) == 1
