"""Keys of providers' systems."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from domivka.registry.models import Provider


class ApiKey(models.Model):
    """A key that a provider's system sends. Only its hash is kept; `prefix` finds the row and names it to people."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    key_hash = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class KeyUse(models.Model):
    """Requests of a key in one minute, so that it can be slowed down on every machine alike."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "minute"], name="key_use_minute")]


class SubmittedReadings(models.Model):
    """An answer already given to a reading message, by the sender's idempotency key."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    idempotency_key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "idempotency_key"], name="submitted_readings_once")]
