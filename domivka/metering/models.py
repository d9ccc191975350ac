"""Meters and readings."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domivka.kernel.fields import PeriodField
from domivka.registry.models import AccountService, Building, ProviderService


class Meter(models.Model):
    """A meter on an account's service. `zones` are its registers: one «single», or day/night, or three."""

    # Checked once a statement (migration 0006); its index is that of `meter_once`.
    account_service = models.ForeignKey(
        AccountService, on_delete=models.CASCADE, related_name="meters", db_constraint=False, db_index=False
    )
    number = models.CharField(max_length=32)
    model = models.CharField(max_length=60, blank=True)
    zones = models.JSONField(default=list)  # ["single"] | ["day", "night"] | ["peak", "half_peak", "night"]
    digits = models.PositiveSmallIntegerField(default=5)  # whole digits before the register rolls over
    decimals = models.PositiveSmallIntegerField(default=3)
    installed_on = models.DateField()
    removed_on = models.DateField(null=True)
    verified_on = models.DateField(null=True)
    verification_due_on = models.DateField(null=True)
    added_by_resident = models.BooleanField(default=False)  # waits for the provider's confirmation
    made_by = models.CharField(max_length=40, blank=True, db_default="")  # the file it came with: «import:17»
    removed_by = models.CharField(max_length=40, blank=True, db_default="")  # the file that replaced it; «undone:17»

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_service", "number"], name="meter_once"),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | Q(removed_on__gte=F("installed_on")),
                name="meter_dates",
            ),
        ]


class BuildingMeter(models.Model):
    """A meter of a whole building for one provider service; its volume is shared out (domain.md §5.2)."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE)
    provider_service = models.ForeignKey(ProviderService, on_delete=models.CASCADE)
    number = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["building", "provider_service"], name="building_meter_once")]


class BuildingVolume(models.Model):
    """What a building meter measured in a period."""

    meter = models.ForeignKey(BuildingMeter, on_delete=models.CASCADE, related_name="volumes")
    period = PeriodField()
    volume = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meter", "period"], name="building_volume_once"),
            models.CheckConstraint(condition=Q(volume__gte=0), name="building_volume_not_negative"),
        ]


class Channel(models.TextChoices):
    """How a reading came; the order is its precedence, the strongest first (features.md D2)."""

    INSPECTOR = "inspector"
    PROVIDER = "provider"  # in the provider's file
    CASH_DESK = "cash_desk"
    WEB = "web"
    APP = "app"
    PHONE = "phone"
    BOT = "bot"
    INITIAL = "initial"  # at installation of the meter

    @property
    def stronger(self) -> list[Channel]:
        """Channels whose reading of a month stands against one that comes by this channel. What people say themselves
        (site, app, phone, bot) is equal, and so is a channel to itself: the later replaces the earlier."""
        order = list(Channel)
        return order[: min(order.index(self), order.index(Channel.WEB))]

    @property
    def words(self) -> str:
        """How the reading came, in words."""
        return str(_CHANNEL_WORDS[self])


_CHANNEL_WORDS: Final = {
    Channel.INSPECTOR: _("зняв контролер"),
    Channel.PROVIDER: _("з файлу надавача послуг"),
    Channel.CASH_DESK: _("у касі чи терміналі"),
    Channel.WEB: _("на сайті"),
    Channel.APP: _("у застосунку"),
    Channel.PHONE: _("телефоном"),
    Channel.BOT: _("у чат-боті"),
    Channel.INITIAL: _("під час установлення лічильника"),
}


class Reading(models.Model):
    """A value of one register of a meter. Partitioned by period; a later reading replaces an earlier one by
    `superseded_at`, never by an edit."""

    pk = models.CompositePrimaryKey("period", "id")
    id = models.BigIntegerField()
    period = PeriodField()
    meter = models.ForeignKey(Meter, on_delete=models.CASCADE, related_name="readings", db_constraint=False)
    zone = models.CharField(max_length=10, default="single")
    value = models.DecimalField(max_digits=14, decimal_places=3)
    taken_on = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    submitted_by_id = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField()
    client_key = models.CharField(max_length=40, blank=True)  # idempotency of an offline entry
    warning = models.CharField(max_length=20, blank=True)  # below_previous, too_high: accepted with a question
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "metering_reading"


class MeterCorrection(models.Model):
    """What a resident says is wrong with a meter: its number (no zone), or the previous value of a register.
    Waits while `accepted` is null; the meter changes only when the provider accepts."""

    meter = models.ForeignKey(Meter, on_delete=models.CASCADE, related_name="corrections")
    zone = models.CharField(max_length=10, blank=True)
    period = PeriodField()  # of the reading in question; of a number, the month in which it was asked
    of_initial = models.BooleanField(default=False)  # that reading is the one at installation
    old = models.CharField(max_length=32)
    new = models.CharField(max_length=32)
    asked_by_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meter", "zone"], condition=Q(accepted=None), name="correction_once"),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, decided_at__isnull=True)
                | Q(accepted__isnull=False, decided_at__isnull=False),
                name="correction_decided",
            ),
            models.CheckConstraint(
                condition=~Q(accepted=False) | ~Q(reason=""), name="correction_rejected_with_reason"
            ),
        ]
