"""Centres (ЦНАП) and providing bodies (СНАП) of a town: the same ones for consultations, applications, cases and visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from domivka.cnap.errors import StillUsed, TextMissing
from domivka.cnap.models import Offer, Office, Subject
from domivka.kernel import audit, clock
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class OfficeView:
    """A centre (ЦНАП); nothing new begins there from `closed_from` on."""

    id: int
    town_id: int
    name: str
    address: str
    phone: str
    email: str = ""
    hours_text: str = ""
    closed_from: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A providing body (СНАП)."""

    id: int
    town_id: int
    name: str
    address: str
    phone: str
    email: str
    closed_from: dt.date | None


@dataclass(frozen=True, slots=True)
class OfficeCard:
    """A centre with the bodies whose services are asked for there."""

    office: OfficeView
    subjects: tuple[SubjectView, ...]


_OFFICE = ("pk", "town_id", "name", "address", "phone", "email", "hours_text", "closed_from")
_SUBJECT = ("pk", "town_id", "name", "address", "phone", "email", "closed_from")


def open_on(on: dt.date, path: str = "") -> Q:
    """The condition that the office or body behind `path` is open on that day."""
    return Q(**{f"{path}closed_from__isnull": True}) | Q(**{f"{path}closed_from__gt": on})


def is_closed(one: OfficeView | SubjectView | Office | Subject, on: dt.date) -> bool:
    return one.closed_from is not None and one.closed_from <= on


def offices(
    *, town_ids: Collection[int] | None = None, on: dt.date | None = None, also_closed: bool = False
) -> list[OfficeView]:
    """Centres of these towns, or of all (None), that are open on that day (None: today), by name. One query."""
    rows = Office.objects.order_by("name")
    if not also_closed:
        rows = rows.filter(open_on(on or clock.today()))
    if town_ids is not None:
        rows = rows.filter(town_id__in=town_ids)
    return [OfficeView(*row) for row in rows.values_list(*_OFFICE)]


def office(*, office_id: int) -> OfficeView:
    """A centre that is open today; `NotFoundError`."""
    row = Office.objects.filter(open_on(clock.today()), pk=office_id).values_list(*_OFFICE).first()
    if row is None:
        raise _no_office()
    return OfficeView(*row)


def _no_office() -> NotFoundError:
    return NotFoundError(_("Такого ЦНАП немає."))


def cards(*, town_id: int) -> list[OfficeCard]:
    """Every centre of the town, closed ones last. Two queries."""
    rows = Office.objects.filter(town_id=town_id).order_by("closed_from", "name").prefetch_related("subjects")
    found = sorted(rows, key=lambda row: (row.closed_from is not None, row.name))
    return [
        OfficeCard(
            OfficeView(*(getattr(row, field) for field in _OFFICE)),
            tuple(
                sorted(
                    (SubjectView(*(getattr(one, field) for field in _SUBJECT)) for one in row.subjects.all()),
                    key=lambda one: one.name,
                )
            ),
        )
        for row in found
    ]


def card(*, town_ids: Collection[int], office_id: int) -> OfficeCard:
    """A centre of these towns, closed or not; `NotFoundError`."""
    town_id = Office.objects.filter(town_id__in=town_ids, pk=office_id).values_list("town_id", flat=True).first()
    if town_id is None:
        raise _no_office()
    return next(one for one in cards(town_id=town_id) if one.office.id == office_id)


def save_office(
    *,
    town_id: int,
    name: str,
    address: str,
    phone: str = "",
    email: str = "",
    hours_text: str = "",
    subject_ids: Collection[int] | None = None,
    office_id: int | None = None,
    user_id: int | None = None,
    at: dt.datetime | None = None,
) -> int:
    """A centre, new (None) or changed, with exactly these bodies (None: as they were); its id. `at` None: now.

    Errors: `NotFoundError`, `TextMissing` (also a name that is taken), `StillUsed` (a body whose services are asked for here).
    """
    name, address = name.strip()[:200], address.strip()[:200]
    if not name or not address:
        raise TextMissing(_("Напишіть назву та адресу."))
    if Office.objects.filter(town_id=town_id, name=name).exclude(pk=office_id or 0).exists():
        raise TextMissing(_("ЦНАП з такою назвою вже є."))
    with transaction.atomic():
        row = Office(town_id=town_id) if office_id is None else _locked_office(town_id, office_id)
        row.name, row.address, row.phone, row.email = name, address, phone.strip()[:40], email.strip()
        row.hours_text = hours_text.strip()[:400]
        row.save()
        if subject_ids is not None:
            _set_subjects(row, subject_ids)
        _record("office_saved", "cnap_office", row, user_id, at or clock.now())
    return row.pk


