"""The file of a PDF: a design's shared objects, then pages. Small: objects without a stream are packed together, as are
the offsets (PDF 1.5), and what does not deflate is stored."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from domivka.statements.design import Design

LEVEL: Final = 4  # 5 would take a tenth more time for a fiftieth of the bytes
_TOGETHER: Final = 200  # objects in a pack; readers unpack one whole


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page shows: the operators that carry images of codes, and then all others."""

    text: bytes = b""
    codes: bytes = b""  # at most 65 535

    def deflated(self) -> bytes:
        """The operators by zlib, but the codes as they are: they are noise, only time would be lost."""
        if not self.codes:
            return zlib.compress(self.text, LEVEL)
        size = len(self.codes)
        stored = b"\0" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + self.codes
        check = zlib.adler32(self.text, zlib.adler32(self.codes)).to_bytes(4, "big")
        return b"".join((b"\x78\x5e", stored, zlib.compress(self.text, LEVEL, -zlib.MAX_WBITS), check))


class _File:
    """Objects written one after another, and where each of them is."""

    def __init__(self, design: Design) -> None:
        head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
        self.pieces, self.at = [head, design.shared], len(head) + len(design.shared)
        self.places = {number: (1, len(head) + at, 0) for number, at in design.offsets.items()}
        self.next = design.next_object
        self.waiting: list[tuple[int, bytes]] = []

    def stream(self, dictionary: bytes, body: bytes) -> int:
        """Write a stream now; its number."""
        number, self.next = self.next, self.next + 1
        piece = b"%d 0 obj\n<<%b/Length %d>>stream\n%b\nendstream\nendobj\n" % (number, dictionary, len(body), body)
        self.places[number] = (1, self.at, 0)
        self.pieces.append(piece)
        self.at += len(piece)
        return number

    def keep(self, body: bytes, *, number: int = 0) -> int:
        """An object without a stream, packed with others by `pack`; its number."""
        if not number:
            number, self.next = self.next, self.next + 1
        self.waiting.append((number, body))
        return number

    def pack(self) -> None:
        """Write the objects that wait."""
        for first in range(0, len(self.waiting), _TOGETHER):
            some = self.waiting[first : first + _TOGETHER]
            ends = np.cumsum([0, *(len(body) + 1 for _number, body in some)]).tolist()
            index = b" ".join(b"%d %d" % (number, at) for (number, _body), at in zip(some, ends, strict=False)) + b"\n"
            body = zlib.compress(index + b"\n".join(body for _number, body in some), LEVEL)
            head = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(some), len(index))
            pack = self.stream(head, body)
            self.places.update({number: (2, pack, place) for place, (number, _body) in enumerate(some)})
        self.waiting = []

    def finish(self, trailer: bytes) -> bytes:
        """The whole file, with the table of places as a stream: each row as the difference to the one above it."""
        start, number = self.at, self.next
        self.places[number] = (1, start, 0)
        table = np.array([self.places.get(entry, (0, 0, 0)) for entry in range(number + 1)], np.int64)
        columns = table[:, 0], *(table[:, 1] >> shift for shift in (24, 16, 8, 0)), table[:, 2]
        rows = np.stack(columns, axis=1).astype(np.uint8)
        rows[1:] -= rows[:-1].copy()
        body = zlib.compress(np.insert(rows, 0, 2, axis=1).tobytes(), LEVEL)
        self.stream(
            b"/Type/XRef/Size %d/W[1 4 1]%b/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 6>>"
            % (number + 1, trailer),
            body,
        )
        return b"".join([*self.pieces, b"startxref\n%d\n%%%%EOF\n" % start])


def document(design: Design, pages: Iterable[Drawing], *, width: float, height: float, title: str) -> tuple[bytes, int]:
    """A file of these pages, of one size in points, and how many there are. The same pages give the same bytes."""
    file, identity = _File(design), hashlib.sha256()
    tree = file.next
    file.next += 1
    kids = []
    for page in pages:
        body = page.deflated()
        identity.update(body)
        drawn = file.stream(b"/Filter/FlateDecode", body)
        kids.append(file.keep(b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (tree, drawn)))
    box = f"/MediaBox[0 0 {width:.2f} {height:.2f}]/Resources {design.resources}".encode("ascii")
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    file.keep(b"<</Type/Pages/Count %d/Kids[%b]%b>>" % (len(kids), listed, box), number=tree)
    catalog = file.keep(b"<</Type/Catalog/Pages %d 0 R/Lang(uk)/ViewerPreferences<</DisplayDocTitle true>>>>" % tree)
    words = title.encode("utf-16-be").hex()
    info = file.keep(f"<</Title<feff{words}>/Producer(Domivka)>>".encode("ascii"))
    file.pack()
    name = identity.hexdigest()[:32]
    return file.finish(f"/Root {catalog} 0 R/Info {info} 0 R/ID[<{name}><{name}>]".encode("ascii")), len(kids)
