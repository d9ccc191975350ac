"""What components/problems.html lists."""

from __future__ import annotations

from dataclasses import dataclass

from domivka.portal.billform import BillForm, sum_field
from domivka.portal.readings import RegisterInput


@dataclass(frozen=True, slots=True)
class Problem:
    """A field that has to be looked at again: its id in the page, its words, what is wrong."""

    id: str
    label: str
    text: str


def problem_of(one: RegisterInput) -> Problem:
    return Problem(one.name, " ".join([one.title, one.zone_words]).strip(), one.error or one.warning)


def problems_of(form: BillForm) -> list[Problem]:
    """Sums first, then readings, in the order of the bill."""
    sums = [Problem(sum_field(row.id), row.row.service.name, row.error) for row in form.rows if row.error]
    return sums + [problem_of(one) for one in form.reading_problems]
