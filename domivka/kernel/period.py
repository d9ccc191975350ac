"""A calendar month, stored as the integer YYYYMM."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator


class Period(int):
    """A calendar month: the int 202610 with a month's arithmetic. Ordering and equality are an int's."""

    def __new__(cls, value: int) -> Period:
        year, month = divmod(value, 100)
        if not (1990 <= year <= 2200 and 1 <= month <= 12):
            raise ValueError(f"{value} is not a month YYYYMM")
        return super().__new__(cls, value)

    @classmethod
    def of(cls, day: dt.date) -> Period:
        return cls(day.year * 100 + day.month)

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2026-10`, `202610` or `10.2026`; anything else is a `ValueError`."""
        text = text.strip()
        if len(text) == 7 and text[2] == ".":
            text = text[3:] + text[:2]
        return cls(int(text.replace("-", "", 1)))

    @property
    def year(self) -> int:
        return int(self) // 100

    @property
    def month(self) -> int:
        return int(self) % 100

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.year, self.month, self.days)

    @property
    def days(self) -> int:
        return calendar.monthrange(self.year, self.month)[1]

    def shift(self, months: int) -> Period:
        index = self.year * 12 + self.month - 1 + months
        return Period(index // 12 * 100 + index % 12 + 1)

    @property
    def next(self) -> Period:
        return self.shift(1)

    @property
    def previous(self) -> Period:
        return self.shift(-1)

    def through(self, last: Period) -> Iterator[Period]:
        """Every month from this one to `last`, both included."""
        period = self
        while period <= last:
            yield period
            period = period.next

    def __str__(self) -> str:
        """`2026-10`, as the command line and URLs write it."""
        return f"{self.year:04d}-{self.month:02d}"

    __repr__ = __str__
