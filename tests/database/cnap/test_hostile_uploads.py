"""Every door for files against hostile ones: never a crash, never kept when refused, never served so that it could run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from domivka.cnap import application_desk
from domivka.cnap.models import ApplicationFile, ConsultationFile, Document, StoredFile
from domivka.cnap.rules.files import MIME, PICTURES, Kind, kind_of
from tests.database.cnap.desk import client_of
from tests.database.cnap.hostile import NAMES, REFUSED, TAKEN
from tests.database.cnap.samples import PNG
from tests.database.cnap.test_applications import Desks

pytestmark = pytest.mark.django_db
ACTIVE = ("html", "svg", "xml", "javascript")


class Doors:
    """A resident with a draft, an application that lacks a document, and every form that takes files."""

    def __init__(self) -> None:
        self.cnap = Desks()
        self.draft = self.cnap.draft()
        self.asked = self.cnap.sent()
        application_desk.ask_document(**self.cnap.by(self.asked), text="Копія паспорта")
        self.client = client_of(self.cnap.user)
        self.before = self.kept()

    def kept(self) -> tuple[int, int, int]:
        return Document.objects.count(), ConsultationFile.objects.count(), ApplicationFile.objects.count()

    def send(self, door: str, name: str, content: bytes, claimed: str = "image/png") -> int:
        """Post the file there as a browser would not; the status."""
        path, field, words = {
            "library": ("/services/documents/", "files", {}),
            "consultation": (
                "/services/consultations/new/",
                "files",
                {"office": str(self.cnap.office), "topic": "Тема", "question": "Питання"},
            ),
            "slot": (f"/services/applications/{self.draft}/", f"file_{self.cnap.ownership}", {"do": "save"}),
            "photo": (f"/services/applications/{self.draft}/", f"photo_{self.cnap.ownership}", {"do": "send"}),
            "supply": (f"/services/applications/{self.asked}/supply/", "file", {}),
        }[door]
        response = self.client.generic(
            "POST",
            path,
            multipart(field, name, content, claimed, words),
            content_type="multipart/form-data; boundary=edge",
        )
        return response.status_code


def multipart(field: str, name: str, content: bytes, claimed: str, words: dict[str, str]) -> bytes:
    said = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22").encode("utf-8", "surrogatepass")
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in words.items()
    ]
    head = b'--edge\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n' % (field.encode(), said)
    return b"".join(parts) + head + b"Content-Type: %s\r\n\r\n" % claimed.encode() + content + b"\r\n--edge--\r\n"


DOORS = ["library", "consultation", "slot", "photo", "supply"]


@pytest.mark.parametrize("door", DOORS)
def test_no_hostile_file_is_kept_by_any_door(door: str, tmp_path: Path) -> None:
    doors = Doors()
    contents = set(StoredFile.objects.values_list("sha256", flat=True))

    statuses = {name: doors.send(door, f"{name}.png", content) for name, content in REFUSED.items()}

    assert set(statuses.values()) == {302}
    assert doors.kept() == doors.before
    assert set(StoredFile.objects.values_list("sha256", flat=True)) == contents
    on_disk = {path.name for path in (tmp_path / "files").rglob("*") if path.is_file()}
    assert on_disk == contents


@pytest.mark.parametrize("door", DOORS)
def test_any_name_is_taken_as_a_safe_one(door: str) -> None:
    doors = Doors()

    statuses = [doors.send(door, name, PNG) for name in NAMES]

    assert statuses == [302] * len(NAMES)
    names = [*Document.objects.values_list("name", flat=True), *ConsultationFile.objects.values_list("name", flat=True)]
    names += ApplicationFile.objects.exclude(file=None).values_list("name", flat=True)
    for one in names:
        assert one.endswith(tuple(f".{kind}" for kind in Kind))
        assert not set('/\\:*?"<>|\r\n\0') & set(one)
        assert 4 < len(one) <= 120


def test_any_upload_by_any_door_is_what_it_is_or_is_refused() -> None:
    """Fuzz: real files whole, cut or with noise behind them, hostile names, wrong claims."""
    doors = Doors()
    seen = set(served_urls(doors))

    @settings(max_examples=150, deadline=None)
    @given(
        door=st.sampled_from(DOORS),
        name=st.one_of(st.sampled_from(NAMES), st.text(max_size=60)),
        start=st.sampled_from([*TAKEN.values(), *(one for one in REFUSED.values() if len(one) < 100_000), b""]),
        share=st.floats(0, 1),
        noise=st.binary(max_size=120),
        claimed=st.sampled_from(["image/png", "text/html", "image/svg+xml", "application/x-msdownload", ""]),
    )
    def fuzz(door: str, name: str, start: bytes, share: float, noise: bytes, claimed: str) -> None:
        status = doors.send(door, name, start[: int(len(start) * share)] + noise, claimed)

        assert status in (302, 400)
        for url in set(served_urls(doors)) - seen:
            seen.add(url)
            for how in ("", "?show"):
                check_served(doors.client, url + how)

    fuzz()


def served_urls(doors: Doors) -> list[str]:
    """Addresses of every file that came in."""
    urls = [f"/services/documents/{pk}/file/" for pk in Document.objects.values_list("pk", flat=True)]
    for pk, of in ConsultationFile.objects.values_list("pk", "consultation_id"):
        urls.append(f"/services/consultations/{of}/files/{pk}/")
    for pk, of in ApplicationFile.objects.exclude(file=None).values_list("pk", "application_id"):
        urls.append(f"/services/applications/{of}/files/{pk}/")
    return urls


def check_served(client: Client, url: str) -> None:
    served = client.get(url)
    kind = kind_of(served.content)
    assert served.status_code == 200
    assert kind is not None
    assert served["Content-Type"] == MIME[kind]
    assert not any(word in served["Content-Type"].split("openxml")[0] for word in ACTIVE)
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    if served["Content-Disposition"].startswith("inline"):
        assert kind in PICTURES
    else:
        assert served["Content-Disposition"].startswith("attachment")


def test_what_carries_more_than_it_says_is_served_as_what_it_says() -> None:
    doors = Doors()

    for name, content in TAKEN.items():
        doors.send("library", f"{name}.html", content, "text/html")

    assert Document.objects.count() == len(TAKEN)
    for pk in Document.objects.values_list("pk", flat=True):
        check_served(doors.client, f"/services/documents/{pk}/file/")
        check_served(doors.client, f"/services/documents/{pk}/file/?show")


def test_name_that_no_browser_sends_is_refused_at_once() -> None:
    doors = Doors()

    status = doors.send("library", "a" * 4000 + ".png", PNG)

    assert status == 400
    assert doors.kept() == doors.before


_MALFORMED: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda body: body[: len(body) // 2],
    "no-end": lambda body: body.replace(b"--edge--", b""),
    "no-head": lambda body: body.replace(b"Content-Disposition", b"X"),
    "another-edge": lambda body: body.replace(b"--edge", b"--other"),
    "empty": lambda body: b"",
}


@pytest.mark.parametrize("how", _MALFORMED)
@pytest.mark.parametrize("path", ["/services/documents/", "/services/consultations/new/"])
def test_malformed_form_is_answered_and_nothing_is_kept(how: str, path: str) -> None:
    doors = Doors()
    body = _MALFORMED[how](multipart("files", "a.png", b"MZ", "image/png", {}))

    status = doors.client.generic("POST", path, body, content_type="multipart/form-data; boundary=edge").status_code

    assert status in (302, 400, 422)
    assert doors.kept() == doors.before
