"""«Звернення» of a resident: a draft until it is sent, then read-only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import files, offices, terms
from domivka.cnap.errors import FilesTooLarge, OfficeClosed, TextMissing
from domivka.cnap.history import StepView, history
from domivka.cnap.lists import ALL, Wanted, narrowed, ordered
from domivka.cnap.matters import Matters, digest
from domivka.cnap.models import AnswerTerm, Consultation, ConsultationFile
from domivka.cnap.rules.files import Kind
from domivka.cnap.rules.states import CONSULTATION, Event
from domivka.cnap.words import Awaited, OfState, contacts
from domivka.identity import api as identity
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError

_TWICE: Final = dt.timedelta(minutes=1)
FILES_MB: Final = 4  # seed S2: «Розмір завантаження не може перевищувати 4Мб», all files of one consultation


def _missing() -> NotFoundError:
    return NotFoundError(_("Такого звернення немає."))


CONSULTATIONS: Final = Matters(
    "consultation", CONSULTATION, _missing, lambda: Consultation.objects.select_related("office")
)


@dataclass(frozen=True, slots=True)
class ConsultationRow(OfState):
    """A line of the list."""

    id: int
    topic: str
    state: str
    sent_at: dt.datetime | None
    answered_by: str
    answered_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ConsultationView(Awaited):
    """A consultation with everything its page shows."""

    id: int
    user_id: int
    town_id: int
    office_id: int
    office: str
    office_contacts: str
    topic: str
    question: str
    state: str
    files: tuple[files.FileView, ...]
    steps: tuple[StepView, ...]
    sent_at: dt.datetime | None
    due_on: dt.date | None
    content_hash: str
    taken_by_id: int | None
    answer: str
    answered_by: str
    answered_at: dt.datetime | None

    @property
    def files_size(self) -> int:
        """Bytes of all its files."""
        return sum(one.size for one in self.files)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved draft, and the files that were not taken; `again`: the same was saved a moment ago, nothing was done."""

    id: int
    refused: list[files.RefusedFile]
    again: bool = False


def save_consultation(
    *,
    user_id: int,
    consultation_id: int | None,
    office_id: int,
    topic: str,
    question: str,
    uploads: Sequence[files.Upload],
    at: dt.datetime,
    once: bool = False,
) -> Saved:
    """Write or change a draft and join files to it, 4 MB in all. Files that cannot be taken are returned, the rest is saved.

    `once`: a new one in the words of another of the last minute is that one, for the button was pressed twice.

    Errors: `NotFoundError`, `TextMissing`, `AlreadySent`.
    """
    if not topic.strip() or not question.strip():
        raise TextMissing(_("Напишіть тему консультації та питання."))
    offices.office(office_id=office_id)
    checked, refused = files.look_at(uploads=dict(enumerate(uploads)), limit_mb=FILES_MB)
    with transaction.atomic():
        if consultation_id is None:
            twin = _twin(user_id, office_id, topic, question, at) if once else None
            if twin is not None:
                return Saved(twin, [], again=True)
            row = Consultation(user_id=user_id, created_at=at)
        else:
            row = CONSULTATIONS.draft(user_id=user_id, number=consultation_id)
        row.office_id, row.topic, row.question = office_id, topic.strip()[:200], question.strip()
        row.save()
        room = FILES_MB * files.MEGABYTE - sum(row.files.values_list("file__size", flat=True))
        for number, one in checked.items():
            if len(one.content) > room:
                refused[number] = files.RefusedFile(one.name, str(FilesTooLarge(FILES_MB)))
                continue
            room -= len(one.content)
            ConsultationFile.objects.create(consultation=row, file=files.keep(checked=one, at=at), name=one.name)
        CONSULTATIONS.record("saved", row, user_id=user_id, at=at)
    return Saved(row.pk, [refused[number] for number in sorted(refused)])


def _twin(user_id: int, office_id: int, topic: str, question: str, at: dt.datetime) -> int | None:
    """The same words to the same centre a moment ago; nobody else of the person's requests looks meanwhile."""
    identity.lock_person(user_id=user_id)
    recent = Consultation.objects.filter(user_id=user_id, office_id=office_id, created_at__gt=at - _TWICE)
    return recent.filter(topic=topic.strip()[:200], question=question.strip()).values_list("pk", flat=True).first()


