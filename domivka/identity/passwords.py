"""What a password must be (S0's hint without its maximum): at least eight characters, at most 128, not a known one."""

from __future__ import annotations

import hashlib
import logging
import re
import urllib.error
import urllib.request
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


class MaximumLength:
    """Longer ones would only make hashing slow."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(_("Пароль задовгий: досить %(n)d символів.") % {"n": self.max_length})

    def get_help_text(self) -> str:
        return ""


class NotCommon:
    """Not among passwords that are tried first: Django's list and ours of Ukrainian words, dates and keyboard rows."""

    def __init__(self) -> None:
        words = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split()
        self.words = frozenset(words)

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        folded = password.casefold()
        core = re.sub(r"[\W\d_]+$", "", folded) or folded
        if folded in self.words or (core in self.words and len(core) >= 5) or len(set(folded)) < 4:
            raise ValidationError(_("Цей пароль легко вгадати. Додайте слово або кілька цифр, які знаєте лише ви."))

    def get_help_text(self) -> str:
        return ""


class NotBreached:
    """Not among leaked passwords, asked by the first five characters of its SHA-1 (k-anonymity), nothing more.

    `folder` holds files `ABCDE.txt` of lines `suffix:count` as the public range lists have them; `url` answers the
    same for `url + prefix`. Both are optional; a service that does not answer does not stop anybody.
    """

    def __init__(self, folder: str = "", url: str = "") -> None:
        self.folder = folder
        self.url = url

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        suffixes = {line.partition(":")[0].strip() for line in self._range(digest[:5]).splitlines()}
        if digest[5:] in suffixes:
            raise ValidationError(_("Цей пароль є у відкритих списках викрадених паролів. Придумайте інший."))

    def get_help_text(self) -> str:
        return ""

    def _range(self, prefix: str) -> str:
        if self.folder:
            path = Path(self.folder) / f"{prefix}.txt"
            return path.read_text(encoding="ascii") if path.exists() else ""
        if not self.url:
            return ""
        try:
            with urllib.request.urlopen(self.url + prefix, timeout=2) as answer:  # noqa: S310 - the operator's own URL
                return str(answer.read().decode("ascii"))
        except (urllib.error.URLError, OSError, ValueError) as error:
            log.warning("The list of leaked passwords did not answer: %s", error)
            return ""
