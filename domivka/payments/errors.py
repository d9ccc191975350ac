"""What could not be done; the text is for the payer."""

from __future__ import annotations

from domivka.kernel.errors import DomainError, NotFoundError


class EmptyBasket(DomainError):
    """Nothing was chosen to be paid."""


class AmountRefused(DomainError):
    """An amount is negative or above what may be paid in advance."""


class TooManyPayments(DomainError):
    """The person made too many payments in the last hour."""


class NotStartable(DomainError):
    """The payment is already paid, refused or expired: it cannot be handed to a gateway."""


class UnknownMethod(DomainError):
    """The way of paying is not offered here."""


class GatewayUnavailable(DomainError):
    """The gateway did not answer in time, or did not say anything sensible: what it did is not known."""


class GatewayRefused(DomainError):
    """The gateway answered and said no."""


class BadSignature(DomainError):
    """A message claims to be of a gateway and is not signed by it."""


class BadMessage(DomainError):
    """A signed message that cannot be understood."""


class UnknownGateway(NotFoundError):
    """There is no such gateway here."""
