"""What a file really is, told by its content, and a name that is safe everywhere. Nothing is unpacked but the list of parts
of a Word document, and that within a limit.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds that residents may send (seed S2: «Формат jpg, png, pdf або doc, docx»)."""

    JPG = "jpg"
    PNG = "png"
    PDF = "pdf"
    DOC = "doc"
    DOCX = "docx"


MIME: Final = {
    Kind.JPG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.PDF: "application/pdf",
    Kind.DOC: "application/msword",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
PICTURES: Final = frozenset({Kind.JPG, Kind.PNG})
"""What a browser may show in a page: it holds nothing that runs."""

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PARTS_LIMIT: Final = 5_000  # a document of Word has some twenty parts, each picture is one more
_TYPES: Final = "[Content_Types].xml"
_TYPES_LIMIT: Final = 1024 * 1024  # bytes, unpacked
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, OSError, RuntimeError, EOFError, OverflowError,
)  # fmt: skip
"""What `zipfile` raises on hostile packages (NotImplementedError is a RuntimeError)."""
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # headers of a JPEG that say its size
_SCAN: Final = 0xDA
POINTS_LIMIT: Final = 120_000_000
"""Of a picture: the largest camera of a phone has 108 million; above it a small file is a bomb for the browser that shows it."""
NAME_LENGTH: Final = 120
_RESERVED: Final = re.compile(r'[\\/:*?"<>|]')
_EXTENSION: Final = re.compile(r"\.[^. ]{1,5}$")


def kind_of(content: bytes) -> Kind | None:
    """The kind, or None for anything else: programs, archives, pages, documents with macros, cut or empty files."""
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPG if b"\xff\xd9" in content else None
    if content.startswith(_PNG) and content[12:16] == b"IHDR":
        return Kind.PNG if b"IEND" in content else None
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return Kind.PDF
    if content.startswith(_OLE):
        return Kind.DOC if _is_word(content) else None
    if content.startswith(b"PK\x03\x04"):
        return Kind.DOCX if _is_word_package(content) else None
    return None


def _is_word(content: bytes) -> bool:
    """An OLE file with the stream «WordDocument» and without a storage of macros."""
    return _utf16("WordDocument") in content and _utf16("_VBA_PROJECT") not in content


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _is_word_package(content: bytes) -> bool:
    """A package with a document, and without macros, whatever their part is called."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if len(parts) > _PARTS_LIMIT or not {_TYPES, "word/document.xml"} <= names:
                return False
            with package.open(_TYPES) as stream:
                types = stream.read(_TYPES_LIMIT + 1)  # a bomb is not unpacked further
    except _BROKEN:
        return False
    if len(types) > _TYPES_LIMIT:
        return False
    said = types.replace(b"\0", b"").lower()  # UTF-16 is read so as well
    has_macros = b"vbaproject" in said or b"macroenabled" in said or b"activex" in said
    return not has_macros and not any(name.lower().endswith("vbaproject.bin") for name in names)


def points(content: bytes, kind: Kind) -> int:
    """How many points a picture has by its own words; 0 when it does not say (a browser will not draw it) and for others."""
    if kind == Kind.PNG:
        width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
        return int(width * height)
    if kind != Kind.JPG:
        return 0
    at, most = 2, 0
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _SCAN:
            break
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            most = max(most, width * height)
        at += 1 if marker == 0xFF else 2 + length
    return most


def safe_name(name: str, kind: Kind) -> str:
    """The name without folders, control and invisible characters, with the extension of what the file is.

    `..\\Паспорт .exe` of a picture → `Паспорт.jpg`; nothing left → `документ.jpg`. At most 120 characters.
    """
    stem = _clean(_EXTENSION.sub("", _visible(name)))[: NAME_LENGTH - 5].strip(" .")
    return f"{stem or 'документ'}.{kind}"


def shown_name(name: str) -> str:
    """The name of a file that was not taken, as it may be shown: with its own extension, at most 120 characters."""
    return _clean(_visible(name))[:NAME_LENGTH] or "?"


def _visible(name: str) -> str:
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(" " if unicodedata.category(sign) in ("Zl", "Zp", "Zs") else sign for sign in text)
    text = "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")
    return _RESERVED.sub("_", text)


def _clean(text: str) -> str:
    return " ".join(text.split()).strip(" .")
