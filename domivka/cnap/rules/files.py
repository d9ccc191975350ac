"""What a file really is, told by its content, and a name that is safe everywhere. Nothing here unpacks anything."""

from __future__ import annotations

import io
import re
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
_NAMES_LIMIT: Final = 5_000  # a document of Word has some twenty parts
NAME_LENGTH: Final = 120
_RESERVED: Final = re.compile(r'[\\/:*?"<>|]')
_EXTENSION: Final = re.compile(r"\.[^. ]{1,5}$")


def kind_of(content: bytes) -> Kind | None:
    """The kind, or None for anything else: programs, archives, pages, documents with macros, cut or empty files."""
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPG
    if content.startswith(_PNG) and content[12:16] == b"IHDR":
        return Kind.PNG
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
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = {item.filename for item in package.infolist()[:_NAMES_LIMIT]}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError, OverflowError):
        return False
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", "word/document.xml"} <= names and not has_macros


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
