"""Runs and charge lines."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domivka.kernel.fields import PeriodField
from domivka.registry.models import AccountService, Town


class Run(models.Model):
    """One monthly charge run of a town, cut into ranges of buildings that are done one transaction each."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    period = PeriodField()
    revision = models.PositiveSmallIntegerField()  # 1 the ordinary run; later ones post corrections only
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    totals = models.JSONField(default=dict)  # control totals before and after

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "period", "revision"], name="run_once")]


class RunRange(models.Model):
    """Buildings `first..last` of a run: a building is never cut, so that its meter can be shared out."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="ranges")
    first_building_id = models.BigIntegerField()
    last_building_id = models.BigIntegerField()
    done_at = models.DateTimeField(null=True)
    lines = models.BigIntegerField(default=0)
    amount_kop = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "first_building_id"], name="run_range_once"),
            models.CheckConstraint(condition=Q(first_building_id__lte=F("last_building_id")), name="run_range_order"),
        ]


class VolumeMethod(models.TextChoices):
    """How the volume of a line was obtained."""

    METER = "meter"
    AVERAGE = "average"
    NORM = "norm"
    BUILDING_SHARE = "building_share"
    AREA = "area"
    PERSONS = "persons"
    FIXED = "fixed"
    YEARLY = "yearly"
    IMPORTED = "imported"
    PENALTY = "penalty"  # debt × days, in hryvnia-days: tariffs.rules.overdue


class LineKind(models.TextChoices):
    CHARGE = "charge"
    SUBSCRIPTION = "subscription"
    CORRECTION = "correction"
    PENALTY = "penalty"


class ChargeLine(models.Model):
    """One priced line with all its inputs, so that the explanation page only renders it. Partitioned by period,
    append-only: a changed input makes a correction line that names the line it corrects."""

    pk = models.CompositePrimaryKey("period", "id")
    id = models.BigIntegerField()
    period = PeriodField()
    # Checked once a statement, by a trigger: docs/adr/0013.
    account_service = models.ForeignKey(AccountService, on_delete=models.PROTECT, db_constraint=False)
    kind = models.CharField(max_length=12, choices=LineKind.choices)
    component = models.CharField(max_length=20, default="single")
    structure = models.CharField(max_length=14, blank=True)  # tariffs.Structure; '' for an imported line without one
    method = models.CharField(max_length=14, choices=VolumeMethod.choices)
    meter_id = models.BigIntegerField(null=True)
    previous_value = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    current_value = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    base = models.DecimalField(max_digits=14, decimal_places=4, null=True)  # area, people, load, average a day…
    base_kind = models.CharField(max_length=12, default="")  # what `base` counts: metering.rules.volumes.VOLUMES
    base_total = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    source_volume = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    volume = models.DecimalField(max_digits=18, decimal_places=6)
    price = models.DecimalField(max_digits=14, decimal_places=7)
    coefficient = models.DecimalField(max_digits=12, decimal_places=8, default=1)  # zone coefficient × share of days
    days = models.PositiveSmallIntegerField(null=True)  # of the month's days the line covers, when not all
    amount_kop = models.BigIntegerField()
    tariff_version_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    import_batch_id = models.BigIntegerField(null=True)
    corrects_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "billing_charge_line"
