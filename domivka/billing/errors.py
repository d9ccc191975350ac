"""What can keep a run from being done."""

from __future__ import annotations

from domivka.kernel.errors import DomainError


class RunCancelled(DomainError):
    """Somebody asked the run to stop; what is done stays done, and the run can be resumed."""


class MonthNotOver(DomainError):
    """The month has not begun yet, so there is nothing to charge."""
