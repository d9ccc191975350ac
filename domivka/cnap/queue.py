"""What both queues of the desk share: what is shown, in which order, and who of the administrators has it in hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Generic

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from domivka.cnap.errors import InOtherHands, NotNow, TextMissing
from domivka.cnap.matters import Matters, Row
from domivka.cnap.models import Application, Consultation
from domivka.cnap.rules.states import Event, State, next_state
from domivka.cnap.words import Status, short_name, status
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel import audit

OPEN: Final = (State.WAITING, State.INCOMPLETE)
"""States in which somebody has to do something."""

SOON_DAYS: Final = 3
"""A term this near is marked before it is missed."""

ALL_OPEN: Final = "open"
"""Instead of a state in `Filter`: all of `OPEN`."""

ORDERS: Final = {
    "due": ("due_on", "pk"),
    "new": ("-sent_at", "-pk"),
    "old": ("sent_at", "pk"),
    "person": ("user__surname", "user__name", "pk"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a queue shows: `state` empty is everything that was sent; `taken_by_id` – only that administrator's."""

    state: str = State.WAITING
    office_id: int | None = None
    service_id: int | None = None  # of applications
    taken_by_id: int | None = None
    nobodys: bool = False
    overdue_on: dt.date | None = None  # only what should have been answered before this day
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    number: int | None = None
    order: str = "due"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A line of a queue."""

    id: int
    topic: str
    person_id: int
    person: str
    office: str
    state: str
    sent_at: dt.datetime
    due_on: dt.date
    taken_by_id: int | None
    taken_by: str
    is_overdue: bool
    days_left: int

    @property
    def status(self) -> Status:
        return status(self.state)

    @property
    def is_soon(self) -> bool:
        """The term ends within `SOON_DAYS`."""
        return self.state in OPEN and 0 <= self.days_left <= SOON_DAYS

    @property
    def can_be_taken(self) -> bool:
        return self.taken_by_id is None and self.state in OPEN


def _row(row: Consultation | Application, today: dt.date) -> QueueRow:
    assert row.sent_at is not None and row.due_on is not None  # noqa: S101, PT018 - the database's constraint says so
    return QueueRow(
        id=row.pk,
        topic=row.topic,
        person_id=row.user_id,
        person=row.user.full_name,
        office=row.office.name,
        state=row.state,
        sent_at=row.sent_at,
        due_on=row.due_on,
        taken_by_id=row.taken_by_id,
        taken_by=name_of(row.taken_by) if row.taken_by else "",
        is_overdue=row.state in OPEN and row.due_on < today,
        days_left=(row.due_on - today).days,
    )


def note_queue_read(
    *, kind: str, rows: Collection[QueueRow], town_ids: Collection[int], user_id: int, at: dt.datetime
) -> None:
    """Audit that somebody looked at a list with people's names: one entry for all of them. `kind` of what is listed."""
    if rows:
        audit.record(
            at=at, actor_id=user_id, action=f"cnap.{kind}s_listed", object_kind="list", object_id=kind, is_read=True,
            town_id=min(town_ids) if len(town_ids) == 1 else None, detail={"rows": len(rows)},
            person_ids=[row.person_id for row in rows],
        )  # fmt: skip


