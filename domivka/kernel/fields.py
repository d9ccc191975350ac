"""Model fields for the kernel's types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from domivka.kernel.period import Period

if TYPE_CHECKING:
    _IntegerField = models.IntegerField[int | Period, Period]
else:
    _IntegerField = models.IntegerField


class PeriodField(_IntegerField):
    """A calendar month stored as the integer YYYYMM; Python sees a `Period`."""

    def from_db_value(self, value: int | None, expression: object, connection: object) -> Period | None:
        return None if value is None else Period(value)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Period):
            return value
        return Period(value) if isinstance(value, int) else Period.parse(str(value))

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else int(value)
