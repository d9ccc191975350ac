"""What the demo town's description file says, kept so that a lost file can be written again."""

from __future__ import annotations

from django.db import models


class DemoTown(models.Model):
    """The demo town of this database; there is at most one. `description` is the content of `demo.json`."""

    built_at = models.DateTimeField()
    description = models.JSONField()
