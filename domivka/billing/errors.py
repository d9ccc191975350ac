"""What can keep a run from being done."""

from __future__ import annotations

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError
from domivka.kernel.period import Period


class RunCancelled(DomainError):
    """Somebody asked the run to stop; what is done stays done, and the run can be resumed."""

    def __init__(self) -> None:
        super().__init__(_("Нарахування зупинено. Зроблене збережено; запустіть ще раз, щоб продовжити."))


class MonthNotOver(DomainError):
    """The month has not begun yet, so there is nothing to charge."""

    def __init__(self, period: Period) -> None:
        super().__init__(_("Місяць %(period)s ще не почався, нараховувати нічого.") % {"period": str(period)})
