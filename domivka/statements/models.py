"""Bills that were issued. The PDF is not stored: what made it is."""

from __future__ import annotations

from django.db import models

from domivka.kernel.fields import PeriodField
from domivka.registry.models import Premises


class Bill(models.Model):
    """A bill-notice (рахунок-повідомлення) of a premises for a month. Issuing it rotates the authorisation key."""

    premises = models.ForeignKey(Premises, on_delete=models.PROTECT)
    period = PeriodField()
    number = models.CharField(max_length=24, unique=True)
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    to_pay_kop = models.BigIntegerField()
    content = models.JSONField()  # the frozen `BillContent`

    class Meta:
        constraints = [models.UniqueConstraint(fields=["premises", "period"], name="bill_once")]
