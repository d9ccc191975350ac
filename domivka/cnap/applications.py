"""«Заяви» of a resident: a draft with its slots until it is sent, then read-only but for documents that are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from domivka.cnap import files, terms
from domivka.cnap.errors import AlreadySent, Incomplete, NoFile, NotOffered, TextMissing
from domivka.cnap.history import StepView, history
from domivka.cnap.lists import ALL, Wanted, narrowed, ordered
from domivka.cnap.matters import Matters, digest
from domivka.cnap.models import (
    AnswerTerm,
    Application,
    ApplicationFile,
    Document,
    DocumentSlot,
    Offer,
    StoredFile,
)
from domivka.cnap.offices import open_on
from domivka.cnap.rules.complete import Slot, missing
from domivka.cnap.rules.files import Kind
from domivka.cnap.rules.states import APPLICATION, Event, State, next_state
from domivka.cnap.words import Awaited, OfState, contacts
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money

_IN_ORDER: Final = F("slot__position").asc(nulls_last=True)
TOPIC: Final = Coalesce(NullIf("service_name", Value("")), "offer__service__name")
"""The service: of a sent application as it was called then."""


def _missing() -> NotFoundError:
    return NotFoundError(_("Такої заяви немає."))


def _rows() -> QuerySet[Application]:
    return Application.objects.select_related("offer__office", "offer__service", "offer__subject")


APPLICATIONS: Final = Matters("application", APPLICATION, _missing, _rows)


@dataclass(frozen=True, slots=True)
class ApplicationRow(OfState):
    """A line of the list."""

    id: int
    service: str
    state: str
    sent_at: dt.datetime | None
    answered_by: str
    answered_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class FilledSlot:
    """A slot of an application with its file; `slot.id` is 0 for a document that was asked for later."""

    slot: Slot
    file: files.FileView | None


@dataclass(frozen=True, slots=True)
class ApplicationView(Awaited):
    """An application with everything its page shows."""

    id: int
    user_id: int
    town_id: int
    service_id: int
    offer_id: int
    office_id: int
    service: str
    office: str
    office_contacts: str
    subject: str
    fee: Money
    object: str
    address: str
    state: str
    slots: tuple[FilledSlot, ...]
    steps: tuple[StepView, ...]
    sent_at: dt.datetime | None
    due_on: dt.date | None
    content_hash: str
    asked: str
    taken_by_id: int | None
    reason: str
    answer: str
    answered_by: str
    answered_at: dt.datetime | None

    @property
    def is_incomplete(self) -> bool:
        return self.state == State.INCOMPLETE

    @property
    def missing(self) -> list[Slot]:
        return missing(one.slot for one in self.slots)


def start_application(
    *, user_id: int, service_id: int, offer_id: int, object: str, address: str, at: dt.datetime
) -> int:
    """A new draft; its id. Errors: `NotOffered`, `TextMissing`."""
    _check_words(object, address)
    with transaction.atomic():
        offer = _offer(service_id, offer_id, at)
        row = Application.objects.create(
            user_id=user_id, offer=offer, object=object.strip()[:200], address=address.strip()[:300], created_at=at
        )
        APPLICATIONS.record("saved", row, user_id=user_id, at=at)
    return row.pk


def _check_words(object: str, address: str) -> None:
    if not object.strip() or not address.strip():
        raise TextMissing(_("Заповніть об'єкт та його фактичну адресу."))


def _offer(service_id: int, offer_id: int, at: dt.datetime) -> Offer:
    on = at.astimezone(KYIV).date()
    rows = Offer.objects.filter(open_on(on, "office__"), open_on(on, "subject__"), is_active=True)
    rows = rows.filter(service_id=service_id, service__is_active=True).select_related("office", "service", "subject")
    found = rows.filter(pk=offer_id).first()
    if found is None:
        raise NotOffered
    return found


def change_place(
    *, user_id: int, application_id: int, offer_id: int, object: str, address: str, at: dt.datetime
) -> None:
    """Change where a draft goes and what it is about. Errors: `NotFoundError`, `NotOffered`, `TextMissing`, `AlreadySent`."""
    _check_words(object, address)
    with transaction.atomic():
        row = APPLICATIONS.draft(user_id=user_id, number=application_id)
        row.offer = _offer(row.offer.service_id, offer_id, at)
        row.object, row.address = object.strip()[:200], address.strip()[:300]
        row.save()
        APPLICATIONS.record("saved", row, user_id=user_id, at=at)


def save_documents(
    *,
    user_id: int,
    application_id: int,
    uploads: Mapping[int, files.Upload],
    documents: Mapping[int, int],
    skipped: Collection[int],
    cleared: Collection[int],
    at: dt.datetime,
) -> list[files.RefusedFile]:
    """Change the slots of a draft: by slot id a new file from the disk, or a document of the library; slots that the
    person may leave empty; slots whose file goes. What could not be taken is returned, the rest is saved.

    Errors: `NotFoundError`, `AlreadySent`.
    """
    checked, refused = files.look_at(uploads=uploads, limit_mb=files.DOCUMENT_MB)
    with transaction.atomic():
        row = APPLICATIONS.draft(user_id=user_id, number=application_id)
        slots = {slot.pk: slot for slot in DocumentSlot.objects.filter(service_id=row.offer.service_id, is_active=True)}
        row.files.filter(slot_id__in=cleared).delete()
        row.files.filter(skipped=True).delete()
        for slot_id in skipped:
            slot = slots.get(slot_id)
            if slot is not None and slot.who_may_skip and not row.files.filter(slot=slot).exists():
                ApplicationFile.objects.create(
                    application=row, slot=slot, slot_name=slot.name, skipped=True, added_at=at
                )
        for slot_id, document_id in documents.items():
            document = Document.objects.filter(user_id=user_id, pk=document_id).select_related("file").first()
            if document is None:
                raise NotFoundError(_("Такого документа немає."))
            _fill(row, slots, slot_id, document.file, document.name, document, at)
        for slot_id, one in checked.items():
            _fill(row, slots, slot_id, files.keep(checked=one, at=at), one.name, None, at)
        APPLICATIONS.record("saved", row, user_id=user_id, at=at)
    return [replace(one, slot=slots[slot_id].name) for slot_id, one in refused.items() if slot_id in slots]


def _fill(
    row: Application,
    slots: Mapping[int, DocumentSlot],
    slot_id: int,
    file: StoredFile,
    name: str,
    document: Document | None,
    at: dt.datetime,
) -> None:
    slot = slots.get(slot_id)
    if slot is None:
        raise NotFoundError(_("Такого документа послуга не потребує."))
    what = {"slot_name": slot.name, "file": file, "name": name, "document": document, "skipped": False, "added_at": at}
    ApplicationFile.objects.update_or_create(application=row, slot=slot, defaults=what)


def delete_application(*, user_id: int, application_id: int, at: dt.datetime) -> None:
    """Delete a draft. Errors: `NotFoundError`, `AlreadySent`."""
    with transaction.atomic():
        row = APPLICATIONS.draft(user_id=user_id, number=application_id)
        APPLICATIONS.record("deleted", row, user_id=user_id, at=at)
        row.delete()


def send_application(*, user_id: int, application_id: int, at: dt.datetime) -> None:
    """From now on nothing of it changes. Errors: `NotFoundError`, `NotOffered`, `AlreadySent`, `Incomplete`."""
    with transaction.atomic():
        row = APPLICATIONS.draft(user_id=user_id, number=application_id)
        _offer(row.offer.service_id, row.offer_id, at)
        if missing(one.slot for one in _slots(row)):
            raise Incomplete
        row.files.filter(slot__is_active=False).delete()  # no longer asked for, so no longer shown
        _keep_words(row)
        row.sent_at, row.content_hash = at, seal(row)
        row.due_on = terms.due(
            town_id=row.office.town_id,
            kind=AnswerTerm.Kind.APPLICATION,
            at=at,
            service_id=row.offer.service_id,
        )
        APPLICATIONS.step(row, Event.SEND, user_id=user_id, at=at)


def _keep_words(row: Application) -> None:
    """What the catalogue says today stays with the application, whatever becomes of the catalogue."""
    row.service_name, row.fee_kop = row.offer.service.name, row.offer.service.fee_kop
    put = list(row.files.exclude(slot=None).select_related("slot"))
    for one in put:
        assert one.slot is not None  # noqa: S101 - the query says so
        one.slot_name, one.needed_when = one.slot.name, one.slot.needed_when
        one.who_may_skip = one.slot.who_may_skip
    ApplicationFile.objects.bulk_update(put, ["slot_name", "needed_when", "who_may_skip"])


def supply_document(*, user_id: int, application_id: int, upload: files.Upload | None, at: dt.datetime) -> None:
    """The document that the administrator asked for. Errors: `NotFoundError`, `NoFile`, `AlreadySent`, those of `files.check`."""
    if not Application.objects.filter(user_id=user_id, pk=application_id).exists():
        raise _missing()
    if upload is None:
        raise NoFile
    checked = files.check(upload=upload, limit_mb=files.DOCUMENT_MB)
    with transaction.atomic():
        row = APPLICATIONS.own(user_id=user_id, number=application_id)
        if next_state(APPLICATION, row.state, Event.SUPPLY) is None:
            raise AlreadySent
        kept = files.keep(checked=checked, at=at)
        ApplicationFile.objects.create(application=row, slot_name=row.asked, file=kept, name=checked.name, added_at=at)
        APPLICATIONS.step(row, Event.SUPPLY, user_id=user_id, at=at, note=checked.name)


def seal(row: Application) -> str:
    """SHA-256 of what the resident wrote and put into the slots when sending."""
    rows = row.files.filter(slot__isnull=False).order_by("slot_id")
    slots = [list(one) for one in rows.values_list("slot_name", "name", "file__sha256", "skipped")]
    return digest({"service": row.offer.service_id, "object": row.object, "address": row.address, "slots": slots})


def _wanted(user_id: int, wanted: Wanted) -> QuerySet[Application]:
    rows = Application.objects.filter(user_id=user_id)
    return narrowed(rows.annotate(called=TOPIC), wanted, "called", "object", "address")


def count_applications(*, user_id: int, wanted: Wanted = ALL) -> int:
    return _wanted(user_id, wanted).count()


def applications_of(*, user_id: int, limit: int, offset: int = 0, wanted: Wanted = ALL) -> list[ApplicationRow]:
    """«Заяви» of a person. One query."""
    rows = ordered(_wanted(user_id, wanted), wanted)
    fields = ("pk", "called", "state", "sent_at", "answered_by_name", "answered_at")
    return [ApplicationRow(*row) for row in rows.values_list(*fields)[offset : offset + limit]]


def application(*, user_id: int, application_id: int) -> ApplicationView:
    """An application of the person; `NotFoundError` for other people's."""
    row = _rows().filter(user_id=user_id, pk=application_id).first()
    if row is None:
        raise _missing()
    return view(row)


