"""What could not be done, in words for the person."""

from __future__ import annotations

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
        super().__init__(_("Десять хвилин минули, і час знову вільний для всіх. Оберіть його ще раз."))


class DetailsMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Заповніть прізвище, ім'я та телефон."))


class NotPossibleNow(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Зараз цього зробити не можна: візит уже в іншому стані."))


class NobodyServes(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Зараз жодне вікно не приймає з цього питання."))


class WrongHours(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Перевірте години: початок має бути раніше за кінець."))
