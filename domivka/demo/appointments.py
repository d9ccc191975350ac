"""Windows and hours of the demo's centre, and a few people who are booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from domivka.appointments import api as appointments
from domivka.cnap import api as cnap
from domivka.demo.cnap import OFFICE
from domivka.identity import api as identity
from domivka.kernel.clock import KYIV

_QUESTIONS: Final = (
    ("ID карта - вперше", "ID card: first one", 35),
    ("ID карта - обмін/втрата/викрадення", "ID card: exchange, loss or theft", 35),
    ("Закордонний паспорт", "Passport for travel abroad", 35),
    ("Соціальний захист", "Social protection", 25),
    ("Реєстрація місця проживання", "Registration of residence", 20),
    ("Реєстрація бізнесу", "Registration of a business", 30),
    ("Реєстрація нерухомості", "Registration of real estate", 30),
    ("ДРАЦС - Реєстрація шлюбу/народження/смерті", "Civil registry: marriage, birth, death", 40),
)
_DAYS: Final = (0, 1, 0, 6)  # the last one's day is closed later, and nobody else is booked on it
_WINDOWS: Final = ((0, 1, 2), (2, 4), (3, 5, 6, 7))  # questions of windows 1 to 3


def open_windows(*, town_id: int, admin_id: int, at: dt.datetime) -> None:
    """Questions of the seed, three windows, hours with a long Thursday and an hour for lunch, holidays of two years."""
    office = _office(town_id)
    asked = [
        appointments.save_question(
            town_id=town_id, name=name, name_en=name_en, minutes=minutes, user_id=admin_id, at=at
        )
        for name, name_en, minutes in _QUESTIONS
    ]
    for number, served in enumerate(_WINDOWS, 1):
        appointments.save_window(
            office_id=office, number=number, question_ids=[asked[place] for place in served], is_open=True,
            user_id=admin_id, at=at,
        )  # fmt: skip
    for weekday in range(5):
        appointments.save_hours(
            office_id=office, weekday=weekday, opens=dt.time(8), closes=dt.time(20 if weekday == 3 else 16),
            valid_from=dt.date(2020, 1, 1), user_id=admin_id, at=at,
        )  # fmt: skip
    appointments.save_break(office_id=office, starts=dt.time(12), ends=dt.time(13), user_id=admin_id, at=at)
    for year in (at.year, at.year + 1):
        appointments.fill_year(town_id=town_id, year=year, user_id=admin_id, at=at)
        appointments.save_holiday(
            town_id=town_id, day=dt.date(year, 9, 14), name="День міста", is_off=True, user_id=admin_id, at=at
        )


def book_some(*, town_id: int, residents: Sequence[int], at: dt.datetime) -> None:
    """The nearest free times of the first questions, one for each of these people."""
    office = _office(town_id)
    questions = appointments.questions(town_ids=[town_id])
    for place, user_id in enumerate(residents):
        question = questions[place % len(questions)]
        days = appointments.free_days(office_id=office, question_id=question.id, at=at)
        day = days[_DAYS[place]].day
        times = appointments.free_times(office_id=office, question_id=question.id, day=day, at=at)
        visit_id = appointments.hold(
            user_id=user_id,
            office_id=office,
            question_id=question.id,
            starts_at=times[min(place, len(times) - 1)].slot.starts_at,
            at=at,
        )
        who = identity.person(user_id=user_id)
        appointments.book(
            user_id=user_id,
            visit_id=visit_id,
            visitor=appointments.Visitor(who.surname, who.name, who.patronymic, who.phone or "+380671112233"),
            at=at,
        )


def serve_past_days(*, town_id: int, admin_id: int, at: dt.datetime) -> None:
    """Two weeks of people without a booking, so that forecasts and the report have something to learn from."""
    office = _office(town_id)
    today = at.astimezone(KYIV).date()
    windows = appointments.schedule(office_id=office, today=today).windows
    for back in range(14, 0, -1):
        day = today - dt.timedelta(days=back)
        if day.weekday() < 5:
            _work(office, windows, day, admin_id)


def _work(office: int, windows: Sequence[appointments.WindowView], day: dt.date, admin_id: int) -> None:
    """A day minute by minute: somebody comes every quarter of an hour, a window that is free calls the next one."""
    opens = dt.datetime.combine(day, dt.time(9), KYIV).astimezone(dt.UTC)
    asked = sorted(question for window in windows for question in window.question_ids)
    waiting: list[int] = []
    served: dict[int, tuple[int | None, int]] = {}  # by window: the visit, and the minute of its end
    for minute in range(300):
        now = opens + dt.timedelta(minutes=minute)
        if minute < 150 and minute % 14 == day.day % 5:
            waiting.append(asked[(minute + day.day) % len(asked)])
            appointments.walk_in(office_id=office, question_id=waiting[-1], user_id=admin_id, at=now)
        for window in windows:
            visit_id, ends = served.get(window.id, (None, 0))
            if visit_id is not None and ends == minute:
                appointments.serve(office_id=office, visit_id=visit_id, user_id=admin_id, at=now)
                del served[window.id]
            mine = [question for question in waiting if question in window.question_ids]
            if mine and window.id not in served:
                waiting.remove(mine[0])
                called = appointments.call_next(window_id=window.id, serving_id=None, user_id=admin_id, at=now)
                served[window.id] = (called, minute + 19 + (minute * 7 + window.number * 5) % 27)


def close_a_day(*, town_id: int, resident: int, admin_id: int, at: dt.datetime) -> None:
    """The day on which this person is booked becomes a sanitary one: their visit has to be moved, and so have all others."""
    office = _office(town_id)
    day = next(one.starts_at for one in appointments.visits_of(user_id=resident, limit=1)).astimezone(KYIV).date()
    try:
        _close(office, day, admin_id, at, [])
    except appointments.VisitsFallOut as fallen:
        _close(office, day, admin_id, at, [one.id for one in fallen.visits])


def _close(office: int, day: dt.date, admin_id: int, at: dt.datetime, agreed: Sequence[int]) -> None:
    appointments.save_special_day(
        office_id=office,
        day=day,
        opens=None,
        closes=None,
        note="Санітарний день",
        user_id=admin_id,
        at=at,
        agreed=agreed,
    )


def _office(town_id: int) -> int:
    return next(one.id for one in cnap.offices(town_ids=[town_id]) if one.name == OFFICE)
