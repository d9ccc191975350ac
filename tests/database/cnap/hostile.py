"""Files that are not what they say, or more than they say."""

from __future__ import annotations

import struct
import zipfile
import zlib

from PIL import Image

from tests.database.cnap.papers import endless, greedy, paper, with_script
from tests.database.cnap.samples import DOC, DOCX, JPG, PDF, PNG, package, zipped
from tests.pictures import encoded

HTML = b"<!doctype html><html><body><script>alert(document.cookie)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
WORD = b'<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'


def picture(kind: str, width: int = 40, height: int = 30) -> bytes:
    """A real picture."""
    return encoded(Image.new("RGB", (width, height), (200, 200, 200)), kind)


def docx(types: bytes = WORD, **parts: bytes) -> bytes:
    """A package of Word with this list of parts."""
    return zipped({"[Content_Types].xml": types, "word/document.xml": b"<xml/>", **parts})


def png_of(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def jpg_of(width: int, height: int) -> bytes:
    frame = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + frame + b"\xff\xda\x00\x02\xff\xd9"


def many_parts(count: int) -> bytes:
    """The macros come after thousands of empty parts."""
    empty = {f"{number}": b"" for number in range(count)}
    parts = {"[Content_Types].xml": WORD, "word/document.xml": b"<xml/>", **empty, "word/vbaProject.bin": b"macros"}
    return zipped(parts, zipfile.ZIP_STORED)


MACROS = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
REFUSED: dict[str, bytes] = {
    "html": HTML,
    "svg": SVG,
    "program": b"MZ\x90\x00" + bytes(400),
    "script": b"#!/bin/sh\nrm -rf /\n",
    "zip": package("a.txt"),
    "jar": package("META-INF/MANIFEST.MF", "A.class"),
    "html-then-pdf": HTML + paper(),
    "svg-then-png": SVG + PNG,
    "zip-then-pdf": package("a.txt") + paper(),
    "cut-png": picture("PNG")[:-12],
    "cut-jpg": picture("JPEG")[:-2],
    "cut-pdf": paper()[:-8],
    "cut-docx": docx()[:-30],
    "docx-with-macros": docx(word_vbaProject=b"", **{"word/vbaProject.bin": b"macros"}),
    "docx-with-renamed-macros": docx(WORD + MACROS, **{"word/picture.bin": b"macros"}),
    "docm-called-docx": docx(WORD.replace(b"openxmlformats-officedocument.wordprocessingml.document.main", b"ms-word.document.macroEnabled.main")),
    "docx-with-macros-in-utf-16": docx((WORD + MACROS).decode().encode("utf-16")),
    "docx-with-activex": docx(WORD + b'<Override ContentType="application/vnd.ms-office.activeX+xml"/>'),
    "docx-bomb": docx(WORD + b" " * (30 * 1024 * 1024)),
    "docx-of-too-many-parts": many_parts(5_100),
    "doc-with-macros": DOC + "_VBA_PROJECT".encode("utf-16-le"),
    "picture-bomb-png": png_of(60_000, 60_000),
    "picture-bomb-jpg": jpg_of(65_000, 65_000),
}  # fmt: skip
"""None of them may be kept, whatever it is called."""

TAKEN: dict[str, bytes] = {
    "png": picture("PNG"),
    "jpg": picture("JPEG"),
    "large-picture": jpg_of(12_000, 9_000),  # 108 million points, a phone's camera
    "pdf": paper(),
    "doc": DOC,
    "docx": docx(),
    "small-pdf": PDF,
    "small-jpg": JPG,
    "small-docx": DOCX,
    "png-then-zip": picture("PNG") + package("a.txt"),
    "png-then-html": picture("PNG") + HTML,
    "jpg-then-html": picture("JPEG") + HTML,
    "pdf-with-html-and-scripts": with_script(),
    "pdf-greedy": greedy(),
    "pdf-endless": endless(),
}
"""These are what they say, whatever else they carry; so nothing of them is ever served to run."""

NAMES = (
    "../../../etc/passwd", "..\\..\\boot.ini", "a.pdf\r\nSet-Cookie: x=1", "паспорт\u202egnp.exe", "a" * 700 + ".png", "CON", "\u0000", ".htaccess",
    '"><script>alert(1)</script>.png', "a;b=c.pdf", "файл.pdf.html", " ", "🏠.docx", "e\u0301" * 200,
)  # fmt: skip
