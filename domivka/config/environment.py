"""Strict reading of the environment: a value that is not understood stops the start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


class BadSetting(SystemExit):
    """A setting in the environment cannot be understood."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """Exactly `true` or `false`."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value not in ("true", "false"):
        raise BadSetting(f"{name} must be true or false, not {value!r}")
    return value == "true"


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        raise BadSetting(f"{name} must be a whole number, not {value!r}")
    return int(value)


def home() -> Path:
    """The data folder: `DOMIVKA_HOME`, or `.domivka` beside the code."""
    value = os.environ.get("DOMIVKA_HOME")
    return Path(value).expanduser().resolve() if value else Path(__file__).resolve().parents[2] / ".domivka"


def secret(name: str, file: str) -> str:
    """The variable `name`, or a random value made once and kept in the data folder for this and every later start."""
    value = os.environ.get(name)
    if value:
        return value
    path = home() / "secrets" / file
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{file}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # the first of several starting processes wins, whole
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
