"""Windows and hours of the demo's centre, and a few people who are booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from domivka.appointments import api as appointments
from domivka.cnap import api as cnap
from domivka.demo.cnap import OFFICE
from domivka.identity import api as identity

_QUESTIONS: Final = (
    ("ID карта - вперше", 35),
    ("ID карта - обмін/втрата/викрадення", 35),
    ("Закордонний паспорт", 35),
    ("Соціальний захист", 25),
    ("Реєстрація місця проживання", 20),
    ("Реєстрація бізнесу", 30),
    ("Реєстрація нерухомості", 30),
    ("ДРАЦС - Реєстрація шлюбу/народження/смерті", 40),
)
_WINDOWS: Final = ((0, 1, 2), (2, 4), (3, 5, 6, 7))  # questions of windows 1 to 3


def open_windows(*, town_id: int, admin_id: int, at: dt.datetime) -> None:
    """Questions of the seed, three windows, hours with a long Thursday and an hour for lunch."""
    office = next(one.id for one in cnap.offices(town_ids=[town_id]) if one.name == OFFICE)
    asked = [
        appointments.save_question(town_id=town_id, name=name, minutes=minutes, user_id=admin_id, at=at)
        for name, minutes in _QUESTIONS
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


def book_some(*, town_id: int, residents: Sequence[int], at: dt.datetime) -> None:
    """The nearest free times of the first questions, one for each of these people."""
    office = next(one.id for one in cnap.offices(town_ids=[town_id]) if one.name == OFFICE)
    questions = appointments.questions(town_ids=[town_id])
    for place, user_id in enumerate(residents):
        question = questions[place % len(questions)]
        days = appointments.free_days(office_id=office, question_id=question.id, at=at)
        times = appointments.free_times(office_id=office, question_id=question.id, day=days[place % 2].day, at=at)
        visit_id = appointments.hold(
            user_id=user_id, office_id=office, question_id=question.id, starts_at=times[place].slot.starts_at, at=at
        )
        who = identity.person(user_id=user_id)
        appointments.book(
            user_id=user_id,
            visit_id=visit_id,
            visitor=appointments.Visitor(who.surname, who.name, who.patronymic, who.phone or "+380671112233"),
            at=at,
        )
