"""One page of a PDF as a picture, in a process of its own: what a hostile PDF breaks is this process only.

Run by `preview.py` as a script (`python -I paper.py PAGE`): the PDF comes in on the standard input; out go how many pages
it has (four bytes), then the page as PNG. It has no environment, opens no file and no connection once it has read, and dies at its
limits of memory and time. It imports nothing of Domivka.
"""

from __future__ import annotations

import resource
import struct
import sys
import zlib
from typing import Final

MEMORY: Final = 768 * 1024 * 1024  # bytes of address space
SECONDS: Final = 5  # of the processor
WIDTH: Final = 1200  # pixels: a page of A4 is read well on a phone and on a wide screen
HEIGHT: Final = 4800  # of a page that is a strip


def png(width: int, height: int, rows: bytes) -> bytes:
    """Rows of RGB, each with a zero byte before it, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


def draw(content: bytes, number: int) -> tuple[int, bytes]:
    """How many pages there are, and page `number` (from 1) as PNG; the last page when there are fewer."""
    import pypdfium2  # under the limits of memory and time: the library is what they are for

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # what is open stays; no other file, no connection
    document = pypdfium2.PdfDocument(content)
    count = len(document)
    page = document[min(number, count) - 1]
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1))
    bitmap = page.render(
        scale=scale, rev_byteorder=True, may_draw_forms=False, force_bitmap_format=pypdfium2.raw.FPDFBitmap_BGR
    )
    line, pixels = bitmap.width * 3, bytes(bitmap.buffer)
    starts = range(0, bitmap.height * bitmap.stride, bitmap.stride)
    return count, png(bitmap.width, bitmap.height, b"".join(b"\0" + pixels[at : at + line] for at in starts))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    count, picture = draw(sys.stdin.buffer.read(), int(sys.argv[1]))
    sys.stdout.buffer.write(struct.pack(">I", count) + picture)


if __name__ == "__main__":
    main()
