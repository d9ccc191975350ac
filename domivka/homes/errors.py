"""What can go wrong with a home. Every message says what happened and what to do."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domivka.kernel.clock import KYIV
from domivka.kernel.errors import DomainError


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(KYIV).strftime("%H:%M")


def _tries(left: int) -> str:
    return ngettext("Залишилася %(n)d спроба.", "Залишилися %(n)d спроби.", left) % {"n": left}


class HomeLocked(DomainError):
    """The home is the person's, but its PIN or authorisation key was not given yet."""

    def __init__(self, home_id: int, *, pending: bool) -> None:
        super().__init__(
            _("Щоб побачити дані об'єкта, введіть перевірочний код із листа.")
            if pending
            else _("Щоб побачити дані об'єкта, введіть ключ авторизації з останнього рахунка-повідомлення.")
        )
        self.home_id = home_id
        self.pending = pending


class HomesCapReached(DomainError):
    """The person already has as many homes as the town allows."""

    def __init__(self, cap: int) -> None:
        super().__init__(
            _(
                "До своїх об'єктів можна додати не більше ніж %(cap)d. Видаліть об'єкт, який вам більше не потрібен, і спробуйте ще раз."
            )
            % {"cap": cap}
        )


class HomeAlreadyAdded(DomainError):
    """The premises is among the person's homes."""

    def __init__(self) -> None:
        super().__init__(_("Цей об'єкт уже є серед ваших. Відкрийте його у списку «Мої об'єкти»."))


class ProfileIncomplete(DomainError):
    """The profile lacks what adding a home needs."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(_("Щоб додати об'єкт, спершу заповніть профіль."))
        self.missing = missing


class PinExpired(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Час дії перевірочного коду минув. Надішліть новий код і введіть його."))


class WrongPin(DomainError):
    def __init__(self, tries_left: int) -> None:
        super().__init__(_("Перевірочний код неправильний. Перевірте цифри в листі.") + " " + _tries(tries_left))
        self.tries_left = tries_left


class PinTriesExhausted(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Спроби ввести код вичерпано, і цей код більше не діє. Надішліть новий код."))


class PinSentRecently(DomainError):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            _("Код щойно надіслано. Новий можна замовити через %(seconds)d с. Перевірте також теку «Спам».")
            % {"seconds": seconds}
        )
        self.seconds = seconds


class TooManyPins(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Ви замовили забагато кодів за останню годину. Спробуйте пізніше."))


class MistypedKey(DomainError):
    """Cannot be a key of any bill; costs no try."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "У ключі помилка: він має десять цифр, наприклад 4821-9375-06. Звірте його з рахунком цифра за цифрою. Спробу не витрачено."
            )
        )


class WrongAuthorisationKey(DomainError):
    def __init__(self, tries_left: int) -> None:
        super().__init__(
            _("Цей ключ не підходить до цієї адреси. Перевірте, чи рахунок саме на неї.") + " " + _tries(tries_left)
        )
        self.tries_left = tries_left


class StaleAuthorisationKey(DomainError):
    """A key of an older bill of this premises; costs no try."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Ключ авторизації не є дійсний. Ви ввели ключ зі старого рахунка. Введіть ключ з останнього рахунка-повідомлення: він у лівому нижньому куті."
            )
        )


class NoKeyIssued(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "Для цієї адреси ще не надруковано рахунка з ключем. Ключ буде на найближчому рахунку-повідомленні, у лівому нижньому куті."
            )
        )


class KeyTriesExhausted(DomainError):
    def __init__(self, until: dt.datetime) -> None:
        super().__init__(
            _("Спроби ввести ключ вичерпано. З міркувань безпеки наступна спроба можлива після %(time)s.")
            % {"time": _time(until)}
        )
        self.until = until


class UndoExpired(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Повернути цей об'єкт уже не можна. Додайте його знову."))


class AlreadyInvited(DomainError):
    """The home is shared with this e-mail or phone, or an invitation waits for an answer."""

    def __init__(self) -> None:
        super().__init__(_("Цю людину вже запрошено. Знайдіть її у списку помічників."))


class OwnContact(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Це ваша власна адреса. Вкажіть пошту або телефон людини, яка допомагатиме."))


class TooManyHelpers(DomainError):
    def __init__(self, cap: int) -> None:
        super().__init__(
            _("Оселею можна поділитися не більше ніж із %(cap)d людьми. Відкличте доступ, який більше не потрібен.")
            % {"cap": cap}
        )


class TooManyInvitations(DomainError):
    """Of the owner, or to the same address, in a day: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__(_("Забагато запрошень за добу. Спробуйте завтра."))


class InvitationOver(DomainError):
    """It was answered, cancelled, or a week has passed."""

    def __init__(self) -> None:
        super().__init__(_("Це запрошення вже не діє. Попросіть надіслати нове."))


class AnotherPersonsInvitation(DomainError):
    """The person has not confirmed the e-mail or phone it was sent to."""

    def __init__(self) -> None:
        super().__init__(_("Це запрошення надіслано на іншу пошту або телефон."))


class HomeSeenAlready(DomainError):
    """The invited person has this home among theirs, or helps with it."""

    def __init__(self) -> None:
        super().__init__(_("Ця оселя вже є серед ваших."))


class ShareOver(DomainError):
    """Access that has ended is not changed: a new invitation is needed."""

    def __init__(self) -> None:
        super().__init__(_("Цей доступ уже закінчився. Щоб поділитися знову, надішліть нове запрошення."))
