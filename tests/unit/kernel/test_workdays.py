"""What a term that ends on a day off moves to."""

from __future__ import annotations

import datetime as dt

from domivka.kernel.workdays import Holidays, Span, holidays, next_working_day

CHRISTMAS = Holidays((("12-25", Span(dt.date(2017, 11, 27), dt.date.max)),))


def test_weekend_moves_to_monday() -> None:
    assert next_working_day(dt.date(2026, 11, 20)) == dt.date(2026, 11, 20)
    assert next_working_day(dt.date(2026, 11, 21)) == dt.date(2026, 11, 23)
    assert next_working_day(dt.date(2026, 11, 22)) == dt.date(2026, 11, 23)


def test_holiday_before_a_weekend_moves_past_both() -> None:
    assert next_working_day(dt.date(2026, 12, 25), CHRISTMAS) == dt.date(2026, 12, 28)


def test_day_was_not_a_holiday_before_its_law() -> None:
    assert dt.date(2016, 12, 25) not in CHRISTMAS
    assert dt.date(2018, 12, 25) in CHRISTMAS


def test_holidays_of_the_country_are_worked_in_martial_law() -> None:
    assert dt.date(2021, 8, 24) in holidays()
    assert dt.date(2022, 8, 24) not in holidays()
    assert dt.date(2021, 8, 25) not in holidays()
