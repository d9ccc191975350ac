"""Payments: what is to be paid, what came back, how it was split."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from domivka.kernel.fields import PeriodField
from domivka.registry.models import AccountService, Premises


class Intent(models.Model):
    """A frozen basket. `domivka.payments.rules.states` is the table of its transitions."""

    class State(models.TextChoices):
        CREATED = "created"
        PENDING = "pending"  # handed to the gateway
        UNKNOWN = "unknown"  # the gateway did not answer in time; polled until it does
        PAID = "paid"
        FAILED = "failed"
        EXPIRED = "expired"
        REVERSED = "reversed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    premises = models.ForeignKey(Premises, on_delete=models.PROTECT)
    idempotency_key = models.CharField(max_length=80, unique=True)
    period = PeriodField()
    method = models.CharField(max_length=20)  # city_card, card
    gateway = models.CharField(max_length=20, blank=True)
    amount_kop = models.BigIntegerField()
    fee_kop = models.BigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CREATED)
    gateway_reference = models.CharField(max_length=80, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(null=True)  # when the gateway is asked next; null: it need not be
    polls = models.PositiveSmallIntegerField(default=0)
    ledger_transaction_id = models.BigIntegerField(null=True, unique=True)
    receipt_number = models.CharField(max_length=20, blank=True)
    receipt_sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_kop__gt=0) & Q(fee_kop__gte=0), name="intent_amounts"),
            models.UniqueConstraint(
                fields=["gateway", "gateway_reference"],
                condition=~Q(gateway_reference=""),
                name="intent_reference_once",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=False, ledger_transaction_id__isnull=False) | ~Q(state="paid"),
                name="intent_paid_is_posted",
            ),
        ]
        indexes = [
            models.Index(fields=["next_poll_at"], condition=Q(next_poll_at__isnull=False), name="intent_to_poll"),
            models.Index(fields=["expires_at"], condition=Q(state="created"), name="intent_to_expire"),
            models.Index(fields=["user", "premises", "-created_at"], name="intent_of_person"),
        ]


class IntentLine(models.Model):
    """One recipient's part of an intent, with what was printed on the payment screen."""

    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="lines")
    account_service = models.ForeignKey(AccountService, on_delete=models.PROTECT)
    amount_kop = models.BigIntegerField()
    fee_kop = models.BigIntegerField(default=0)
    recipient = models.CharField(max_length=160)
    recipient_code = models.CharField(max_length=10)
    iban = models.CharField(max_length=29)
    bank_name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=420)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intent", "account_service"], name="intent_line_once"),
            models.CheckConstraint(condition=Q(amount_kop__gt=0) & Q(fee_kop__gte=0), name="intent_line_amounts"),
        ]


class GatewayEvent(models.Model):
    """A callback or a poll's answer as it came. Stored first, then applied once; append-only but for its outcome."""

    gateway = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=8)  # callback, poll
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    signature_ok = models.BooleanField()
    event_key = models.CharField(max_length=120, blank=True)  # the gateway's own id of this event
    intent_id = models.UUIDField(null=True, db_index=True)
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(applied_at__isnull=True), name="event_to_apply"),
        ]


class RegisterPayment(models.Model):
    """A row of a bank's register that was taken into the ledger, or kept in suspense with the reason."""

    town_id = models.BigIntegerField()
    bank = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    batch = models.CharField(max_length=60, db_index=True)
    row_id = models.BigIntegerField()  # the exchange's staged row
    account_number = models.CharField(max_length=32)
    amount_kop = models.BigIntegerField()
    paid_on = models.DateField()
    purpose = models.CharField(max_length=420, blank=True)
    suspense_reason = models.CharField(max_length=40, blank=True)
    ledger_transaction_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "digest"], condition=Q(reversed_at__isnull=True), name="register_row_once"
            ),
            models.CheckConstraint(condition=Q(amount_kop__gt=0), name="register_payment_positive"),
        ]
        indexes = [models.Index(fields=["ledger_transaction_id", "row_id"], name="register_of_posting")]


class Allocation(models.Model):
    """A part of a payment that settled one month's debt of one account service, or went in advance."""

    # References of lines and services are checked once a statement, by a trigger: docs/adr/0013.
    intent_line = models.ForeignKey(
        IntentLine, on_delete=models.PROTECT, null=True, related_name="allocations", db_constraint=False
    )
    register_payment = models.ForeignKey(
        RegisterPayment, on_delete=models.PROTECT, null=True, related_name="allocations", db_index=False
    )
    account_service = models.ForeignKey(AccountService, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    for_period = PeriodField()
    is_advance = models.BooleanField(default=False)
    amount_kop = models.BigIntegerField()
    ledger_transaction_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_kop__gt=0), name="allocation_positive"),
            models.CheckConstraint(
                condition=Q(intent_line__isnull=False) ^ Q(register_payment__isnull=False),
                name="allocation_one_source",
            ),
        ]
        indexes = [models.Index(fields=["ledger_transaction_id", "account_service"], name="allocation_of_posting")]
