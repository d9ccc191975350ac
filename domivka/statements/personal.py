"""What statements keeps of the homes of a person."""

from __future__ import annotations

from collections.abc import Collection

from domivka.kernel.personal import PersonalData, rows
from domivka.statements.models import Bill


def personal_data(*, premises_ids: Collection[int]) -> PersonalData:
    """Bills as they were issued, with every line."""
    found = Bill.objects.filter(premises_id__in=premises_ids).order_by("period", "premises_id")
    fields = ("premises_id", "period", "number", "issued_at", "due_on", "to_pay_kop", "charged_kop", "content")
    return PersonalData({"bills": rows(found, *fields)})
