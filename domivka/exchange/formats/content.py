"""The bytes of a file, block by block: a file of any size is read in the memory of a part of it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Final

_PACKED: Final = b"x\x01"  # zlib, fast; no format of ours begins so
_BLOCK: Final = 1 << 20


class Content:
    """A file as it came, or, with `size` (its length in bytes unpacked), as it was kept: packed, or of old as it came."""

    def __init__(self, kept: bytes, *, size: int | None = None) -> None:
        self._kept = kept
        self._is_packed = size is not None and kept.startswith(_PACKED)
        self.size = len(kept) if size is None else size

    @staticmethod
    def pack(content: bytes) -> bytes:
        """The file as it is kept."""
        return zlib.compress(content, 1)

    def blocks(self) -> Iterator[bytes]:
        """All of it from the beginning, a mebibyte or so at a time."""
        source = io.BytesIO(self._kept)
        if not self._is_packed:
            yield from iter(lambda: source.read(_BLOCK), b"")
            return
        unpacked = zlib.decompressobj()
        for packed in iter(lambda: source.read(_BLOCK >> 4), b""):
            yield unpacked.decompress(packed)
        yield unpacked.flush()

    def head(self, length: int) -> bytes:
        """The first bytes."""
        head = b""
        for block in self.blocks():
            head += block
            if len(head) >= length:
                break
        return head[:length]

    def whole(self) -> bytes:
        return zlib.decompress(self._kept) if self._is_packed else self._kept
