"""What a file is, told by its content, and a name that is safe everywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domivka.cnap.rules.files import Kind, kind_of, safe_name
from tests.database.cnap.samples import DOC, DOCX, JPG, PDF, PNG, package

SAMPLES = {Kind.JPG: JPG, Kind.PNG: PNG, Kind.PDF: PDF, Kind.DOC: DOC, Kind.DOCX: DOCX}


@pytest.mark.parametrize("kind", SAMPLES)
def test_kind_is_told_by_the_content(kind: Kind) -> None:
    assert kind_of(SAMPLES[kind]) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ" + bytes(200),  # a program
        b"GIF89a" + bytes(20),
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"text before %PDF-1.4 \n%%EOF",
        PDF[:-8],  # cut
        PNG[:12],
        DOC.replace("WordDocument".encode("utf-16-le"), "Workbook....".encode("utf-16-le")),
        DOC + "_VBA_PROJECT".encode("utf-16-le"),
        package("a.exe"),
        package("[Content_Types].xml", "xl/workbook.xml"),
        package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        DOCX[:-30],
        b"PK\x03\x04" + bytes(64),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_anything_else_is_refused(content: bytes) -> None:
    assert kind_of(content) is None


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_a_damaged_file_never_breaks_the_check(kind: Kind, data: st.DataObject) -> None:
    """Fuzz: bytes changed, cut out or put in anywhere; the answer is a kind or None, never an error."""
    content = bytearray(SAMPLES[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
        if not content:
            break

    found = kind_of(bytes(content))

    assert found is None or found in Kind


@given(st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]), st.binary(max_size=400))
def test_noise_never_breaks_the_check(start: bytes, noise: bytes) -> None:
    found = kind_of(start + noise)

    assert found is None or found in Kind


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("20200601.png", "20200601.jpg"),
        ("..\\..\\Паспорт .exe", "Паспорт.jpg"),
        ("/etc/passwd", "passwd.jpg"),
        ("", "документ.jpg"),
        ("...", "документ.jpg"),
        ("звіт\u202egpj.exe", "звітgpj.jpg"),  # the mark that turns text around
        ('a<b>:"c|d?*.jpg', "a_b___c_d__.jpg"),
        ("довіреність\r\nX-Header: 1.pdf", "довіреністьX-Header_ 1.jpg"),
        ("я" * 300 + ".jpg", "я" * 115 + ".jpg"),
    ],
)
def test_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, Kind.JPG) == safe


@given(st.text(max_size=300), st.sampled_from(sorted(Kind)))
def test_any_name_is_made_safe(name: str, kind: Kind) -> None:
    safe = safe_name(name, kind)

    assert safe.endswith(f".{kind}")
    assert len(safe) <= 120
    assert not set('/\\:*?"<>|') & set(safe)
    assert not any(unicodedata.category(sign)[0] == "C" for sign in safe)
