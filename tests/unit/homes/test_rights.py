from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.homes.rules.rights import EVERYTHING, Right, Term, end_of, helper_rights, is_time_to_remind, last_day
from domivka.homes.rules.rights import last_day_of as day_of

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("readings", [True, False])
@pytest.mark.parametrize("pays", [True, False])
def test_helper_always_sees_and_never_owns(readings: bool, pays: bool) -> None:
    rights = helper_rights(readings=readings, pays=pays)

    assert Right.SEE in rights
    assert Right.OWN not in rights
    assert (Right.READINGS in rights, Right.PAY in rights) == (readings, pays)


def test_owner_has_every_right() -> None:
    assert set(Right) == EVERYTHING


@pytest.mark.parametrize(
    ("term", "today", "last"),
    [
        (Term.WEEK, dt.date(2026, 11, 21), dt.date(2026, 11, 28)),
        (Term.MONTH, dt.date(2026, 11, 21), dt.date(2026, 12, 21)),
        (Term.MONTH, dt.date(2027, 1, 31), dt.date(2027, 2, 28)),
        (Term.HALF_YEAR, dt.date(2026, 8, 31), dt.date(2027, 2, 28)),
        (Term.HALF_YEAR, dt.date(2026, 11, 21), dt.date(2027, 5, 21)),
        (Term.YEAR, dt.date(2026, 12, 31), dt.date(2027, 12, 31)),
        (Term.YEAR, dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
    ],
)
def test_term_ends_on_the_same_day_of_a_later_month(term: Term, today: dt.date, last: dt.date) -> None:
    assert last_day(term, today=today) == last


@given(st.sampled_from(Term), st.dates(dt.date(2020, 1, 1), dt.date(2090, 12, 31)))
def test_term_is_never_longer_than_a_year(term: Term, today: dt.date) -> None:
    assert dt.timedelta(days=7) <= last_day(term, today=today) - today <= dt.timedelta(days=366)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2090, 12, 31)))
def test_end_of_access_is_the_end_of_its_last_day(day: dt.date) -> None:
    assert day_of(end_of(day)) == day


def test_end_of_access_is_midnight_in_kyiv() -> None:
    assert end_of(dt.date(2026, 11, 21)).astimezone(dt.UTC) == dt.datetime(2026, 11, 21, 22, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("since_days", "left_days", "is_time"),
    [(-180, 8, False), (-180, 7, True), (-180, 1, True), (-180, 0, False), (-7, 7, False), (-8, 7, True)],
)
def test_reminder_is_in_the_last_week_of_access_that_is_not_short(
    since_days: int, left_days: int, is_time: bool
) -> None:
    since, until = AT + dt.timedelta(days=since_days), AT + dt.timedelta(days=left_days)

    assert is_time_to_remind(since=since, until=until, at=AT) is is_time
