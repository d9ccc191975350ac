"""Bills that were issued. The PDF is not stored: what made it is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from domivka.kernel.fields import PeriodField
from domivka.registry.models import Building, Premises, Town


class Bill(models.Model):
    """A bill-notice (рахунок-повідомлення) of a premises for a month. Issuing it rotates the authorisation key."""

    premises = models.ForeignKey(Premises, on_delete=models.PROTECT)
    period = PeriodField()
    number = models.CharField(max_length=24, unique=True)
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    to_pay_kop = models.BigIntegerField()
    charged_kop = models.BigIntegerField(default=0)  # of the month, without penalty: a print run's control total
    content = models.JSONField()  # the frozen `BillContent`

    class Meta:
        constraints = [models.UniqueConstraint(fields=["premises", "period"], name="bill_once")]


class DeliveryRoute(models.Model):
    """How paper bills reach some buildings: a courier's round, Ukrposhta, something else. Print files are cut by it."""

    class Kind(models.TextChoices):
        COURIER = "courier", _("Кур’єр")
        POST = "post", _("Укрпошта")
        OTHER = "other", _("Інше")

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="route_name_once")]


class RouteBuilding(models.Model):
    """A building on a route. One without a row is printed in the file of buildings without a route."""

    building = models.OneToOneField(Building, on_delete=models.CASCADE, primary_key=True)
    route = models.ForeignKey(DeliveryRoute, on_delete=models.CASCADE, related_name="buildings")


class BillDesign(models.Model):
    """What a town changes in its bill without a programmer. Empty: as the design file has it."""

    town = models.OneToOneField(Town, on_delete=models.PROTECT, primary_key=True)
    colour = models.CharField(max_length=7, default="#1e4f91")
    heading = models.CharField(max_length=60, blank=True)
    notice = models.CharField(max_length=200, blank=True)  # under the authorisation key
    advertisement_title = models.CharField(max_length=80, blank=True)  # on the address side
    advertisement = models.CharField(max_length=600, blank=True)
    logo = models.TextField(blank=True)  # SVG
    columns = models.JSONField(default=list)  # names of columns in their order; empty: the usual one
    updated_at = models.DateTimeField(null=True)


class PrintRun(models.Model):
    """Paper bills of a month as print-ready files. The choice of bills and their order are fixed when it begins."""

    class State(models.TextChoices):
        RUNNING = "running"
        CANCELLED = "cancelled"
        DONE = "done"

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    period = PeriodField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    address_side = models.BooleanField(default=True)  # the back of the first sheet: address window, advertisement
    reprint_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    started_at = models.DateTimeField()
    resumed_at = models.DateTimeField()  # the rate is reckoned from here
    finished_at = models.DateTimeField(null=True)
    design = models.JSONField(default=dict)  # the town's design as it was: every part looks the same
    totals = models.JSONField(default=dict)  # what was issued and what goes without paper, counted when it begins

    class Meta:
        ordering = ["-pk"]


class PrintPart(models.Model):
    """One file: bills of one route by their addresses. `first` and `last` number bills through the whole run."""

    run = models.ForeignKey(PrintRun, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    route = models.CharField(max_length=80, blank=True)  # empty: buildings without a route
    kind = models.CharField(max_length=8, blank=True)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    bill_ids = ArrayField(models.BigIntegerField())
    to_pay_kop = models.BigIntegerField()
    charged_kop = models.BigIntegerField()
    pages = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="print_part_once")]
        ordering = ["number"]
