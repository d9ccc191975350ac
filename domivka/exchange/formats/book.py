"""Sheets of an Excel book as text, in a process of its own: a book that asks for more memory than there is ends this process
only (calamine takes room for every cell between the first and the last, and two cells may be far apart).

Run by `sheets.py` as a script (`python -I book.py`). In come the names of the wanted sheets (a line of JSON; none: all of them) and
the book. Out go a line of JSON, the names of all sheets and of every sheet read its name, the row of the file at which it
begins (from 0) and how many bytes it takes, then the sheets as streams of Arrow, columns c0, c1, … of text. It dies at its limits of
memory and time, and imports nothing of Domivka.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Final

MEMORY: Final = 4 * 1024 * 1024 * 1024  # bytes of address space
SECONDS: Final = 300  # of the processor


def read(content: bytes, wanted: list[str]) -> tuple[list[str], list[tuple[str, int, bytes]]]:
    import fastexcel  # under the limits of memory and time: the library is what they are for

    book = fastexcel.read_excel(content)
    sheets = []
    for name in book.sheet_names:
        if wanted and name not in wanted:
            continue
        sheet = book.load_sheet(name, header_row=None, dtypes="string", skip_whitespace_tail_rows=True)
        frame = sheet.to_polars()
        frame = frame.rename({column: f"c{place}" for place, column in enumerate(frame.columns)})
        out = io.BytesIO()
        frame.write_ipc_stream(out)
        sheets.append((name, max(sheet.total_height - frame.height, 0), out.getvalue()))
    return book.sheet_names, sheets


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    wanted = json.loads(sys.stdin.buffer.readline())
    names, sheets = read(sys.stdin.buffer.read(), wanted)
    about = {"names": names, "sheets": [[name, first, len(rows)] for name, first, rows in sheets]}
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n")
    for _name, _first, rows in sheets:
        sys.stdout.buffer.write(rows)


if __name__ == "__main__":
    main()
