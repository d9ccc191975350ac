"""What could not be done, in words for the person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError


class SlotTaken(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Цей час щойно зайняли. Оберіть інший."))


class SlotGone(DomainError):
    """The time is not (or is no longer) one of the office's."""

    def __init__(self) -> None:
        super().__init__(_("На цей час запису вже немає. Оберіть інший."))


class AlreadyBooked(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Ви вже записані з цього питання. Перенесіть або скасуйте той візит."))


class HoldExpired(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Десять хвилин минули, і цей час уже зайняли. Оберіть інший: те, що ви ввели, збережено."))


class DetailsMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Заповніть прізвище, ім'я та телефон."))


class NotPossibleNow(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Зараз цього зробити не можна: візит уже в іншому стані."))


class TooEarly(DomainError):
    """Nobody is absent before the time of the visit."""

    def __init__(self) -> None:
        super().__init__(
            _("Час цього візиту ще не настав. Відмітити, що людина не з'явилася, можна після його початку.")
        )


class TimeGiven(DomainError):
    """Somebody came after being counted as absent, and the time was taken meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Час цього візиту вже зайняла інша людина. Видайте талон без запису."))


class WindowChanged(DomainError):
    """Another person, or nobody, is at the window than the page showed."""

    def __init__(self) -> None:
        super().__init__(
            _("Біля вікна вже не той, хто був на сторінці: нікого не викликано. Перевірте, хто там зараз.")
        )


class NobodyServes(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Зараз жодне вікно не приймає з цього питання."))


class QuestionExists(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Таке питання вже є."))


class WrongHours(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Перевірте години: початок має бути раніше за кінець."))


@dataclass(frozen=True, slots=True)
class DisplacedView:
    """A visit that has, or would have, no place in the calendar; `starts_at` (UTC) is the time it had."""

    id: int
    number: int
    starts_at: dt.datetime
    question: str
    person: str
    phone: str
    user_id: int | None


class VisitsFallOut(DomainError):
    """A change of the calendar would leave these visits without their time, and nobody has agreed to that."""

    def __init__(self, visits: tuple[DisplacedView, ...]) -> None:
        super().__init__(
            _("На цей час уже записано людей: %(count)s. Їм треба буде обрати інший час.") % {"count": len(visits)}
        )
        self.visits = visits
