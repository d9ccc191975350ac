"""Imported files and their rows, kept for ever: what was applied, what was rejected and why."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from domivka.kernel.fields import PeriodField
from domivka.registry.models import Provider, Town


class ImportBatch(models.Model):
    """One uploaded file on its way: uploaded → checked → applied → undone; or failed."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        CHECKED = "checked"
        APPLIED = "applied"
        UNDONE = "undone"
        FAILED = "failed"

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True)
    preset = models.CharField(max_length=40)
    period = PeriodField()
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.UPLOADED)
    problem = models.TextField(blank=True)  # why the file as a whole was refused
    encoding = models.CharField(max_length=20, blank=True)
    totals = models.JSONField(default=dict)  # the summary that the command line prints
    opened = models.JSONField(default=list)  # account services that applying opened: ranges of ids, [[first, last]]
    provider_batches = models.JSONField(default=list)  # of a register: keys given to payments
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    applied_by_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "preset", "period", "sha256"],
                condition=~Q(state__in=["undone", "failed"]),
                name="import_same_file_once",
            ),
        ]


class ImportRow(models.Model):
    """A staged row: what the file said, what we read, and what became of it."""

    class State(models.TextChoices):
        READY = "ready"
        REJECTED = "rejected"
        UNKNOWN_ACCOUNT = "unknown"  # well formed, but whose it is, nobody knows; never applied, kept

    # Checked once a statement by a trigger (migration 0004); the key in the database is (batch_id, id).
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.CASCADE, related_name="rows", db_constraint=False, db_index=False
    )
    number = models.IntegerField()  # row of the file, as the operator sees it there
    sheet = models.CharField(max_length=60, blank=True)
    # The cells as a JSON object of text, in the order of the file: of rows not taken, and of payments, whose digest it
    # makes. Of others empty: the file is kept, and `number` is the row of it.
    raw = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.CharField(max_length=200, blank=True)
    account_number = models.CharField(max_length=32, blank=True)
    service_code = models.CharField(max_length=30, blank=True)
    account_service_id = models.BigIntegerField(null=True)
    premises_id = models.BigIntegerField(null=True)
    opening_kop = models.BigIntegerField(null=True)
    charged_kop = models.BigIntegerField(null=True)
    correction_kop = models.BigIntegerField(null=True)
    penalty_kop = models.BigIntegerField(null=True)
    subsidy_kop = models.BigIntegerField(null=True)  # of files that have it; a credit, above zero
    benefit_kop = models.BigIntegerField(null=True)  # as above
    paid_kop = models.BigIntegerField(null=True)
    closing_kop = models.BigIntegerField(null=True)
    volume = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    price = models.DecimalField(max_digits=14, decimal_places=7, null=True)
    opening_difference_kop = models.BigIntegerField(null=True)  # file's opening − our balance before the month
    difference_kop = models.BigIntegerField(null=True)  # file's closing − the ledger's, when they disagree
    holder = models.CharField(max_length=160, blank=True)
    street = models.CharField(max_length=160, blank=True)
    building = models.CharField(max_length=20, blank=True)
    flat = models.CharField(max_length=20, blank=True)
    meter_number = models.CharField(max_length=32, blank=True)
    meter_model = models.CharField(max_length=60, blank=True)
    previous_values = ArrayField(
        models.DecimalField(max_digits=14, decimal_places=3, null=True), null=True
    )  # a zone each
    current_values = ArrayField(models.DecimalField(max_digits=14, decimal_places=3, null=True), null=True)
    volume_values = ArrayField(models.DecimalField(max_digits=14, decimal_places=6, null=True), null=True)
    paid_on = models.DateField(null=True)
    purpose = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["batch", "state"],
                name="import_row_problem",
                condition=Q(state__in=["rejected", "unknown"]) | Q(difference_kop__isnull=False),
            ),
        ]


class ImportReading(models.Model):
    """A meter's reading in a row of a bank's register: what the file said, and what became of it. Its payment is taken
    whatever the reading is."""

    class State(models.TextChoices):
        READY = "ready"
        TAKEN = "taken"
        SAME = "same"  # nothing new: these digits or this payment were there before
        REFUSED = "refused"
        UNDONE = "undone"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="readings")
    number = models.IntegerField()  # row of the file, as of `ImportRow`
    sheet = models.CharField(max_length=60, blank=True)
    place = models.PositiveSmallIntegerField()  # which of the row's meters
    state = models.CharField(max_length=7, choices=State.choices)
    reason = models.CharField(max_length=200, blank=True)
    account_number = models.CharField(max_length=32)
    provider_id = models.BigIntegerField(null=True)  # whose the account is, where the register says it
    meter_number = models.CharField(max_length=32, blank=True)
    zone = models.CharField(max_length=10, blank=True)
    said = models.CharField(max_length=40)  # the cell, when no number could be read from it too
    value = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    previous = models.DecimalField(max_digits=14, decimal_places=3, null=True)  # what the desk knew of
    paid_on = models.DateField()
    meter_id = models.BigIntegerField(null=True)
    period = models.IntegerField(null=True)  # the month it counts for: 202611
    premises_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "number", "place"], name="import_reading_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "taken"]) | Q(meter_id__isnull=False, value__isnull=False),
                name="import_reading_of_a_meter",
            ),
        ]