def _set_subjects(row: Office, subject_ids: Collection[int]) -> None:
    wanted = Subject.objects.filter(town_id=row.town_id, pk__in=subject_ids)
    used = Offer.objects.filter(office=row, is_active=True).exclude(subject__in=wanted).select_related("subject")
    for offer in used[:1]:
        raise StillUsed(
            _("%(name)s ще надає тут послуги. Спершу припиніть їх у каталозі.") % {"name": offer.subject.name}
        )
    row.subjects.set(wanted)


def _locked_office(town_id: int, office_id: int) -> Office:
    row = Office.objects.select_for_update().filter(town_id=town_id, pk=office_id).first()
    if row is None:
        raise _no_office()
    return row


def close_office(
    *, town_id: int, office_id: int, closed_from: dt.date | None, user_id: int | None, at: dt.datetime
) -> None:
    """Close a centre from a day on (today or later), or keep it open (None). What was sent to it stays in the queue.

    Errors: `NotFoundError`, `TextMissing` (a day that has passed).
    """
    _check_closing(closed_from, at)
    with transaction.atomic():
        row = _locked_office(town_id, office_id)
        row.closed_from = closed_from
        row.save()
        _record("office_closed" if closed_from else "office_opened", "cnap_office", row, user_id, at)


def _check_closing(closed_from: dt.date | None, at: dt.datetime) -> None:
    if closed_from is not None and closed_from < at.astimezone(KYIV).date():
        raise TextMissing(_("Виберіть сьогоднішній або пізніший день: минуле не змінюється."))


def subjects(*, town_ids: Collection[int], on: dt.date | None = None) -> list[SubjectView]:
    """Bodies of these towns by name; with a day, only those open then. One query."""
    rows = Subject.objects.filter(town_id__in=town_ids).order_by("name")
    if on is not None:
        rows = rows.filter(open_on(on))
    return [SubjectView(*row) for row in rows.values_list(*_SUBJECT)]


def subject(*, town_ids: Collection[int], subject_id: int) -> SubjectView:
    """A body of these towns; `NotFoundError`."""
    row = Subject.objects.filter(town_id__in=town_ids, pk=subject_id).values_list(*_SUBJECT).first()
    if row is None:
        raise _no_subject()
    return SubjectView(*row)


def _no_subject() -> NotFoundError:
    return NotFoundError(_("Такого СНАП немає."))


def save_subject(
    *,
    town_id: int,
    subject_id: int | None,
    name: str,
    address: str,
    phone: str,
    email: str,
    user_id: int | None,
    at: dt.datetime,
) -> int:
    """A providing body, new (None) or changed; its id. Errors: `NotFoundError`, `TextMissing`."""
    name = name.strip()[:200]
    if not name:
        raise TextMissing(_("Напишіть назву СНАП."))
    if Subject.objects.filter(town_id=town_id, name=name).exclude(pk=subject_id or 0).exists():
        raise TextMissing(_("СНАП з такою назвою вже є."))
    with transaction.atomic():
        row = Subject(town_id=town_id) if subject_id is None else _locked_subject(town_id, subject_id)
        row.name, row.address, row.phone, row.email = name, address.strip()[:200], phone.strip()[:40], email.strip()
        row.save()
        _record("subject_saved", "cnap_subject", row, user_id, at)
    return row.pk


def _locked_subject(town_id: int, subject_id: int) -> Subject:
    row = Subject.objects.select_for_update().filter(town_id=town_id, pk=subject_id).first()
    if row is None:
        raise _no_subject()
    return row


def close_subject(
    *, town_id: int, subject_id: int, closed_from: dt.date | None, user_id: int | None, at: dt.datetime
) -> None:
    """Nothing new goes to the body from a day on (today or later); None: it works on. Errors: `NotFoundError`, `TextMissing`."""
    _check_closing(closed_from, at)
    with transaction.atomic():
        row = _locked_subject(town_id, subject_id)
        row.closed_from = closed_from
        row.save()
        _record("subject_closed" if closed_from else "subject_opened", "cnap_subject", row, user_id, at)


def _record(what: str, kind: str, row: Office | Subject, user_id: int | None, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"cnap.{what}", object_kind=kind, object_id=row.pk, town_id=row.town_id,
        detail={"closed_from": row.closed_from.isoformat()} if row.closed_from else {},
    )  # fmt: skip