def remove_file(*, user_id: int, consultation_id: int, file_id: int, at: dt.datetime) -> None:
    """Take a file off a draft. Errors: `NotFoundError`, `AlreadySent`."""
    with transaction.atomic():
        row = CONSULTATIONS.draft(user_id=user_id, number=consultation_id)
        if not row.files.filter(pk=file_id).delete()[0]:
            raise NotFoundError(_("Такого файлу немає."))
        CONSULTATIONS.record("saved", row, user_id=user_id, at=at)


def delete_consultation(*, user_id: int, consultation_id: int, at: dt.datetime) -> None:
    """Delete a draft. Errors: `NotFoundError`, `AlreadySent`."""
    with transaction.atomic():
        row = CONSULTATIONS.draft(user_id=user_id, number=consultation_id)
        CONSULTATIONS.record("deleted", row, user_id=user_id, at=at)
        row.delete()


def send_consultation(*, user_id: int, consultation_id: int, at: dt.datetime) -> None:
    """«Відправити адміністратору ЦНАП»: from now on nothing of it changes.

    Errors: `NotFoundError`, `AlreadySent`, `OfficeClosed`.
    """
    with transaction.atomic():
        row = CONSULTATIONS.draft(user_id=user_id, number=consultation_id)
        if offices.is_closed(row.office, at.astimezone(KYIV).date()):
            raise OfficeClosed
        row.sent_at, row.content_hash = at, seal(row)
        row.due_on = terms.due(town_id=row.office.town_id, kind=AnswerTerm.Kind.CONSULTATION, at=at)
        CONSULTATIONS.step(row, Event.SEND, user_id=user_id, at=at)


def seal(row: Consultation) -> str:
    """SHA-256 of what the resident wrote and joined."""
    joined = [[name, of_file] for name, of_file in row.files.order_by("pk").values_list("name", "file__sha256")]
    return digest({"topic": row.topic, "question": row.question, "files": joined})


def _wanted(user_id: int, wanted: Wanted) -> QuerySet[Consultation]:
    return narrowed(Consultation.objects.filter(user_id=user_id), wanted, "topic", "question")


def count_consultations(*, user_id: int, wanted: Wanted = ALL) -> int:
    return _wanted(user_id, wanted).count()


def consultations_of(*, user_id: int, limit: int, offset: int = 0, wanted: Wanted = ALL) -> list[ConsultationRow]:
    """«Звернення» of a person. One query."""
    rows = ordered(_wanted(user_id, wanted), wanted)
    fields = ("pk", "topic", "state", "sent_at", "answered_by_name", "answered_at")
    return [ConsultationRow(*row) for row in rows.values_list(*fields)[offset : offset + limit]]


def consultation(*, user_id: int, consultation_id: int) -> ConsultationView:
    """A consultation of the person; `NotFoundError` for other people's. Three queries."""
    row = CONSULTATIONS.rows().filter(user_id=user_id, pk=consultation_id).first()
    if row is None:
        raise _missing()
    return view(row)


def view(row: Consultation, *, inside: bool = False) -> ConsultationView:
    """For its page; see `history` for `inside`."""
    joined = row.files.select_related("file").order_by("pk")
    return ConsultationView(
        id=row.pk,
        user_id=row.user_id,
        town_id=row.office.town_id,
        office_id=row.office_id,
        office=row.office.name,
        office_contacts=contacts(row.office.name, row.office.address, row.office.phone),
        topic=row.topic,
        question=row.question,
        state=row.state,
        files=tuple(
            files.FileView(one.pk, one.name, Kind(one.file.kind), one.file.size, one.file.sha256) for one in joined
        ),
        steps=history(
            begun=_("Звернення створено"),
            created_at=row.created_at,
            steps=row.steps.all(),
            state=row.state,
            due_on=row.due_on,
            inside=inside,
        ),
        sent_at=row.sent_at,
        due_on=row.due_on,
        content_hash=row.content_hash,
        taken_by_id=row.taken_by_id,
        answer=row.answer,
        answered_by=row.answered_by_name,
        answered_at=row.answered_at,
    )
