"""Writing the audit trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from domivka.kernel.models import AuditEntry


def record(
    *,
    at: dt.datetime,
    actor_id: int | None,
    action: str,
    object_kind: str,
    object_id: int | str,
    town_id: int | None = None,
    is_read: bool = False,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry. `detail` holds ids, codes and amounts, never names or numbers of people."""
    AuditEntry.objects.create(
        at=at,
        actor_id=actor_id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        town_id=town_id,
        is_read=is_read,
        detail=detail or {},
    )
