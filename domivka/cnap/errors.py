"""What could not be done, in words for the person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError


class FileRefused(DomainError):
    """A file that cannot be taken."""


class FileTooLarge(FileRefused):
    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            _("Розмір завантаження не може перевищувати %(limit)s Мб. Зменште файл або поділіть його.")
            % {"limit": limit_mb}
        )


class FilesTooLarge(FileRefused):
    """Together; each of them may be small enough."""

    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            _("Разом файли не можуть перевищувати %(limit)s Мб. Вилучіть зайві або зменште їх.") % {"limit": limit_mb}
        )


class FileEmpty(FileRefused):
    def __init__(self) -> None:
        super().__init__(_("Файл порожній. Виберіть інший."))


class FileKindRefused(FileRefused):
    def __init__(self) -> None:
        super().__init__(_("Такий файл прийняти не можна. Збережіть його як jpg, png, pdf, doc або docx без макросів."))


class PictureTooLarge(FileRefused):
    """By its points, not by its bytes."""

    def __init__(self) -> None:
        super().__init__(
            _("Зображення завелике: понад 120 мільйонів точок. Зменште його або сфотографуйте документ ще раз.")
        )


class FileInfected(FileRefused):
    def __init__(self) -> None:
        super().__init__(_("У файлі знайдено вірус, тому ми його не зберегли. Перевірте свій пристрій антивірусом."))


class ScannerSilent(FileRefused):
    def __init__(self) -> None:
        super().__init__(_("Зараз не вдається перевірити файл на віруси. Спробуйте ще раз за кілька хвилин."))


class NoFile(FileRefused):
    def __init__(self) -> None:
        super().__init__(_("Виберіть файл."))


class LibraryFull(FileRefused):
    def __init__(self, limit: int) -> None:
        super().__init__(
            _("У бібліотеці вже %(limit)s документів. Вилучіть непотрібні й спробуйте ще раз.") % {"limit": limit}
        )


class DocumentInUse(DomainError):
    """A sent application uses it."""

    def __init__(self, number: int) -> None:
        super().__init__(
            _("Документ приєднано до відправленої заяви № %(number)s, тому вилучити його не можна.")
            % {"number": number}
        )


class AlreadySent(DomainError):
    """What was sent cannot be changed or sent again."""

    def __init__(self) -> None:
        super().__init__(_("Це вже відправлено адміністраторові, тому змінити його не можна."))


class NotNow(DomainError):
    """The state does not allow it: somebody has decided meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Стан уже змінився. Перегляньте сторінку ще раз."))


class TextMissing(DomainError):
    def __init__(self, words: str) -> None:
        super().__init__(words)


class Incomplete(DomainError):
    """A required document is missing; the page says which."""

    def __init__(self) -> None:
        super().__init__(_("Заяву ще не можна відправити: бракує документів. Їх позначено нижче."))


class NotOffered(DomainError):
    """The place or the service was closed meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Тут цю послугу вже не надають. Оберіть інший ЦНАП чи СНАП або іншу послугу."))


class OfficeClosed(DomainError):
    """The centre was closed since the draft was written."""

    def __init__(self) -> None:
        super().__init__(_("Цей ЦНАП уже не приймає звернень. Виберіть інший і надішліть ще раз."))


class InOtherHands(DomainError):
    """A colleague has it; `name` of the colleague."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Цим займається колега (%(name)s). Щоб відповісти самостійно, спершу візьміть роботу собі.")
            % {"name": name}
        )


class NotShown(DomainError):
    """A document that has no preview; the file itself can be saved."""

    def __init__(self, words: str) -> None:
        super().__init__(words)


class StillUsed(DomainError):
    """Something stands on it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)


class TermInForce(DomainError):
    """Terms that are in force, or were, stay as they are."""

    def __init__(self) -> None:
        super().__init__(_("Цей строк уже діє, тому змінити його не можна. Встановіть новий з пізнішого дня."))
