"""«Справи»: stages of an application at the providing bodies, found by the full number; one's own need no typing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from domivka.cnap.errors import NotNow, TextMissing
from domivka.cnap.models import Application, Case, CaseStage, Subject
from domivka.cnap.rules.states import State
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import DomainError, NotFoundError


class CaseNumberTaken(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Справа з таким номером уже є."))


class StageDatesWrong(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Документ і оригінал не можуть мати дату, ранішу за дату передачі заяви."))


@dataclass(frozen=True, slots=True)
class StageView:
    """A line of the seed's table: stage, СНАП, handed over, result, date of the document, original handed back."""

    id: int
    name: str
    subject: str
    handed_on: dt.date
    result: str
    document_on: dt.date | None
    returned_on: dt.date | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case without a word about whose it is."""

    id: int
    number: str
    opened_on: dt.date
    application_id: int | None
    stages: tuple[StageView, ...]

    @property
    def last(self) -> StageView | None:
        return self.stages[-1] if self.stages else None


def open_case(
    *, town_ids: Collection[int], number: str, application_id: int | None, user_id: int, at: dt.datetime
) -> int:
    """A case of an application that was sent, or (None) of a paper one of the only town there is; its id.

    Errors: `NotFoundError`, `TextMissing` (also a paper one without its town), `NotNow` (the application has its case), `CaseNumberTaken`.
    """
    if not number.strip():
        raise TextMissing(_("Напишіть повний номер справи."))
    if application_id is None and len(town_ids) != 1:
        raise TextMissing(_("Виберіть місто паперової заяви."))
    row = Case(town_id=min(town_ids), number=number.strip()[:40], opened_at=at)
    if application_id is not None:
        found = Application.objects.filter(pk=application_id, offer__office__town_id__in=town_ids)
        about = found.exclude(state=State.DRAFT).select_related("offer__office").first()
        if about is None:
            raise NotFoundError(_("Такої заяви немає."))
        if Case.objects.filter(application=about).exists():
            raise NotNow
        row.application, row.user_id, row.town_id = about, about.user_id, about.offer.office.town_id
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise CaseNumberTaken from error
        _record("opened", row, user_id, at)
    return row.pk


def save_stage(
    *,
    town_ids: Collection[int],
    case_id: int,
    stage_id: int | None,
    name: str,
    subject: str,
    handed_on: dt.date,
    result: str,
    document_on: dt.date | None,
    returned_on: dt.date | None,
    user_id: int,
    at: dt.datetime,
) -> int:
    """A stage of a case, new (None) or changed; the subject (СНАП) by its name. Errors: `NotFoundError`, `TextMissing`,
    `StageDatesWrong`."""
    if not name.strip() or not subject.strip():
        raise TextMissing(_("Напишіть етап розгляду та назву СНАП."))
    if any(day is not None and day < handed_on for day in (document_on, returned_on)):
        raise StageDatesWrong
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(pk=case_id, town_id__in=town_ids).first()
        if case is None:
            raise no_case()
        row = CaseStage(case=case) if stage_id is None else case.stages.filter(pk=stage_id).first()
        if row is None:
            raise NotFoundError(_("Такого етапу немає."))
        row.subject, _made = Subject.objects.get_or_create(town_id=case.town_id, name=subject.strip()[:200])
        row.name, row.handed_on, row.result = name.strip()[:300], handed_on, result.strip()[:200]
        row.document_on, row.returned_on = document_on, returned_on
        row.save()
        _record("stage_saved", case, user_id, at)
    return row.pk


@transaction.atomic
def remove_stage(*, town_ids: Collection[int], case_id: int, stage_id: int, user_id: int, at: dt.datetime) -> None:
    """Take away a stage that was put by mistake. Errors: `NotFoundError`."""
    case = Case.objects.select_for_update().filter(pk=case_id, town_id__in=town_ids).first()
    if case is None:
        raise no_case()
    if not case.stages.filter(pk=stage_id).delete()[0]:
        raise NotFoundError(_("Такого етапу немає."))
    _record("stage_removed", case, user_id, at)


def no_case() -> NotFoundError:
    return NotFoundError(_("Справи з таким номером немає. Перевірте номер: потрібен повний."))


def _record(what: str, row: Case, user_id: int, at: dt.datetime, *, is_read: bool = False) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"cnap.case_{what}", object_kind="case", object_id=row.pk, town_id=row.town_id,
        is_read=is_read, person_ids=[row.user_id],
    )  # fmt: skip


def case_by_number(*, number: str) -> CaseView:
    """The case of exactly this number; `NotFoundError`. Two queries."""
    rows = Case.objects.filter(number=number.strip())
    for found in _views(rows):
        return found
    raise no_case()


def count_cases(*, user_id: int) -> int:
    return Case.objects.filter(user_id=user_id).count()


def cases_of(*, user_id: int, limit: int, offset: int = 0) -> list[CaseView]:
    """The person's own cases, newest first. Two queries."""
    rows = Case.objects.filter(user_id=user_id).order_by("-opened_at", "-pk")
    return _views(rows[offset : offset + limit])


def count_town_cases(*, town_ids: Collection[int], number: str = "") -> int:
    return _of_towns(town_ids, number).count()


def town_cases(*, town_ids: Collection[int], number: str = "", limit: int, offset: int = 0) -> list[CaseView]:
    """Cases of the towns, newest first; only those whose number has this in it. Two queries."""
    return _views(_of_towns(town_ids, number).order_by("-opened_at", "-pk")[offset : offset + limit])


def _of_towns(town_ids: Collection[int], number: str) -> QuerySet[Case]:
    return Case.objects.filter(town_id__in=town_ids, number__icontains=number.strip())


def opened(*, town_ids: Collection[int], case_id: int, user_id: int, at: dt.datetime) -> CaseView:
    """A case of the towns as the desk sees it; the reading is audited. `NotFoundError`."""
    row = Case.objects.filter(town_id__in=town_ids, pk=case_id).first()
    if row is None:
        raise no_case()
    _record("read", row, user_id, at, is_read=True)
    return _views([row])[0]


def _views(rows: Iterable[Case]) -> list[CaseView]:
    cases = list(rows)
    stages: dict[int, list[StageView]] = {one.pk: [] for one in cases}
    fields = ("case_id", "pk", "name", "subject__name", "handed_on", "result", "document_on", "returned_on")
    if cases:
        found = CaseStage.objects.filter(case__in=cases).order_by("handed_on", "pk")
        for case_id, *row in found.values_list(*fields):
            stages[case_id].append(StageView(*row))
    return [
        CaseView(one.pk, one.number, one.opened_at.astimezone(KYIV).date(), one.application_id, tuple(stages[one.pk]))
        for one in cases
    ]
