"""What a document looks like, without anything of it running: pictures as they are, pages of PDF drawn by `paper.py`."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from domivka.cnap.errors import NotShown
from domivka.cnap.files import FileView
from domivka.cnap.rules.files import Kind
from domivka.cnap.store import store

_PAPER: Final = Path(__file__).with_name("paper.py")
_SECONDS: Final = 15  # of the clock; the child's own limit is of the processor
_WAIT: Final = 10  # seconds for a free place
_AT_ONCE: Final = threading.BoundedSemaphore(2)  # drawings in this process, so that previews cannot take the machine
PAGES: Final = 100  # shown at most; the rest is in the file itself


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page as PNG; `number` from 1, `count` pages may be looked at."""

    number: int
    count: int
    png: bytes


def page_of(*, file: FileView, number: int) -> PaperPage:
    """A page of a PDF; the last one when there are fewer. Errors: `NotShown`, with what to do instead."""
    if file.kind != Kind.PDF:
        raise NotShown(_("Документи Word тут не показуємо: завантажте файл і відкрийте його на своєму пристрої."))
    wanted = min(max(number, 1), PAGES)
    if not _AT_ONCE.acquire(timeout=_WAIT):
        raise NotShown(_("Зараз переглядають багато документів. Спробуйте за хвилину або завантажте файл."))
    try:
        count, png = _draw(store().read(file.sha256), wanted)
    finally:
        _AT_ONCE.release()
    return PaperPage(min(wanted, count), min(count, PAGES), png)


def _draw(content: bytes, number: int) -> tuple[int, bytes]:
    """Errors: `NotShown` when the child died, took too long or drew nothing: damaged, locked by a password, hostile."""
    command = [sys.executable, "-I", "-B", str(_PAPER), str(number)]
    limits: dict[str, Any] = {"timeout": _SECONDS, "check": True, "env": {}, "cwd": "/"}
    try:
        done = subprocess.run(command, input=content, capture_output=True, **limits)  # noqa: S603 - our own script
    except (subprocess.SubprocessError, OSError):
        done = None
    if done is None or not done.stdout[4:].startswith(b"\x89PNG"):
        raise NotShown(_("Цей PDF не вдається показати: можливо, він пошкоджений або має пароль. Завантажте файл."))
    (count,) = struct.unpack(">I", done.stdout[:4])
    return count, done.stdout[4:]
