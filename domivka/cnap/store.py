"""Where the content of files lives: by its SHA-256, outside the web root. A folder now; another class with these three
methods keeps them in an object store.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from django.conf import settings


class Damaged(OSError):
    """What lies under a digest is not what was put there."""


class Store(Protocol):
    def put(self, content: bytes) -> str:
        """Keep the content, durably; its digest. Twice is once."""

    def read(self, digest: str) -> bytes:
        """The content, checked against its digest. Errors: `FileNotFoundError`, `Damaged`."""

    def drop(self, digest: str) -> None:
        """Forget the content; nothing when it is not there."""


class Folder:
    """Files under a folder, spread over 256 others: `ab/abcdef…`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{digest[:8]}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)  # whole or not at all
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        return digest

    def read(self, digest: str) -> bytes:
        content = self._path(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise Damaged(digest)
        return content

    def drop(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)


def store() -> Store:
    """The installation's store."""
    return Folder(settings.DOMIVKA_HOME / "files")
