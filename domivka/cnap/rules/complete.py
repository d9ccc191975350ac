"""Which documents an application still lacks, and who may leave each of them empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A document that the service asks for, and what stands there now."""

    id: int
    name: str
    needed_when: str
    who_may_skip: str
    has_file: bool
    skipped: bool

    @property
    def is_missing(self) -> bool:
        """A file always fills it; saying «не стосується мене» only where somebody may."""
        return not self.has_file and not (self.skipped and self.who_may_skip)


def missing(slots: Iterable[Slot]) -> list[Slot]:
    return [slot for slot in slots if slot.is_missing]
