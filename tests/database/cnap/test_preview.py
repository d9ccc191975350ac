"""A document is looked at without anything of it running; what a hostile one breaks is a process of its own."""

from __future__ import annotations

import base64
import re
import resource
import zlib

import pytest
from django.test import Client

from domivka.cnap import consultations, files
from domivka.cnap.files import Upload
from domivka.cnap.models import ApplicationFile, ConsultationFile
from domivka.identity.models import User
from domivka.kernel.models import AuditEntry
from tests.builders import person
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import client_of
from tests.database.cnap.papers import endless, greedy, paper, with_script
from tests.database.cnap.samples import DOC, DOCX, PDF, PNG
from tests.database.cnap.test_applications import Desks

pytestmark = pytest.mark.django_db
_SHOWN = re.compile(r'<img class="preview" src="data:image/png;base64,([^"]+)" alt="([^"]+)"')


def look(client: Client, user: User, name: str, content: bytes, query: str = "") -> str:
    """The page of a document of the library."""
    (made,) = files.add_documents(user_id=user.pk, uploads=[Upload(name, content)], at=AT)
    response = client.get(f"/services/documents/{made}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def shown(page: str) -> tuple[bytes, str]:
    found = _SHOWN.search(page)
    assert found is not None
    return base64.b64decode(found.group(1)), found.group(2)


def pixel(png: bytes, x: int, y: int) -> tuple[int, ...]:
    """Of the PNG that `paper.py` writes: RGB, rows without filters."""
    width = int.from_bytes(png[16:20], "big")
    start = png.index(b"IDAT") + 4
    rows = zlib.decompress(png[start : png.index(b"IEND") - 8])
    at = y * (3 * width + 1) + 1 + 3 * x
    return tuple(rows[at : at + 3])


def test_page_of_a_pdf_is_drawn_as_a_picture() -> None:
    user = person()
    client = client_of(user)

    png, words = shown(look(client, user, "довідка.pdf", paper((595, 842), (842, 595)), "?page=2"))

    assert words == "Сторінка 2 документа довідка.pdf"
    assert (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) == (1200, 848)
    assert pixel(png, 20, 848 - 20) == (0, 0, 0)  # the square of the lower left corner
    assert pixel(png, 600, 20) == (255, 255, 255)


def test_pages_lead_to_each_other_and_nonsense_to_the_nearest() -> None:
    user = person()
    client = client_of(user)
    three = paper((595, 842), (595, 842), (595, 842))

    second = look(client, user, "a.pdf", three, "?page=2")
    far = look(client, user, "a.pdf", three, "?page=99999")
    nonsense = look(client, user, "a.pdf", three, "?page=-1")

    assert 'rel="prev" href="?page=1"' in second
    assert 'rel="next" href="?page=3"' in second
    assert "Сторінка 3" in shown(far)[1]
    assert "Сторінка 1" in shown(nonsense)[1]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.doc", DOC, "Документи Word тут не показуємо"),
        ("a.docx", DOCX, "Документи Word тут не показуємо"),
        ("a.pdf", PDF, "Цей PDF не вдається показати"),  # has no pages
        ("a.pdf", paper()[:300] + b"\n%%EOF", "Цей PDF не вдається показати"),
        ("a.pdf", paper(password="таємниця"), "Цей PDF не вдається показати"),
    ],
    ids=["doc", "docx", "empty", "cut", "locked"],
)
def test_what_cannot_be_shown_is_offered_to_save_with_a_plain_word(name: str, content: bytes, words: str) -> None:
    user = person()

    page = look(client_of(user), user, name, content)

    assert words in page
    assert "Завантажити" in page
    assert _SHOWN.search(page) is None


def test_nothing_of_a_pdf_with_scripts_reaches_the_page() -> None:
    user = person()

    page = look(client_of(user), user, "a.pdf", with_script())

    assert shown(page)[0].startswith(b"\x89PNG")
    assert "app.alert" not in page
    assert "alert(1)" not in page


def test_greedy_pdf_takes_no_memory_of_the_server() -> None:
    user = person()
    client = client_of(user)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    page = look(client, user, "a.pdf", greedy())

    assert "Завантажити" in page
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_endless_pdf_is_given_up_and_kills_only_the_child() -> None:
    user = person()
    client = client_of(user)

    page = look(client, user, "a.pdf", endless())

    assert "Цей PDF не вдається показати" in page
    assert client.get("/services/documents/").status_code == 200


def test_files_of_an_application_are_looked_at_by_both_sides_and_nobody_else() -> None:
    cnap = Desks()
    pk = cnap.draft()
    uploads = {cnap.ownership: Upload("a.pdf", paper()), cnap.proxy: Upload("b.png", PNG)}
    cnap.fill(pk, uploads=uploads)
    desk_path = f"/staff/cnap/applications/{pk}/files"
    pdf, png = ApplicationFile.objects.order_by("slot_id").values_list("pk", flat=True)
    client, admin = client_of(cnap.user), client_of(cnap.admin)

    before = admin.get(f"{desk_path}/{pdf}/look/")
    cnap.send(pk)
    mine = client.get(f"/services/applications/{pk}/files/{pdf}/look/").content.decode()
    picture = client.get(f"/services/applications/{pk}/files/{png}/look/").content.decode()
    theirs = admin.get(f"{desk_path}/{pdf}/look/").content.decode()

    assert before.status_code == 404  # a draft is the resident's own
    assert shown(mine) == shown(theirs)
    assert f'src="/services/applications/{pk}/files/{png}/?show"' in picture
    assert client.get(f"/services/applications/{pk}/files/{png}/?show")["Content-Disposition"].startswith("inline")
    assert client.get(f"/services/applications/{pk}/files/{pdf}/?show")["Content-Disposition"].startswith("attachment")
    assert client_of(person()).get(f"/services/applications/{pk}/files/{pdf}/look/").status_code == 404
    assert AuditEntry.objects.filter(action="cnap.application_read", actor_id=cnap.admin.pk).count() == 1


def test_files_of_a_consultation_are_looked_at_by_both_sides() -> None:
    cnap = Desks()
    pk = consultations.save_consultation(
        user_id=cnap.user.pk, consultation_id=None, office_id=cnap.office, topic="Тема", question="?",
        uploads=[Upload("a.pdf", paper())], at=AT,
    ).id  # fmt: skip
    consultations.send_consultation(user_id=cnap.user.pk, consultation_id=pk, at=AT)
    file = ConsultationFile.objects.get().pk

    mine = client_of(cnap.user).get(f"/services/consultations/{pk}/files/{file}/look/").content.decode()
    theirs = client_of(cnap.admin).get(f"/staff/cnap/consultations/{pk}/files/{file}/look/").content.decode()

    assert shown(mine) == shown(theirs)
    assert client_of(person()).get(f"/services/consultations/{pk}/files/{file}/look/").status_code == 404
