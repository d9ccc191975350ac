"""Money: whole kopiykas, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_KOP: Final = Decimal(100)
_NBSP: Final = "\u00a0"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole kopiykas of hryvnia."""

    kop: int

    @classmethod
    def from_hryvnias(cls, value: Decimal | str | int) -> Money:
        """An exact amount in hryvnias with at most two decimals; a third decimal is a `ValueError`."""
        kop = Decimal(value) * _KOP
        if kop != kop.to_integral_value():
            raise ValueError(f"{value} has a part of a kopiyka")
        return cls(int(kop))

    def __add__(self, other: Money) -> Money:
        return Money(self.kop + other.kop)

    def __sub__(self, other: Money) -> Money:
        return Money(self.kop - other.kop)

    def __neg__(self) -> Money:
        return Money(-self.kop)

    def __abs__(self) -> Money:
        return Money(abs(self.kop))

    def __bool__(self) -> bool:
        return self.kop != 0

    @property
    def hryvnias(self) -> Decimal:
        """The amount in hryvnias, two decimals."""
        return (Decimal(self.kop) / _KOP).quantize(Decimal("0.01"))

    def plain(self) -> str:
        """`-1264.70`: for files, QR codes and inputs."""
        return f"{self.hryvnias:.2f}"

    def __str__(self) -> str:
        """`1 264,70` with no-break spaces and a real minus, as people read it."""
        return f"{self.hryvnias:,.2f}".replace(",", _NBSP).replace(".", ",").replace("-", "−")


ZERO: Final = Money(0)


def round_half_up(value: Decimal) -> int:
    """The one rounding of the system: hryvnias at any scale to whole kopiykas, half away from zero."""
    return int((value * _KOP).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def price_of(volume: Decimal, price: Decimal) -> Money:
    """Volume × price → Money, rounded once per line (domain.md §5.4)."""
    return Money(round_half_up(volume * price))
