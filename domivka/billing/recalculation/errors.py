"""What can keep a recalculation from being made."""

from __future__ import annotations

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError
from domivka.kernel.period import Period


class BadRecalculation(DomainError):
    """The act as it was entered cannot be right; `field` names what to look at."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class NotCalculatedHere(BadRecalculation):
    """The provider's own system charges this service: its corrections come in its file."""

    def __init__(self) -> None:
        words = _("Цю послугу нараховує система надавача: перерахунок приходить у її файлі.")
        super().__init__("provider_service", words)


class MonthNotCharged(DomainError):
    """Nothing was charged for the month yet, so there is nothing to take off."""

    def __init__(self, period: Period) -> None:
        super().__init__(_("Місяць %(period)s ще не нараховано. Спершу нарахуйте його.") % {"period": period})


class MonthBeingCharged(DomainError):
    """A run of the month is under way; what it will charge is not known yet."""

    def __init__(self, period: Period) -> None:
        super().__init__(
            _("Нарахування за %(period)s ще триває. Зачекайте, доки воно завершиться.") % {"period": period}
        )


class PreviewChanged(DomainError):
    """Charges changed after the act was checked; the new sums are shown, nothing was posted."""

    def __init__(self) -> None:
        super().__init__(
            _("Нарахування змінилися після перевірки, тому суми інші. Перегляньте їх і застосуйте ще раз.")
        )


class NothingToTakeOff(DomainError):
    """No account has anything to recalculate."""

    def __init__(self) -> None:
        super().__init__(_("За цим актом знімати нічого: причини вказано біля кожного рахунка."))


class WrongState(DomainError):
    """The act is in another state than this needs."""
