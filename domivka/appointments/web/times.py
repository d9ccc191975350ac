"""Choosing a day and a time: the same for a new visit, a moved one, and the desk that moves one for somebody."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from domivka.appointments import calendar
from domivka.kernel import clock
from domivka.kernel.errors import NotFoundError

YEARS: Final = range(2000, 2101)
"""Years of the days that an address or a form may name."""


def times(request: HttpRequest, *, question_id: int, office_id: int, user_id: int | None) -> dict[str, object]:
    """What `appointments/times.html` shows: free days, or the times of the day that the address names."""
    days = calendar.free_days(office_id=office_id, question_id=question_id, at=clock.now(), user_id=user_id)
    asked = request.GET.get("day")
    day = next((one for one in days if one.day.isoformat() == asked), None)
    return {
        "days": days,
        "day": day,
        "before": next((one for one, after in pairwise(days) if after is day), None),
        "after": next((one for before, one in pairwise(days) if before is day), None),
        "nearest": calendar.nearest(days),
    }


def number(request: HttpRequest, name: str) -> int | None:
    """A number of the address; None for nonsense."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def moment(text: str) -> dt.datetime:
    """A moment as our page writes it; `NotFoundError` for anything else."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise NotFoundError(_("Такого часу немає.")) from error
    if found.tzinfo is None or found.year not in YEARS:
        raise NotFoundError(_("Такого часу немає."))
    return found
