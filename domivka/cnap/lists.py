"""What a resident looks for in a list of theirs: words, a state, an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from django.db.models import F, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
_NUMBER_LENGTH: Final = 9


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything, newest first, unless said otherwise. `order` is one of `ORDERS`; anything else is the first of them."""

    text: str = ""
    state: str = ""
    order: str = ""

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.state)


ALL: Final = Wanted()
ORDERS: Final = {
    "new": ("-pk",),
    "old": ("pk",),
    "answered": (F("answered_at").desc(nulls_last=True), "-pk"),
}


def has_words(text: str, *fields: str) -> Q:
    """Rows with these words in one of the fields, or with this number («5», «№ 5»)."""
    words = " ".join(text.split())
    if not words:
        return Q()
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": words})
    number = words.removeprefix("№").strip()
    if number.isascii() and number.isdigit() and len(number) <= _NUMBER_LENGTH:
        found |= Q(pk=int(number))
    return found


def narrowed(rows: QuerySet[Row], wanted: Wanted, *fields: str) -> QuerySet[Row]:
    """The rows that are wanted; words are looked for in these fields."""
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return rows.filter(has_words(wanted.text, *fields))


def ordered(rows: QuerySet[Row], wanted: Wanted) -> QuerySet[Row]:
    return rows.order_by(*ORDERS.get(wanted.order, ORDERS["new"]))
