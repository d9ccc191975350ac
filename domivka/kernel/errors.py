"""What every error of the domain is."""

from __future__ import annotations


class DomainError(Exception):
    """Something a person asked for could not be done; `str(error)` is safe to show in Ukrainian."""


class NotFoundError(DomainError):
    """The thing does not exist, or is not this person's to see: the two are never told apart."""


class ForbiddenError(DomainError):
    """The person is known and may not do this."""
