"""What billing keeps of the homes of a person beside the charges, which the bills and account states tell."""

from __future__ import annotations

from collections.abc import Collection

from domivka.billing.models import Recalculation
from domivka.kernel.personal import PersonalData, rows


def personal_data(*, premises_ids: Collection[int]) -> PersonalData:
    """Recalculations made for these homes alone: why, for which days, by which document."""
    acts = Recalculation.objects.filter(account_service__account__premises_id__in=premises_ids).order_by("pk")
    return PersonalData(
        {
            "recalculations": rows(
                acts, "reason", "first_on", "last_on", "hours", "percent_a_day", "people_away", "document", "document_on",
                "note", "state", "made_at", "applied_at", "undone_at", account="account_service__account__number",
                service="provider_service__service__name",
            )
        }
    )  # fmt: skip
