"""What payments keeps of a person and their homes. Nothing of it is erased: accounting documents."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from domivka.kernel.personal import PersonalData, rows
from domivka.payments.models import Allocation, Intent, IntentLine


def personal_data(*, user_id: int, premises_ids: Collection[int]) -> PersonalData:
    """Payments the person made here, and all that was credited to the homes, also by a bank's register."""
    intents = Intent.objects.filter(user_id=user_id).order_by("created_at")
    lines = IntentLine.objects.filter(intent__user_id=user_id).order_by("pk")
    credited = Allocation.objects.filter(
        Q(account_service__account__premises_id__in=premises_ids) | Q(intent_line__intent__user_id=user_id)
    ).order_by("pk")
    return PersonalData(
        {
            "payments": rows(
                intents,
                "id",
                "premises_id",
                "period",
                "method",
                "gateway",
                "amount_kop",
                "fee_kop",
                "state",
                "created_at",
                "confirmed_at",
                "gateway_reference",
                "receipt_number",
                "receipt_sent_at",
            ),
            "payment_lines": rows(
                lines,
                "intent_id",
                "account_service_id",
                "amount_kop",
                "fee_kop",
                "recipient",
                "recipient_code",
                "iban",
                "bank_name",
                "purpose",
            ),
            "credited": rows(
                credited,
                "account_service_id",
                "for_period",
                "is_advance",
                "amount_kop",
                payment="intent_line__intent_id",
                bank="register_payment__bank",
                paid_on="register_payment__paid_on",
            ),
        }
    )  # fmt: skip
