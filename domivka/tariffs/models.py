"""Tariff plans, their dated versions, rates, what a price consists of, consumption norms. All of it is data."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from domivka.registry.models import PersonalAccount, Premises, Provider, ProviderService, Town


class Structure(models.TextChoices):
    """How a charge follows from volumes (domain.md §5.2, features.md C8)."""

    SINGLE = "single"  # volume × price
    ZONES = "zones"  # volume of each zone × price × zone coefficient
    BLOCKS = "blocks"  # price by step of the month's volume
    TWO_PART_HEAT = "two_part_heat"  # season: Gcal × variable part; every month: load × constant part
    AREA = "area"  # area × price
    HEATED_AREA = "heated_area"  # heated area × price
    PERSON = "person"  # registered or living people × price
    HOUSEHOLD = "household"  # fixed per household
    FIXED = "fixed"  # subscription fee and other fixed sums
    YEARLY_VOLUME = "yearly_volume"  # agreed yearly volume / 12 × price (gas distribution)


class TariffPlan(models.Model):
    """How a provider's service is priced for one group of accounts; the code '' is the ordinary one."""

    provider_service = models.ForeignKey(ProviderService, on_delete=models.CASCADE, related_name="plans")
    code = models.CharField(max_length=30, blank=True)
    name = models.CharField(max_length=160)
    structure = models.CharField(max_length=14, choices=Structure.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_service", "code"], name="tariff_plan_code")]


class _DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class TariffVersion(models.Model):
    """A plan's prices from a date on, with the decision that set them. `valid_to` is exclusive."""

    plan = models.ForeignKey(TariffPlan, on_delete=models.CASCADE, related_name="versions")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    authority = models.CharField(max_length=160)
    decision_number = models.CharField(max_length=60)
    decision_on = models.DateField()
    decision_url = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="tariff_versions_do_not_overlap",
                expressions=[
                    (F("plan"), RangeOperators.EQUAL),
                    (_DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="tariff_version_dates",
            ),
        ]


class TariffRate(models.Model):
    """A price inside a version: of a zone, a block (from a volume on), or the variable or constant part."""

    version = models.ForeignKey(TariffVersion, on_delete=models.CASCADE, related_name="rates")
    component = models.CharField(
        max_length=20, default="single"
    )  # single, day, night, peak, half_peak, block, variable, constant
    from_volume = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    price = models.DecimalField(max_digits=14, decimal_places=7)  # hryvnias per unit, VAT as the decision says
    coefficient = models.DecimalField(max_digits=6, decimal_places=4, default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "component", "from_volume"], name="tariff_rate_once"),
            models.CheckConstraint(
                condition=Q(price__gte=0) & Q(from_volume__gte=0) & Q(coefficient__gte=0),
                name="tariff_rate_not_negative",
            ),
        ]


class TariffShare(models.Model):
    """A part of what the price consists of, in per cent of the price (features.md C9)."""

    version = models.ForeignKey(TariffVersion, on_delete=models.CASCADE, related_name="shares")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="tariff_share_once"),
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lte=100), name="tariff_share_percent"),
        ]


class Norm(models.Model):
    """Monthly volume per person (or per household) where there is no valid meter, by decision of the town."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE)
    provider_service = models.ForeignKey(ProviderService, on_delete=models.CASCADE, related_name="norms")
    code = models.CharField(max_length=30, blank=True)
    per_person = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    per_household = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    per_m2 = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    decision = models.CharField(max_length=160)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="norms_do_not_overlap",
                expressions=[
                    (F("provider_service"), RangeOperators.EQUAL),
                    (F("code"), RangeOperators.EQUAL),
                    (_DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Parameter(models.Model):
    """A town's own number for a rule, with its dates and its source; the country's are in `national.toml`."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE)
    code = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=14, decimal_places=4)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code", "valid_from"], name="parameter_once"),
        ]


class PenaltySuspension(models.Model):
    """A span in which no penalty grows where the KATOTTG code begins so; the country's own are in `national.toml`."""

    katottg = models.CharField(max_length=19)
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__isnull=True) | Q(last_on__gte=F("first_on")), name="penalty_suspension_dates"
            ),
            models.UniqueConstraint(fields=["katottg", "first_on"], name="penalty_suspension_once"),
        ]


