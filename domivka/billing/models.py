"""Runs and charge lines."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domivka.kernel.fields import PeriodField
from domivka.registry.models import AccountService, ProviderService, Town


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
    BENEFIT = "benefit"  # negative; its inputs are told in tariffs.rules.benefits


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
    recalculation_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "billing_charge_line"


class Recalculation(models.Model):
    """An act by which what was charged is taken off: for an outage or for the absence of residents. `totals` is what the
    last check found (`recalculations.check`); once applied, only the state and its moments change."""

    class Reason(models.TextChoices):
        OUTAGE_DAYS = "outage_days", _("Послуги не було: за днями")
        OUTAGE_HOURS = "outage_hours", _("Послуги не було: за годинами")
        ABSENCE = "absence", _("Мешканці були відсутні")

    class Place(models.TextChoices):
        SERVICE = "service", _("Усі рахунки цієї послуги")
        BUILDINGS = "buildings", _("Вибрані будинки")
        ACCOUNT = "account", _("Один особовий рахунок")

    class State(models.TextChoices):
        DRAFT = "draft", _("Чернетка")
        APPLIED = "applied", _("Застосовано")
        UNDONE = "undone", _("Скасовано")

    provider_service = models.ForeignKey(ProviderService, on_delete=models.PROTECT)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    place = models.CharField(max_length=9, choices=Place.choices)
    building_ids = ArrayField(models.BigIntegerField(), default=list)
    account_service = models.ForeignKey(AccountService, on_delete=models.PROTECT, null=True)
    period = PeriodField()  # the charged month; of an absence the first one
    last_period = PeriodField()  # of an absence over several months the last one
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    hours = models.PositiveSmallIntegerField(null=True)
    percent_a_day = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    people_away = models.PositiveSmallIntegerField(null=True)
    document = models.CharField(max_length=60)
    document_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT)
    totals = models.JSONField(default=dict)
    made_by_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    booked_in = models.IntegerField(null=True)  # the month, YYYYMM, whose bills show it
    applied_by_id = models.BigIntegerField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_by_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["provider_service", "period"], name="recalculation_by_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="outage_days", first_on__isnull=False, last_on__isnull=False, percent_a_day__gt=0)
                | Q(reason="outage_hours", hours__gt=0)
                | Q(reason="absence", first_on__isnull=False, last_on__isnull=False, people_away__gt=0),
                name="recalculation_says_how_much",
            ),
            models.CheckConstraint(
                condition=Q(place="account", account_service__isnull=False)
                | Q(place="buildings", account_service__isnull=True, building_ids__len__gt=0)
                | Q(place="service", account_service__isnull=True),
                name="recalculation_says_where",
            ),
            models.CheckConstraint(
                condition=~Q(reason="absence") | Q(place="account"), name="recalculation_absence_of_one_account"
            ),
            models.CheckConstraint(
                condition=Q(first_on__isnull=True) | Q(last_on__gte=F("first_on")), name="recalculation_dates"
            ),
            models.CheckConstraint(condition=Q(last_period__gte=F("period")), name="recalculation_months"),
            models.CheckConstraint(
                condition=Q(percent_a_day__isnull=True) | Q(percent_a_day__lte=100), name="recalculation_percent"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", applied_at__isnull=True, undone_at__isnull=True)
                | Q(state="applied", applied_at__isnull=False, undone_at__isnull=True, booked_in__isnull=False)
                | Q(state="undone", applied_at__isnull=False, undone_at__isnull=False),
                name="recalculation_state",
            ),
        ]
