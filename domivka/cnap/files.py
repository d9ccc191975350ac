"""Files of residents: checked by content, kept once by digest; and the library «Документи»."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import scanner
from domivka.cnap.errors import (
    DocumentInUse,
    FileEmpty,
    FileKindRefused,
    FileRefused,
    FileTooLarge,
    LibraryFull,
    NoFile,
    PictureTooLarge,
)
from domivka.cnap.lists import ALL, Wanted
from domivka.cnap.models import Document, StoredFile
from domivka.cnap.rules.files import MIME, PICTURES, POINTS_LIMIT, Kind, kind_of, points, safe_name, shown_name
from domivka.cnap.rules.states import State
from domivka.cnap.store import store
from domivka.identity import api as identity
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError

MEGABYTE: Final = 1024 * 1024
DOCUMENT_MB: Final = 5  # seed S2: «Розмір завантаження не може перевищувати 5Мб»
KEPT: Final = dt.timedelta(days=1)
"""How long a content that nobody refers to waits for the sweep."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: its safe name, its kind by content."""

    name: str
    kind: Kind
    content: bytes


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a person; `size` in bytes. `id` is of what refers to the content."""

    id: int
    name: str
    kind: Kind
    size: int
    sha256: str
    saved_at: dt.datetime | None = None

    @property
    def size_mb(self) -> str:
        """«0,36», at least «0,01»."""
        return f"{max(self.size / MEGABYTE, 0.01):.2f}".replace(".", ",")

    @property
    def mime(self) -> str:
        return MIME[self.kind]

    @property
    def is_picture(self) -> bool:
        return self.kind in PICTURES


def check(*, upload: Upload, limit_mb: int) -> Checked:
    """Look at size, content and viruses; outside of any transaction, since the scanner may be slow.

    Errors: `FileTooLarge`, `FileEmpty`, `FileKindRefused`, `PictureTooLarge`, `FileInfected`, `ScannerSilent`.
    """
    if not upload.content:
        raise FileEmpty
    if len(upload.content) > limit_mb * MEGABYTE:
        raise FileTooLarge(limit_mb)
    kind = kind_of(upload.content)
    if kind is None:
        raise FileKindRefused
    if points(upload.content, kind) > POINTS_LIMIT:
        raise PictureTooLarge
    scanner.scan(upload.content)
    return Checked(safe_name(upload.name, kind), kind, upload.content)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not taken, and why, in words; `slot` is the document it should have been, where there are slots."""

    name: str
    why: str
    slot: str = ""

    def __str__(self) -> str:
        words = _("Файл «%(name)s» не додано.") % {"name": self.name} + f" {self.why}"
        return f"{self.slot}: {words}" if self.slot else words


Key = TypeVar("Key")


def look_at(*, uploads: Mapping[Key, Upload], limit_mb: int) -> tuple[dict[Key, Checked], dict[Key, RefusedFile]]:
    """`check` every file: those that may be kept, and the others with the reason."""
    checked: dict[Key, Checked] = {}
    refused: dict[Key, RefusedFile] = {}
    for key, upload in uploads.items():
        try:
            checked[key] = check(upload=upload, limit_mb=limit_mb)
        except FileRefused as error:
            refused[key] = RefusedFile(shown_name(upload.name), str(error))
    return checked, refused


def keep(*, checked: Checked, at: dt.datetime) -> StoredFile:
    """Keep the content, in the caller's transaction. The row comes first: its lock holds off the sweep."""
    row = StoredFile(sha256=_digest(checked.content), kind=checked.kind, size=len(checked.content), touched_at=at)
    StoredFile.objects.bulk_create([row], update_conflicts=True, unique_fields=["sha256"], update_fields=["touched_at"])
    store().put(checked.content)
    return StoredFile.objects.get(sha256=row.sha256)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def add_documents(*, user_id: int, uploads: Sequence[Upload], at: dt.datetime) -> list[int]:
    """Put files into the person's library, all or none; ids of the documents.

    Errors: `NoFile`, `LibraryFull`, those of `check`.
    """
    if not uploads:
        raise NoFile
    checked = [check(upload=upload, limit_mb=DOCUMENT_MB) for upload in uploads]
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        if Document.objects.filter(user_id=user_id).count() + len(checked) > settings.CNAP_DOCUMENTS:
            raise LibraryFull(settings.CNAP_DOCUMENTS)
        made = [
            Document.objects.create(user_id=user_id, file=keep(checked=one, at=at), name=one.name, saved_at=at).pk
            for one in checked
        ]
        for pk in made:
            _record("added", pk, user_id, at)
    return made


def delete_document(*, user_id: int, document_id: int, at: dt.datetime) -> None:
    """Take a document out of the library. Errors: `NotFoundError`, `DocumentInUse`."""
    with transaction.atomic():
        row = Document.objects.select_for_update(of=("self",)).filter(user_id=user_id, pk=document_id).first()
        if row is None:
            raise _no_document()
        sent = row.applicationfile_set.exclude(application__state=State.DRAFT)
        used = sent.values_list("application_id", flat=True).first()
        if used is not None:
            raise DocumentInUse(used)
        row.delete()
        _record("deleted", document_id, user_id, at)


def _record(what: str, document_id: int, user_id: int, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"cnap.document_{what}", object_kind="document", object_id=document_id,
        person_ids=[user_id],
    )  # fmt: skip


def _wanted(user_id: int, wanted: Wanted) -> QuerySet[Document]:
    rows = Document.objects.filter(user_id=user_id)
    return rows.filter(name__icontains=wanted.text) if wanted.text else rows


def count_documents(*, user_id: int, wanted: Wanted = ALL) -> int:
    return _wanted(user_id, wanted).count()


def documents_of(*, user_id: int, limit: int, offset: int = 0, wanted: Wanted = ALL) -> list[FileView]:
    """The library, newest first unless `wanted` says otherwise. One query."""
    orders = {"old": ("saved_at", "pk"), "name": ("name", "pk"), "size": ("-file__size", "pk")}
    rows = _wanted(user_id, wanted).select_related("file").order_by(*orders.get(wanted.order, ("-saved_at", "-pk")))
    return [_view(row) for row in rows[offset : offset + limit]]


def document(*, user_id: int, document_id: int) -> FileView:
    """A document of the person; `NotFoundError` for other people's."""
    row = Document.objects.filter(user_id=user_id, pk=document_id).select_related("file").first()
    if row is None:
        raise _no_document()
    return _view(row)


def _no_document() -> NotFoundError:
    return NotFoundError(_("Такого документа немає."))


def _view(row: Document) -> FileView:
    return FileView(row.pk, row.name, Kind(row.file.kind), row.file.size, row.file.sha256, row.saved_at)


def sweep(*, at: dt.datetime) -> int:
    """Drop contents that nobody refers to and nobody touched for a day; how many."""
    unused = Q(touched_at__lt=at - KEPT) & Q(
        document__isnull=True, consultationfile__isnull=True, applicationfile__isnull=True
    )
    gone = 0
    for pk in StoredFile.objects.filter(unused).values_list("pk", flat=True):
        with transaction.atomic():
            row = StoredFile.objects.select_for_update(of=("self",), skip_locked=True).filter(unused, pk=pk).first()
            if row is not None:
                row.delete()
                store().drop(row.sha256)
                gone += 1
    return gone