class PenaltyRule(models.Model):
    """From when to when a provider charges penalty on overdue debts of its service, and why it may; without a row it
    charges none. `valid_to` is exclusive; a rule taken back before it held ends on the day it begins."""

    provider_service = models.ForeignKey(ProviderService, on_delete=models.CASCADE, related_name="penalty_rules")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="penalty_rules_do_not_overlap",
                expressions=[
                    (F("provider_service"), RangeOperators.EQUAL),
                    (_DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="penalty_rule_dates"
            ),
        ]


class HomePenaltySuspension(models.Model):
    """A span in which no penalty grows on the debts of one home: at one provider, or at all of them (no provider).
    An entry taken back ends on the day before it begins."""

    class Reason(models.TextChoices):
        DAMAGED = "damaged", _("житло пошкоджене або зруйноване")
        ABSENT = "absent", _("підтверджена відсутність")
        STATE_DEBT = "state_debt", _("держава заборгувала субсидію чи пільгу або є борг із зарплати")
        OTHER = "other", _("інша підстава")

    premises = models.ForeignKey(Premises, on_delete=models.PROTECT, related_name="penalty_suspensions")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True)
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    document = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__isnull=True) | Q(last_on__gte=F("first_on") - dt.timedelta(days=1)),
                name="home_penalty_suspension_dates",
            ),
            models.UniqueConstraint(
                fields=["premises", "provider", "first_on", "reason"], nulls_distinct=False,
                name="home_penalty_suspension_once",
            ),
        ]  # fmt: skip


class BenefitPercent(models.Model):
    """What part of a service a town covers for a category, in per cent, when not the country's (`national.toml`)."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE)
    category = models.CharField(max_length=12)  # code of a `[[benefit_category]]`
    service_code = models.CharField(max_length=30)  # registry.Service.code
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="benefit_percents_do_not_overlap",
                expressions=[
                    (F("town"), RangeOperators.EQUAL),
                    (F("category"), RangeOperators.EQUAL),
                    (F("service_code"), RangeOperators.EQUAL),
                    (_DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lte=100), name="benefit_percent_range"),
        ]


class BenefitNorm(models.Model):
    """Within what volume a town's benefits are given, when not the country's. `per_…` are units of the service a month
    where its volume is charged; `m2_…` are square metres where the area is, and bound the area `per_m2` counts."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE)
    service_code = models.CharField(max_length=30)
    per_person = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    per_household = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    per_m2 = models.DecimalField(max_digits=10, decimal_places=6, default=0)
    m2_per_person = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    m2_per_household = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="benefit_norms_do_not_overlap",
                expressions=[
                    (F("town"), RangeOperators.EQUAL),
                    (F("service_code"), RangeOperators.EQUAL),
                    (_DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(per_person__gte=0)
                & Q(per_household__gte=0)
                & Q(per_m2__gte=0)
                & Q(m2_per_person__gte=0)
                & Q(m2_per_household__gte=0),
                name="benefit_norm_not_negative",
            ),
        ]


class Benefit(models.Model):
    """A person of a category on a personal account, by a document. `valid_to` is exclusive; the same day as `valid_from`
    is a benefit that was entered by mistake and never held."""

    account = models.ForeignKey(PersonalAccount, on_delete=models.CASCADE, related_name="benefits")
    category = models.CharField(max_length=12)
    holder = models.CharField(max_length=160)
    holder_key = models.CharField(max_length=160)  # folded: the same person however the name is typed
    people = models.PositiveSmallIntegerField()  # whom the benefit covers, the holder among them
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    document_series = models.CharField(max_length=10, blank=True)
    document_number = models.CharField(max_length=30)
    document_on = models.DateField()
    entered_by_id = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    ended_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="benefits_do_not_overlap",
                expressions=[
                    (F("account"), RangeOperators.EQUAL),
                    (F("category"), RangeOperators.EQUAL),
                    (F("holder_key"), RangeOperators.EQUAL),
                    (_DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="benefit_dates"
            ),
            models.CheckConstraint(condition=Q(people__gte=1), name="benefit_people"),
        ]
