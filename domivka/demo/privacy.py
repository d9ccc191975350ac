"""What the residents of the demo find among «Мої дані»: looks of staff in the last weeks, as their pages record them, and
an archive that is ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from domivka.kernel import audit
from domivka.kernel.models import AuditEntry
from domivka.privacy import api as privacy
from domivka.registry.models import PersonalAccount

READING: Final = dt.timedelta(minutes=4)


def look_at(
    *, town_id: int, residents: Mapping[int, int], clerks: Mapping[int, int], operator_id: int, at: dt.datetime
) -> None:
    """`residents`: person → premises; `clerks`: provider → person. The administrator read before answering; clerks opened
    lists and accounts, programs of providers took balances, the operator looked once."""
    _looks_of_the_desk()
    homes = list(residents.values())
    accounts = PersonalAccount.objects.filter(premises_id__in=homes).order_by("pk")
    for number, account in enumerate(accounts.filter(provider_id__in=clerks)):
        audit.record(
            at=at - dt.timedelta(days=4 + number * 5, minutes=47), actor_id=clerks[account.provider_id],
            action="account.read", object_kind="account", object_id=account.pk, town_id=town_id, is_read=True,
            detail={"provider": account.provider_id, "role": "provider"}, premises_ids=[account.premises_id],
        )  # fmt: skip
    served: dict[int, list[int]] = {}
    for account in accounts:
        served.setdefault(account.provider_id, []).append(account.premises_id)
    for number, (provider_id, premises) in enumerate(sorted(served.items())):
        clerk = clerks.get(provider_id)
        audit.record(
            at=at - dt.timedelta(days=2 + number * 5, hours=3), actor_id=clerk,
            action="accounts.listed" if clerk else "api.accounts_read", object_kind="provider" if clerk else "api_key",
            object_id=provider_id if clerk else 0, town_id=town_id, is_read=True,
            detail={"rows": len(premises), "provider": provider_id, **({"role": "provider"} if clerk else {})},
            premises_ids=premises,
        )  # fmt: skip
    first = min(residents)
    audit.record(
        at=at - dt.timedelta(days=6, hours=2), actor_id=operator_id, action="audit.read", object_kind="user",
        object_id=first, is_read=True, person_ids=[first],
    )  # fmt: skip
    privacy.make_export(export_id=privacy.ask_export(user_id=first, at=at), at=at)


def _looks_of_the_desk() -> None:
    """Whoever answered had read it, and had found it in the queue."""
    for done in AuditEntry.objects.filter(action__in=["cnap.consultation_answer", "cnap.application_refuse"]):
        kind = done.object_kind
        for before, action, of_kind, of_id in (
            (READING * 2, f"cnap.{kind}s_listed", "list", kind),
            (READING, f"cnap.{kind}_read", kind, done.object_id),
        ):
            audit.record(
                at=done.at - before, actor_id=done.actor_id, action=action, object_kind=of_kind, object_id=of_id,
                town_id=done.town_id, is_read=True, person_ids=done.person_ids,
            )  # fmt: skip
