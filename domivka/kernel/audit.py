"""Writing the audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
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
    person_ids: Iterable[int | None] = (),
    premises_ids: Iterable[int] = (),
) -> None:
    """Append one entry. `detail` holds ids, codes and amounts, never names or numbers of people.

    `person_ids` and `premises_ids`: whose data was read or changed; whoever they are finds the entry among «Мої дані».
    None among them (a walk-in, a case that came on paper) is left out.
    """
    AuditEntry.objects.create(
        at=at,
        actor_id=actor_id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        town_id=town_id,
        is_read=is_read,
        detail=detail or {},
        person_ids=sorted({one for one in person_ids if one is not None}),
        premises_ids=sorted(set(premises_ids)),
    )
