"""What can be wrong with a reading, in words a tired person understands at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError, NotFoundError
from domivka.metering.models import Channel


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


class MeterNotFound(NotFoundError):
    """No such meter among this home's."""

    def __init__(self) -> None:
        super().__init__(_("Такого лічильника в цій оселі немає. Оновіть сторінку й спробуйте ще раз."))


class ReadingError(DomainError):
    """A reading that was not taken; `meter_id` and `zone` say where to show it."""

    confirmable = False

    def __init__(self, message: str, *, meter_id: int, zone: str) -> None:
        super().__init__(message)
        self.meter_id, self.zone = meter_id, zone


class ReadingBelowPrevious(ReadingError):
    """Lower than the last one: a slip, a replaced meter or a register that passed zero."""

    confirmable = True

    def __init__(self, *, previous: Decimal, meter_id: int, zone: str) -> None:
        text = _("Показання менше за попереднє (%(previous)s). Перевірте лічильник або повідомте про його заміну.")
        super().__init__(text % {"previous": _plain(previous)}, meter_id=meter_id, zone=zone)


class ReadingTooHigh(ReadingError):
    """Far more than usual."""

    confirmable = True

    def __init__(self, *, volume: Decimal, usual: Decimal, meter_id: int, zone: str) -> None:
        text = _(
            "Виходить %(volume)s — значно більше, ніж зазвичай (%(usual)s на місяць). Перевірте цифри на лічильнику."
        )
        super().__init__(text % {"volume": _plain(volume), "usual": _plain(usual)}, meter_id=meter_id, zone=zone)


class ReadingTooLong(ReadingError):
    """More digits than the meter has."""

    def __init__(self, *, digits: int, meter_id: int, zone: str) -> None:
        text = _("На цьому лічильнику %(digits)s цифр до коми. Введіть показання так, як на ньому.")
        super().__init__(text % {"digits": digits}, meter_id=meter_id, zone=zone)


class StrongerReadingStands(ReadingError):
    """The month already has a reading from a channel of higher precedence."""

    def __init__(self, *, channel: Channel, taken_on: dt.date, meter_id: int, zone: str) -> None:
        text = _(
            "За цей місяць уже є показання від %(day)s (%(channel)s). Щоб змінити його, зверніться до надавача послуг."
        )
        day = taken_on.strftime("%d.%m.%Y")
        super().__init__(text % {"day": day, "channel": channel.words}, meter_id=meter_id, zone=zone)


class MeterExists(DomainError):
    """The account already has a meter of this number."""

    def __init__(self, number: str) -> None:
        super().__init__(_("Лічильник № %(number)s уже є на цьому рахунку.") % {"number": number})