def _slots(row: Application) -> list[FilledSlot]:
    """Of a draft: what the service asks for now. Of a sent one: what stood there when it was sent."""
    put = {one.slot_id or -one.pk: one for one in row.files.select_related("file", "slot").order_by(_IN_ORDER, "pk")}
    if row.state == State.DRAFT:
        asked = row.offer.service.slots.filter(is_active=True).order_by("position", "pk")
        return [_filled(slot, put.get(slot.pk)) for slot in asked]
    return [_filled(one, one) for one in put.values()]


def _filled(words: DocumentSlot | ApplicationFile, put: ApplicationFile | None) -> FilledSlot:
    file = None
    if put is not None and put.file is not None:
        file = files.FileView(put.pk, put.name, Kind(put.file.kind), put.file.size, put.file.sha256, put.added_at)
    return FilledSlot(
        Slot(
            id=words.pk if isinstance(words, DocumentSlot) else words.slot_id or 0,
            name=words.name if isinstance(words, DocumentSlot) else words.slot_name,
            needed_when=words.needed_when,
            who_may_skip=words.who_may_skip,
            has_file=file is not None,
            skipped=put is not None and put.skipped,
        ),
        file,
    )


def view(row: Application, *, inside: bool = False) -> ApplicationView:
    """For its page; see `history` for `inside`."""
    return ApplicationView(
        id=row.pk,
        user_id=row.user_id,
        town_id=row.office.town_id,
        service_id=row.offer.service_id,
        offer_id=row.offer_id,
        office_id=row.offer.office_id,
        service=row.topic,
        office=row.office.name,
        office_contacts=contacts(row.office.name, row.office.address, row.office.phone),
        subject=row.offer.subject.name,
        fee=Money(row.fee_kop if row.sent_at else row.offer.service.fee_kop),
        object=row.object,
        address=row.address,
        state=row.state,
        slots=tuple(_slots(row)),
        steps=history(
            begun=_("Заяву створено"),
            created_at=row.created_at,
            steps=row.steps.all(),
            state=row.state,
            due_on=row.due_on,
            inside=inside,
        ),
        sent_at=row.sent_at,
        due_on=row.due_on,
        content_hash=row.content_hash,
        asked=row.asked,
        taken_by_id=row.taken_by_id,
        reason=row.reason,
        answer=row.answer,
        answered_by=row.answered_by_name,
        answered_at=row.answered_at,
    )
