"""What can be wrong with a file as a whole, or with what is asked of it. The words are safe to show."""

from __future__ import annotations

from domivka.kernel.errors import DomainError, NotFoundError


class UnreadableFile(DomainError):
    """The file cannot be read, or is not what the preset describes."""


class FileTooLarge(UnreadableFile):
    """The file is over the limit of size or rows."""


class WrongPeriod(UnreadableFile):
    """All of the file is about another month."""


class BadPreset(DomainError):
    """A preset's own description is wrong."""


class Stopped(DomainError):
    """Somebody asked the job to stop; it left nothing."""


class UnknownPreset(DomainError):
    """No preset of this name."""


class UnknownTown(DomainError):
    """The town was not named and cannot be guessed, or there is none."""


class UnknownProvider(DomainError):
    """The preset's provider is not registered in the town."""


class BatchNotFound(NotFoundError):
    """No such import, or it is not this person's to see."""


class WrongState(DomainError):
    """The import is not in the state that the step needs."""


class AlreadyApplied(DomainError):
    """Another file brought the same month of the same accounts."""


class CannotUndo(DomainError):
    """Something later stands on this import."""
