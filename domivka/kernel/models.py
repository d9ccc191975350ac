"""Audit trail and progress of long jobs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """Who did or read what. Append-only; ids of people and things, never their personal data.

    `person_ids` and `premises_ids` say whose data it was, so that everyone finds what concerns them and their homes: one
    row even for a list of many people.
    """

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    town_id = models.BigIntegerField(null=True)
    is_read = models.BooleanField(default=False)
    detail = models.JSONField(default=dict)
    person_ids = ArrayField(models.BigIntegerField(), default=list)
    premises_ids = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"], name="audit_object"),
            GinIndex(fields=["person_ids"], name="audit_persons", fastupdate=False),  # no list to wade through first
            GinIndex(fields=["premises_ids"], name="audit_premises", fastupdate=False),
        ]


class JobProgress(models.Model):
    """A long job as people see it: done of total, rate, time left; it can be asked to stop."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    stage = models.CharField(max_length=80, blank=True)
    message = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="progress_one_per_subject"),
            models.CheckConstraint(condition=Q(done__gte=0) & Q(total__gte=0), name="progress_not_negative"),
        ]
