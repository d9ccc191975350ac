"""What can go wrong with personal data."""

from __future__ import annotations

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError


class StaffCannotErase(DomainError):
    """What staff did must keep its author while they work."""

    def __init__(self) -> None:
        super().__init__(
            _("Ви маєте службову роль, тому видалити дані зараз не можна. Попросіть адміністратора відкликати роль.")
        )


class ErasureAsked(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Ви вже попросили видалити дані."))
