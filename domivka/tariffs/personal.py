"""What tariffs keep of the homes of a person."""

from __future__ import annotations

from collections.abc import Collection

from domivka.kernel.personal import PersonalData, rows
from domivka.tariffs.models import Benefit, HomePenaltySuspension


def personal_data(*, premises_ids: Collection[int]) -> PersonalData:
    """Days on which the homes' penalty was suspended, with the reason and the document; benefits on their accounts."""
    benefits = Benefit.objects.filter(account__premises_id__in=premises_ids).order_by("pk")
    found = HomePenaltySuspension.objects.filter(premises_id__in=premises_ids).order_by("pk")
    return PersonalData(
        {
            "penalty_suspensions": rows(
                found, "premises_id", "first_on", "last_on", "reason", "document", provider="provider__name"
            ),
            "benefits": rows(
                benefits,
                "category",
                "holder",
                "people",
                "valid_from",
                "valid_to",
                "document_series",
                "document_number",
                "document_on",
                "entered_at",
                account="account__number",
                provider="account__provider__name",
            ),
        }
    )
