"""What can go wrong with people."""

from __future__ import annotations

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError


class LoginTaken(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Цей логін уже використовує інша людина."))


class NoLogin(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Вкажіть електронну пошту або телефон."))
