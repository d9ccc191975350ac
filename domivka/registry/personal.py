"""What the registry keeps of the homes of a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from domivka.kernel.personal import PersonalData, rows
from domivka.registry.models import AccountService, PersonalAccount
from domivka.registry.queries import premises_views


def personal_data(*, premises_ids: Collection[int]) -> PersonalData:
    """The premises with what charging uses of them, their personal accounts and services."""
    accounts = PersonalAccount.objects.filter(premises_id__in=premises_ids).order_by("pk")
    services = AccountService.objects.filter(account__premises_id__in=premises_ids).order_by("pk")
    return PersonalData(
        {
            "premises": [asdict(view) for view in premises_views(premises_ids=premises_ids).values()],
            "accounts": rows(
                accounts, "premises_id", "number", "holder", "opened_on", "closed_on", provider="provider__name"
            ),
            "services": rows(
                services,
                "id",
                "opened_on",
                "closed_on",
                account="account__number",
                service="provider_service__service__name",
                provider="provider_service__provider__name",
            ),
        }
    )  # fmt: skip