def name_of(user: User | identity.PersonView) -> str:
    """How an administrator is named: «Левицька С.І.»"""
    return short_name(surname=user.surname, name=user.name, patronymic=user.patronymic)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Another administrator of the town."""

    id: int
    name: str


def colleagues(*, town_id: int, user_id: int) -> list[Colleague]:
    """Whom work can be handed to, by name. One query."""
    found = identity.holders(role=Role.CNAP, scope_id=town_id)
    return [Colleague(one.id, name_of(one)) for one in found if one.id != user_id]


@dataclass(frozen=True, slots=True)
class Now:
    """One queue today; `mine` are those that this administrator has in hand."""

    waiting: int
    overdue: int
    soon: int
    nobodys: int
    mine: int


_HANDS: Final = frozenset({Event.TAKE, Event.HAND_OVER, Event.RELEASE})


@dataclass(frozen=True, slots=True)
class Queue(Generic[Row]):
    """The desk's queue of consultations, or of applications, and in whose hands each is. `office` and `service` are their
    fields of these rows; `town_ids` of every method are the towns of the role. Other towns' and drafts are not there.
    """

    matters: Matters[Row]
    office: str
    service: str = ""

    def _of_towns(self, rows: QuerySet[Row], town_ids: Collection[int]) -> QuerySet[Row]:
        return rows.filter(**{f"{self.office}__town_id__in": town_ids}).exclude(state=State.DRAFT)

    def _wanted(self, town_ids: Collection[int], wanted: Filter) -> QuerySet[Row]:
        rows = self._of_towns(self.matters.rows(), town_ids)
        conditions = (
            (wanted.state, Q(state__in=OPEN) if wanted.state == ALL_OPEN else Q(state=wanted.state)),
            (wanted.office_id, Q(**{self.office: wanted.office_id})),
            (self.service and wanted.service_id, Q(**{self.service or "pk": wanted.service_id})),
            (wanted.taken_by_id, Q(taken_by=wanted.taken_by_id)),
            (wanted.nobodys, Q(taken_by=None)),
            (wanted.overdue_on, Q(state__in=OPEN, due_on__lt=wanted.overdue_on)),
            (wanted.due_from, Q(due_on__gte=wanted.due_from)),
            (wanted.due_to, Q(due_on__lte=wanted.due_to)),
            (wanted.number, Q(pk=wanted.number)),
        )
        for asked, condition in conditions:
            if asked:
                rows = rows.filter(condition)
        return rows.order_by(*ORDERS.get(wanted.order, ORDERS["due"]))

    def now(self, *, town_ids: Collection[int], today: dt.date, user_id: int) -> Now:
        """The queue in numbers. One query."""
        waits = Q(state__in=OPEN)
        soon = Q(due_on__gte=today, due_on__lte=today + dt.timedelta(days=SOON_DAYS))
        return Now(
            **self._of_towns(self.matters.rows(), town_ids).aggregate(
                waiting=Count("pk", filter=waits),
                overdue=Count("pk", filter=waits & Q(due_on__lt=today)),
                soon=Count("pk", filter=waits & soon),
                nobodys=Count("pk", filter=waits & Q(taken_by=None)),
                mine=Count("pk", filter=waits & Q(taken_by=user_id)),
            )
        )

    def count(self, *, town_ids: Collection[int], wanted: Filter) -> int:
        return self._wanted(town_ids, wanted).count()

    def rows(
        self, *, town_ids: Collection[int], wanted: Filter, today: dt.date, limit: int, offset: int = 0
    ) -> list[QueueRow]:
        """What waits, the nearest term first unless `wanted` says otherwise. One query."""
        found = self._wanted(town_ids, wanted).select_related("user", "taken_by")
        return [_row(row, today) for row in found[offset : offset + limit]]

    def opened(self, *, town_ids: Collection[int], number: int, user_id: int, at: dt.datetime) -> Row:
        """One as the desk sees it; the reading is audited. Errors: `NotFoundError`."""
        row = self._of_towns(self.matters.rows(), town_ids).filter(pk=number).first()
        if row is None:
            raise self.matters.missing()
        self.matters.record("read", row, user_id=user_id, at=at, is_read=True)
        return row

    def locked(self, *, town_ids: Collection[int], number: int, what: Event, user_id: int) -> Row:
        """The row for `what`, which its state allows, and which no colleague has in hand but for settling just that.

        Errors: `NotFoundError`, `NotNow`, `InOtherHands`.
        """
        row = self._of_towns(self.matters.locked(), town_ids).filter(pk=number).first()
        if row is None:
            raise self.matters.missing()
        if next_state(self.matters.table, row.state, what) is None:
            raise NotNow
        if what not in _HANDS and row.taken_by is not None and row.taken_by_id != user_id:
            raise InOtherHands(name_of(row.taken_by))
        return row

    @transaction.atomic
    def take(self, *, town_ids: Collection[int], number: int, user_id: int, at: dt.datetime, note: str = "") -> None:
        """Take it to oneself; from a colleague only with a reason.

        Errors: `NotFoundError`, `NotNow` (also when it is one's own already), `TextMissing`.
        """
        row = self.locked(town_ids=town_ids, number=number, what=Event.TAKE, user_id=user_id)
        if row.taken_by_id == user_id:
            raise NotNow
        if row.taken_by is not None:
            if not note.strip():
                raise TextMissing(_("Напишіть, чому берете роботу колеги."))
            note = f"{name_of(row.taken_by)}: {note.strip()}"
        row.taken_by_id = user_id
        self.matters.step(row, Event.TAKE, user_id=user_id, at=at, note=note)

    @transaction.atomic
    def take_many(self, *, town_ids: Collection[int], numbers: Collection[int], user_id: int, at: dt.datetime) -> int:
        """Take of these all that wait and are nobody's; how many."""
        rows = self._of_towns(self.matters.locked(), town_ids)
        found = list(rows.filter(pk__in=numbers, state__in=OPEN, taken_by=None).order_by("pk"))
        for row in found:
            row.taken_by_id = user_id
            self.matters.step(row, Event.TAKE, user_id=user_id, at=at)
        return len(found)

    @transaction.atomic
    def hand_over(
        self, *, town_ids: Collection[int], number: int, colleague_id: int, note: str, user_id: int, at: dt.datetime
    ) -> None:
        """Give it to a colleague of the same town. Errors: `NotFoundError`, `NotNow`, `TextMissing`."""
        row = self.locked(town_ids=town_ids, number=number, what=Event.HAND_OVER, user_id=user_id)
        others = colleagues(town_id=row.office.town_id, user_id=user_id)
        target = next((one for one in others if one.id == colleague_id), None)
        if target is None or row.taken_by_id == colleague_id:
            raise TextMissing(_("Виберіть колегу."))
        row.taken_by_id = colleague_id
        note = f"{target.name}: {note.strip()}" if note.strip() else target.name
        self.matters.step(row, Event.HAND_OVER, user_id=user_id, at=at, note=note)

    @transaction.atomic
    def release(self, *, town_ids: Collection[int], number: int, user_id: int, at: dt.datetime) -> None:
        """Put one's own back into the queue: it is nobody's again. Errors: `NotFoundError`, `NotNow`."""
        row = self.locked(town_ids=town_ids, number=number, what=Event.RELEASE, user_id=user_id)
        if row.taken_by_id != user_id:
            raise NotNow
        row.taken_by_id = None
        self.matters.step(row, Event.RELEASE, user_id=user_id, at=at)
