"""The journal, its balances and its seals. Rules that must hold live in the database (migration 0002)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from domivka.kernel.fields import PeriodField


class Account(models.Model):
    """A ledger account. `owner_id` is the account service of a personal account, the provider service of a
    control or clearing account, and null for the town-wide ones, which `code` tells apart."""

    class Kind(models.TextChoices):
        PERSONAL = "personal"  # what a household owes (+) or has overpaid (−) for one service
        CONTROL = "control"  # the other side of personal accounts, per provider service
        CLEARING = "clearing"  # collected for a provider and not paid out yet (−)
        GATEWAY = "gateway"  # confirmed by a gateway or a bank, on its way to us (+)
        FEE = "fee"  # commission taken from payers (−)
        SUSPENSE = "suspense"  # received, owner unknown (−)

    town_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    owner_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=40, blank=True)  # gateway or bank

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner_id", "town_id", "code"],
                nulls_distinct=False,
                name="ledger_account_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["personal", "control", "clearing"], owner_id__isnull=False)
                | Q(kind__in=["gateway", "fee", "suspense"], owner_id__isnull=True),
                name="ledger_account_owner_fits_kind",
            ),
        ]


class Transaction(models.Model):
    """A set of postings that sums to zero, caused by one event."""

    town_id = models.BigIntegerField()
    idempotency_key = models.CharField(max_length=120, unique=True)
    cause = models.CharField(max_length=20)  # run, import, payment, register, reversal…
    cause_id = models.CharField(max_length=60)
    period = PeriodField()
    recorded_at = models.DateTimeField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")


class EntryKind(models.TextChoices):
    """What a posting is, as the account state shows it."""

    OPENING = "opening"
    CHARGE = "charge"
    SUBSCRIPTION = "subscription"
    PENALTY = "penalty"
    CORRECTION = "correction"
    SUBSIDY = "subsidy"
    BENEFIT = "benefit"
    PAYMENT = "payment"
    FEE = "fee"
    PAYOUT = "payout"


class Posting(models.Model):
    """One line of a transaction: debit positive, credit negative, kopiykas. Partitioned by period, append-only."""

    pk = models.CompositePrimaryKey("period", "id")
    id = models.BigIntegerField()
    period = PeriodField()
    # References are checked once a statement, by the trigger that writes the balances: docs/adr/0013.
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="postings", db_constraint=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_constraint=False)
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    amount_kop = models.BigIntegerField()
    ref_id = models.BigIntegerField(null=True)  # charge line, allocation, import row: what the cause says

    class Meta:
        db_table = "ledger_posting"


class Balance(models.Model):
    """Turnovers of an account in a period, written only by the trigger on postings. The balance at the end of a
    period is the sum of `net_kop` up to it. Of shared accounts (all but personal ones) this is only what is folded:
    read them from the view `ledger_turnover`, which adds the `Addition`s. `shard` is 0 since migration 0008."""

    pk = models.CompositePrimaryKey("account_id", "period", "shard")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="balances", db_constraint=False, db_index=False
    )
    period = PeriodField()
    shard = models.SmallIntegerField(default=0)
    opening_kop = models.BigIntegerField(default=0)
    charged_kop = models.BigIntegerField(default=0)
    subscription_kop = models.BigIntegerField(default=0)
    penalty_kop = models.BigIntegerField(default=0)
    correction_kop = models.BigIntegerField(default=0)
    subsidy_kop = models.BigIntegerField(default=0)
    benefit_kop = models.BigIntegerField(default=0)
    paid_kop = models.BigIntegerField(default=0)
    other_kop = models.BigIntegerField(default=0)
    net_kop = models.GeneratedField(
        expression=models.F("opening_kop")
        + models.F("charged_kop")
        + models.F("subscription_kop")
        + models.F("penalty_kop")
        + models.F("correction_kop")
        + models.F("subsidy_kop")
        + models.F("benefit_kop")
        + models.F("paid_kop")
        + models.F("other_kop"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        db_table = "ledger_balance"


class Addition(models.Model):
    """What one transaction adds to the balances of shared accounts, appended by the trigger on postings: four arrays of
    equal length. Deleting the row adds it to `Balance`, in the database; nothing else removes it."""

    town_id = models.BigIntegerField()
    account_ids = ArrayField(models.BigIntegerField())
    periods = ArrayField(models.IntegerField())
    kinds = ArrayField(models.TextField())
    amounts_kop = ArrayField(models.BigIntegerField())


class Seal(models.Model):
    """A batch of the journal under a hash that includes the hash before it."""

    first_transaction_id = models.BigIntegerField()
    last_transaction_id = models.BigIntegerField(unique=True)
    postings = models.BigIntegerField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_transaction_id__lte=models.F("last_transaction_id")), name="seal_range"
            ),
        ]


class MonthSummary(models.Model):
    """A month of a town that was added up: when, and after which transaction."""

    town_id = models.BigIntegerField()
    period = PeriodField()
    made_at = models.DateTimeField()
    last_transaction_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town_id", "period"], name="ledger_summary_once")]


class BuildingSummary(models.Model):
    """Sums over the personal accounts of one provider in one building: turnovers of the month and balances at its end."""

    pk = models.CompositePrimaryKey("summary_id", "building_id", "provider_id")
    summary = models.ForeignKey(MonthSummary, on_delete=models.CASCADE, related_name="buildings")
    building_id = models.BigIntegerField()
    provider_id = models.BigIntegerField()
    accounts = models.IntegerField()
    debtors = models.IntegerField()
    charged_kop = models.BigIntegerField()  # with corrections and fees
    paid_kop = models.BigIntegerField()
    debt_kop = models.BigIntegerField()
    overpaid_kop = models.BigIntegerField()
