"""What consultations and applications share: transitions with their history and audit, and drafts of a person."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import QuerySet

from domivka.cnap.errors import AlreadySent
from domivka.cnap.models import Application, Consultation
from domivka.cnap.rules.states import Event, State, Table, next_state
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError

Row = TypeVar("Row", Consultation, Application)


@dataclass(frozen=True, slots=True)
class Matters(Generic[Row]):
    """Consultations, or applications: what they are called in the audit, the table of their transitions, the error when
    there is none such, and how a row is read with its centre."""

    kind: str
    table: Table
    missing: Callable[[], NotFoundError]
    rows: Callable[[], QuerySet[Row]]

    def step(self, row: Row, what: Event, *, user_id: int, at: dt.datetime, note: str = "") -> None:
        """One transition: the table allows it, the row is saved, history and audit know it. `AlreadySent` otherwise."""
        after = next_state(self.table, row.state, what)
        if after is None:
            raise AlreadySent
        row.state = after
        row.save()
        row.steps.create(event=what, state=after, at=at, actor_id=user_id, note=note[:500])
        self.record(what, row, user_id=user_id, at=at)

    def record(self, what: str, row: Row, *, user_id: int, at: dt.datetime, is_read: bool = False) -> None:
        """Audit what somebody did to it, or that somebody read it."""
        audit.record(
            at=at, actor_id=user_id, action=f"cnap.{self.kind}_{what}", object_kind=self.kind, object_id=row.pk,
            town_id=row.office.town_id, is_read=is_read, detail=None if is_read else {"state": str(row.state)},
            person_ids=[row.user_id],
        )  # fmt: skip

    def locked(self) -> QuerySet[Row]:
        return self.rows().select_for_update(of=("self",))

    def own(self, *, user_id: int, number: int) -> Row:
        """The person's, locked. Errors: `NotFoundError`."""
        row = self.locked().filter(user_id=user_id, pk=number).first()
        if row is None:
            raise self.missing()
        return row

    def draft(self, *, user_id: int, number: int) -> Row:
        """The person's draft, locked. Errors: `NotFoundError`, `AlreadySent`."""
        row = self.own(user_id=user_id, number=number)
        if row.state != State.DRAFT:
            raise AlreadySent
        return row


def digest(said: object) -> str:
    """SHA-256 of what the resident said, in one spelling of JSON."""
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
