"""Tables of the CNAP."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from domivka.cnap.rules.files import Kind


class StoredFile(models.Model):
    """A content kept by its digest; who refers to it keeps it alive. `touched_at` saves a fresh one from the sweep."""

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=4, choices=[(kind.value, kind.value) for kind in Kind])
    size = models.PositiveIntegerField()  # bytes
    touched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="stored_file_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="stored_file_kind"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_digest"),
        ]


class Document(models.Model):
    """A file of a person's library («Документи»)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-saved_at", "-id"], name="document_of_person")]
