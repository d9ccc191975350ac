"""Exports that were asked for, and erasures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Export(models.Model):
    """An archive with everything of a person, made by a job. `token` is a part of the file's name."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    token = models.CharField(max_length=32)
    asked_at = models.DateTimeField()
    done = models.PositiveSmallIntegerField(default=0)  # parts
    total = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(default=0)  # bytes
    downloaded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], name="export_one_of_person"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(ready_at__isnull=False, expires_at__gt=F("ready_at"), size__gt=0),
                name="export_ready_is_whole",
            ),
        ]


class Erasure(models.Model):
    """A request to erase a person's data: waits until `due_at`, may be taken back until it is done."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(cancelled_at__isnull=True), name="erasure_one_of_person"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("asked_at")), name="erasure_has_grace"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(done_at__isnull=True), name="erasure_cancelled_or_done"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(cancelled_at__isnull=True, done_at__isnull=True), name="erasure_due"
            )
        ]
