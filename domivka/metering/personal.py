"""What metering keeps of the homes of a person, and of what the person typed."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from domivka.kernel.personal import PersonalData, rows
from domivka.metering.models import Meter, MeterCorrection, Reading


def personal_data(*, user_id: int, premises_ids: Collection[int]) -> PersonalData:
    """Meters and readings of the homes, readings and corrections that the person sent for any home."""
    meters = Meter.objects.filter(account_service__account__premises_id__in=premises_ids).order_by("pk")
    known = list(meters.values_list("pk", flat=True))
    readings = Reading.objects.filter(Q(meter_id__in=known) | Q(submitted_by_id=user_id))
    corrections = MeterCorrection.objects.filter(Q(meter_id__in=known) | Q(asked_by_id=user_id)).order_by("pk")
    return PersonalData(
        {
            "meters": rows(
                meters,
                "id",
                "number",
                "model",
                "zones",
                "installed_on",
                "removed_on",
                "verification_due_on",
                "added_by_resident",
                service="account_service__provider_service__service__name",
            ),
            "readings": rows(
                readings.order_by("period", "id"),
                "meter_id",
                "zone",
                "period",
                "value",
                "taken_on",
                "channel",
                "submitted_at",
                "superseded_at",
            ),
            "meter_corrections": rows(
                corrections, "meter_id", "zone", "period", "old", "new", "asked_at", "accepted", "decided_at", "reason"
            ),
        }
    )  # fmt: skip
