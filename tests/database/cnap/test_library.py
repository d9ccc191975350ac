"""«Документи»: what may be added, who sees it, how it is served."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.cnap import api as cnap
from domivka.cnap import errors
from domivka.cnap.models import Document, StoredFile
from domivka.cnap.rules.files import MIME, kind_of
from domivka.cnap.store import Damaged, Folder
from domivka.identity.models import User
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from tests.builders import person
from tests.database.cnap.conftest import AT
from tests.database.cnap.samples import DOC, DOCX, JPG, PDF, PNG

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(user: User, name: str = "20200601.png", content: bytes = PNG, at: dt.datetime = AT) -> int:
    (made,) = cnap.add_documents(user_id=user.pk, uploads=[cnap.Upload(name, content)], at=at)
    return made


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content"), [("a.jpg", JPG), ("a.png", PNG), ("a.pdf", PDF), ("a.doc", DOC), ("a.docx", DOCX)]
)
def test_document_is_added_from_the_page(name: str, content: bytes, tmp_path: Path) -> None:
    user = person()

    response = client_of(user).post("/services/documents/", {"files": SimpleUploadedFile(name, content)}, follow=True)

    (row,) = cnap.documents_of(user_id=user.pk, limit=10)
    assert (row.name, row.size, row.saved_at) == (name, len(content), AT)
    assert "Додано документів: 1." in response.content.decode()
    assert files_in(tmp_path / "files") == [content]
    assert AuditEntry.objects.filter(action="cnap.document_added", actor_id=user.pk, object_id=str(row.id)).exists()


def test_list_shows_name_date_and_size_in_megabytes() -> None:
    user = person()
    add(user, content=PNG + bytes(377_487 - len(PNG)))

    text = client_of(user).get("/services/documents/").content.decode()

    assert "20200601.png" in text
    assert "10.11.2026, 12:00" in text  # Kyiv
    assert "0,36" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PNG + bytes(5 * 1024 * 1024), "не може перевищувати 5 Мб"),
        (b"<script>alert(1)</script>", "Такий файл прийняти не можна"),
        (b"", "Файл порожній"),
    ],
    ids=["large", "script", "empty"],
)
def test_other_files_are_refused_in_words(content: bytes, words: str, tmp_path: Path) -> None:
    user = person()

    response = client_of(user).post(
        "/services/documents/", {"files": SimpleUploadedFile("a.png", content)}, follow=True
    )

    assert words in response.content.decode()
    assert not Document.objects.exists()
    assert files_in(tmp_path) == []


def test_exactly_five_megabytes_are_taken() -> None:
    user = person()

    add(user, content=PNG + bytes(5 * 1024 * 1024 - len(PNG)))

    assert cnap.documents_of(user_id=user.pk, limit=1)[0].size_mb == "5,00"


def test_one_bad_file_keeps_none(tmp_path: Path) -> None:
    user = person()

    with pytest.raises(errors.FileKindRefused):
        cnap.add_documents(user_id=user.pk, uploads=[cnap.Upload("a", PNG), cnap.Upload("b", b"MZ")], at=AT)

    assert not Document.objects.exists()
    assert files_in(tmp_path) == []


def test_far_too_large_body_is_refused_unread() -> None:
    client = client_of(person())

    response = client.generic("POST", "/services/documents/", b"x", CONTENT_LENGTH=str(30 * 1024 * 1024))

    assert response.status_code == 302
    assert "не може перевищувати 5 Мб" in client.get("/services/documents/").content.decode()


def test_upload_with_progress_is_told_where_to_go() -> None:
    client = client_of(person())

    response = client.post(
        "/services/documents/", {"files": SimpleUploadedFile("a.png", PNG)}, headers={"X-Upload": "progress"}
    )

    assert response.json() == {"url": "/services/documents/"}
    assert "Додано документів: 1." in client.get("/services/documents/").content.decode()


def test_form_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person())

    response = client.post("/services/documents/", {"files": SimpleUploadedFile("a.png", PNG)})

    assert response.status_code == 403
    assert not Document.objects.exists()


def test_library_has_its_limit(settings: Settings) -> None:
    settings.CNAP_DOCUMENTS = 1
    user = person()
    add(user)

    with pytest.raises(errors.LibraryFull, match="вже 1 документів"):
        add(user)


def test_same_content_is_kept_once(tmp_path: Path) -> None:
    first, second = person(), person()

    add(first, "a.png")
    add(second, "b.png")

    assert StoredFile.objects.count() == 1
    assert len(files_in(tmp_path)) == 1


def test_nothing_of_a_file_may_run() -> None:
    user = person()
    picture, paper = add(user), add(user, "довідка.pdf", PDF)
    client = client_of(user)

    shown = client.get(f"/services/documents/{picture}/file/?show")
    saved = client.get(f"/services/documents/{paper}/file/?show")

    assert shown.content == PNG
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"] == 'inline; filename="20200601.png"'
    assert saved["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%B4")
    for answer in (shown, saved):
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"


def test_other_peoples_documents_do_not_exist() -> None:
    document_id = add(person())
    stranger = person()
    client = client_of(stranger)

    for path in ("", "file/"):
        assert client.get(f"/services/documents/{document_id}/{path}").status_code == 404
    assert client.post(f"/services/documents/{document_id}/delete/").status_code == 404
    with pytest.raises(NotFoundError):
        cnap.document(user_id=stranger.pk, document_id=document_id)
    assert Document.objects.count() == 1


def test_deleted_document_is_gone_and_its_content_swept_a_day_later(tmp_path: Path) -> None:
    user = person()
    document_id = add(user)

    client_of(user).post(f"/services/documents/{document_id}/delete/")

    assert not Document.objects.exists()
    assert cnap.sweep(at=AT + dt.timedelta(hours=23)) == 0
    assert cnap.sweep(at=AT + dt.timedelta(hours=25)) == 1
    assert files_in(tmp_path) == []
    assert AuditEntry.objects.filter(action="cnap.document_deleted").count() == 1


def test_sweep_leaves_what_somebody_has(tmp_path: Path) -> None:
    first, second = person(), person()
    gone = add(first)
    add(second)
    cnap.delete_document(user_id=first.pk, document_id=gone, at=AT)

    assert cnap.sweep(at=AT + dt.timedelta(days=9)) == 0
    assert files_in(tmp_path) == [PNG]


def test_damaged_content_is_noticed(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "files")
    digest = folder.put(b"content")
    next(path for path in (tmp_path / "files").rglob("*") if path.is_file()).write_bytes(b"changed")

    with pytest.raises(Damaged):
        folder.read(digest)


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_few_questions(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = person()
    for number in range(count):
        add(user, f"{number}.png", PNG + bytes(number))
    client = client_of(user)

    with django_assert_num_queries(6):
        client.get("/services/documents/")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=80),
    st.sampled_from([b"", PNG, PDF, DOCX, DOC, b"<svg onload=alert(1)>", b"MZ"]),
    st.binary(max_size=200),
    st.sampled_from(["image/png", "text/html", "application/x-msdownload", ""]),
)
def test_any_upload_is_taken_as_what_it_is_or_refused_in_words(
    name: str, start: bytes, rest: bytes, claimed: str
) -> None:
    """Fuzz through the page: never a crash, never a content that is none of the five kinds."""
    user = person()
    client = client_of(user)

    hostile = re.sub(r'["\r\n]', "_", name).encode()
    head = b'--edge-of-part\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n' % hostile
    body = head + b"Content-Type: %s\r\n\r\n" % claimed.encode() + start + rest + b"\r\n--edge-of-part--\r\n"
    kind = "multipart/form-data; boundary=edge-of-part"
    response = client.generic("POST", "/services/documents/", body, content_type=kind)

    assert response.status_code in (302, 400)
    for row in cnap.documents_of(user_id=user.pk, limit=9):
        served = client.get(f"/services/documents/{row.id}/file/")
        assert served["Content-Disposition"].startswith("attachment")
        assert served["Content-Type"] in MIME.values()
        assert kind_of(served.content) == row.kind
