"""What the CNAP keeps of a person. What was sent is sealed by law and by triggers; the rest can be erased."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath

from domivka.cnap.history import told
from domivka.cnap.models import (
    Application,
    ApplicationFile,
    ApplicationStep,
    Case,
    CaseStage,
    Consultation,
    ConsultationFile,
    ConsultationStep,
    Document,
    Message,
)
from domivka.cnap.rules.states import State
from domivka.cnap.store import store
from domivka.kernel.personal import PersonalData, PersonalFile, rows


def personal_data(*, user_id: int) -> PersonalData:
    """The library, consultations, applications, cases and messages, with every file."""
    documents = Document.objects.filter(user_id=user_id).order_by("pk")
    questions = ConsultationFile.objects.filter(consultation__user_id=user_id).order_by("pk")
    slots = ApplicationFile.objects.filter(application__user_id=user_id).order_by("pk")
    digest = "file__sha256"
    joined = slots.filter(file__isnull=False)
    files = [
        *_files("documents", documents.values_list("pk", "pk", "name", digest)),
        *_files("consultations", questions.values_list("consultation_id", "pk", "name", digest)),
        *_files("applications", joined.values_list("application_id", "pk", "name", digest)),
    ]
    return PersonalData({**_asked(user_id), **_applied(user_id)}, files)


def _files(folder: str, found: Iterable[tuple[int, int, str, str]]) -> Iterable[PersonalFile]:
    """`applications/17/305-passport.pdf`: of what, and the number of the file, for names repeat."""
    for of, pk, name, digest in found:
        yield PersonalFile(f"{folder}/{of}/{pk}-{PurePosixPath(name).name}", partial(store().read, digest))


def _asked(user_id: int) -> dict[str, list[dict[str, object]]]:
    of = {"consultation__user_id": user_id}
    return {
        "documents": rows(
            Document.objects.filter(user_id=user_id).order_by("pk"), "id", "name", "saved_at", size="file__size",
            sha256="file__sha256",
        ),
        "consultations": rows(
            Consultation.objects.filter(user_id=user_id).order_by("pk"),
            "id", "topic", "question", "state", "created_at", "sent_at", "due_on", "content_hash", "answer",
            "answered_by_name", "answered_at", office="office__name",
        ),
        "consultation_files": rows(ConsultationFile.objects.filter(**of).order_by("pk"), "id", "consultation_id", "name"),
        "consultation_steps": rows(
            told(ConsultationStep.objects.filter(**of), inside=False), "consultation_id", "event", "state", "at",
            note="told",
        ),
        "messages": rows(
            Message.objects.filter(user_id=user_id).order_by("pk"), "subject", "body", "sent_at", "sender_name", "read_at"
        ),
    }  # fmt: skip


def _applied(user_id: int) -> dict[str, list[dict[str, object]]]:
    of = {"application__user_id": user_id}
    return {
        "applications": rows(
            Application.objects.filter(user_id=user_id).order_by("pk"),
            "id", "object", "address", "state", "created_at", "sent_at", "due_on", "content_hash", "asked", "reason",
            "answer", "answered_by_name", "answered_at",
            service="offer__service__name", office="offer__office__name", subject="offer__subject__name",
        ),
        "application_files": rows(
            ApplicationFile.objects.filter(**of).order_by("pk"),
            "id", "application_id", "slot_name", "name", "skipped", "added_at",
        ),
        "application_steps": rows(
            told(ApplicationStep.objects.filter(**of), inside=False), "application_id", "event", "state", "at",
            note="told",
        ),
        "cases": rows(Case.objects.filter(user_id=user_id).order_by("pk"), "id", "number", "application_id", "opened_at"),
        "case_stages": rows(
            CaseStage.objects.filter(case__user_id=user_id).order_by("pk"),
            "case_id", "name", "handed_on", "result", "document_on", "returned_on", subject="subject__name",
        ),
    }  # fmt: skip


def erase_person(*, user_id: int) -> None:
    """Drafts, messages and documents go; a document that stands in a sent application is a part of it and stays.

    Contents of files are dropped by the nightly sweep, once nothing refers to them.
    """
    Consultation.objects.filter(user_id=user_id, state=State.DRAFT).delete()
    Application.objects.filter(user_id=user_id, state=State.DRAFT).delete()
    Message.objects.filter(user_id=user_id).delete()
    Document.objects.filter(user_id=user_id).exclude(applicationfile__isnull=False).delete()


def open_matters(*, user_id: int) -> int:
    """How many consultations and applications of the person still wait for an answer. Two queries."""
    asked = Consultation.objects.filter(user_id=user_id, state=State.WAITING).count()
    return asked + Application.objects.filter(user_id=user_id, state__in=[State.WAITING, State.INCOMPLETE]).count()
