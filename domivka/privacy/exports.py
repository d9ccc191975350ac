"""«Вивантажити мої дані»: ask, make the archive, download, forget."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from domivka.identity import api as identity
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError
from domivka.kernel.personal import PersonalData
from domivka.notifications import api as notifications
from domivka.privacy import tasks
from domivka.privacy.collect import PARTS, subject
from domivka.privacy.models import Export
from domivka.privacy.readme import readme

STUCK = dt.timedelta(hours=1)
"""An export that is not ready by then is taken for lost and may be asked for again."""


@dataclass(frozen=True, slots=True)
class ExportView:
    """An export as its page shows it; `done` and `total` are parts."""

    id: int
    state: str
    asked_at: dt.datetime
    done: int
    total: int
    ready_at: dt.datetime | None
    expires_at: dt.datetime | None
    size: int
    is_stuck: bool

    @property
    def is_ready(self) -> bool:
        return self.state == Export.State.READY

    @property
    def is_failed(self) -> bool:
        return self.state == Export.State.FAILED or self.is_stuck

    @property
    def is_on_its_way(self) -> bool:
        return not self.is_ready and not self.is_failed


def export_of(*, user_id: int, at: dt.datetime) -> ExportView | None:
    """The person's export, if there is one that has not expired. One query."""
    row = Export.objects.filter(user_id=user_id).first()
    if row is None or (row.expires_at is not None and row.expires_at <= at):
        return None
    return _view(row, at)


def _view(row: Export, at: dt.datetime) -> ExportView:
    stuck = row.state in (Export.State.WAITING, Export.State.RUNNING) and row.asked_at < at - STUCK
    return ExportView(
        row.pk, row.state, row.asked_at, row.done, row.total, row.ready_at, row.expires_at, row.size, stuck
    )


def ask_export(*, user_id: int, at: dt.datetime) -> int:
    """Order an archive; its id. One that is being made is not ordered twice; a ready or failed one gives way to it."""
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        row = Export.objects.filter(user_id=user_id).first()
        if row is not None and _view(row, at).is_on_its_way:
            return row.pk
        if row is not None:
            _drop(row)
        made = Export.objects.create(user_id=user_id, token=secrets.token_hex(16), asked_at=at, total=len(PARTS))
        audit.record(
            at=at, actor_id=user_id, action="privacy.export_asked", object_kind="export", object_id=made.pk,
            person_ids=[user_id],
        )  # fmt: skip
        tasks.export.defer(export_id=made.pk)
    return made.pk


def make_export(*, export_id: int, at: dt.datetime) -> None:
    """Make the archive and tell the person. Killed half-way, it begins anew; done, it does nothing again."""
    row = Export.objects.filter(pk=export_id).exclude(state=Export.State.READY).first()
    if row is None:
        return
    Export.objects.filter(pk=export_id).update(state=Export.State.RUNNING, done=0)
    try:
        size = _write(row, at)
    except Exception:
        Export.objects.filter(pk=export_id).update(state=Export.State.FAILED)
        raise
    with transaction.atomic():
        expires_at = at + dt.timedelta(days=settings.EXPORT_KEPT_DAYS)
        kept = Export.objects.filter(pk=export_id).update(
            state=Export.State.READY, ready_at=at, expires_at=expires_at, size=size
        )
        if kept:
            _tell(row, expires_at, at)
    if not kept:  # the person was erased, or asked anew, meanwhile
        path_of(row).unlink(missing_ok=True)


def path_of(row: Export) -> Path:
    """Where the archive is, in the data folder."""
    return Path(settings.DOMIVKA_HOME) / "exports" / f"{row.pk}-{row.token}.zip"


def _write(row: Export, at: dt.datetime) -> int:
    path = path_of(row)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    of = subject(user_id=row.user_id)
    with (
        open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        with override(identity.person(user_id=row.user_id).language):
            archive.writestr("README.txt", readme(at=at))
        for done, part in enumerate(PARTS, start=1):
            _add(archive, part(of))
            Export.objects.filter(pk=row.pk).update(done=done)
    draft.replace(path)  # whole or not at all
    return path.stat().st_size


def _add(archive: zipfile.ZipFile, part: PersonalData) -> None:
    for name, rows in part.sections.items():
        text = json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        archive.writestr(f"{name}.json", text)
    for file in part.files:
        try:
            archive.writestr(f"files/{file.path}", file.read())
        except OSError:  # lost or damaged in the store; the rest is still the person's
            archive.writestr(
                f"files/{file.path}.missing.txt", _("Цього файлу немає у сховищі. Зверніться до підтримки.")
            )


def _tell(row: Export, expires_at: dt.datetime, at: dt.datetime) -> None:
    """A letter, or an SMS to whoever has no e-mail. The link opens only to the person, signed in."""
    person = identity.person(user_id=row.user_id)
    url = settings.BASE_URL + reverse("privacy:export")
    with override(person.language):
        day = expires_at.strftime("%d.%m.%Y")
        words = _("Архів з вашими даними готовий. Завантажте його до %(day)s: %(url)s") % {"day": day, "url": url}
        key = f"export:{row.pk}"
        if person.email:
            subject_line = _("Ваші дані готові до завантаження")
            notifications.send_email(
                to=person.email, template="privacy.export", subject=subject_line, body=words, at=at, idempotency_key=key
            )
        elif person.phone:
            notifications.send_sms(to=person.phone, template="privacy.export", body=words, at=at, idempotency_key=key)


def download(*, user_id: int, export_id: int, at: dt.datetime) -> Path:
    """The archive of its owner. `NotFoundError` for everybody else, staff too, and when it has expired."""
    row = Export.objects.filter(pk=export_id, user_id=user_id, state=Export.State.READY, expires_at__gt=at).first()
    if row is None or not path_of(row).is_file():
        raise NotFoundError(_("Такого архіву немає. Він міг застаріти: замовте новий."))
    with transaction.atomic():
        Export.objects.filter(pk=row.pk).update(downloaded_at=at)
        audit.record(
            at=at, actor_id=user_id, action="privacy.export_downloaded", object_kind="export", object_id=row.pk,
            person_ids=[user_id],
        )  # fmt: skip
    return path_of(row)


def _drop(row: Export) -> None:
    """The row goes with the transaction, the file after it."""
    row_path = path_of(row)
    row.delete()
    transaction.on_commit(lambda: _unlink(row_path))


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_suffix(".part").unlink(missing_ok=True)


def forget_exports(*, user_id: int) -> None:
    """All archives of a person, in the caller's transaction."""
    for row in Export.objects.filter(user_id=user_id):
        _drop(row)


def sweep_exports(*, at: dt.datetime) -> int:
    """Drop archives that have expired, and files without a row; how many rows."""
    gone = 0
    with transaction.atomic():
        for row in Export.objects.select_for_update(skip_locked=True).filter(expires_at__lte=at):
            _drop(row)
            gone += 1
    folder = Path(settings.DOMIVKA_HOME) / "exports"
    files = list(folder.glob("*-*")) if folder.is_dir() else []  # before the rows: no file is older than its row
    known = {path_of(row).name for row in Export.objects.all()}
    for path in files:
        if path.with_suffix(".zip").name not in known:
            path.unlink(missing_ok=True)
    return gone
