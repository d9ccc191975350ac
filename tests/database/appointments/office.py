"""An office with one window, open on working days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from domivka.appointments.models import Break, Hours, Question, Window
from domivka.cnap import offices
from domivka.identity.models import User
from domivka.kernel.clock import KYIV
from tests.builders import Town

NOW = dt.datetime(2020, 7, 10, 6, 0, tzinfo=dt.UTC)  # Friday, nine in Kyiv


@dataclass(frozen=True)
class Hall:
    town_id: int
    office_id: int
    question_id: int
    windows: tuple[int, ...]


def hall(windows: int = 1, opens: str = "09:05", closes: str = "16:00", minutes: int = 35) -> Hall:
    town = Town().row
    office_id = offices.save_office(town_id=town.pk, name="ЦНАП", address="вул. Соборна, 59", at=NOW)
    question = Question.objects.create(town=town, name="Закордонний паспорт", minutes=minutes)
    made = []
    for number in range(1, windows + 1):
        window = Window.objects.create(office_id=office_id, number=number)
        window.questions.add(question)
        made.append(window.pk)
    for weekday in range(5):
        Hours.objects.create(
            office_id=office_id, weekday=weekday, opens=dt.time.fromisoformat(opens),
            closes=dt.time.fromisoformat(closes), valid_from=dt.date(2020, 1, 1),
        )  # fmt: skip
    Break.objects.create(office_id=office_id, starts=dt.time(12), ends=dt.time(13))
    return Hall(town.pk, office_id, question.pk, tuple(made))


def crowd(size: int) -> list[User]:
    """People who never typed a password: hashing two hundred takes minutes."""
    return User.objects.bulk_create(
        User(email=f"crowd{number}@example.org", password="!", surname="Левицька") for number in range(size)
    )


def kyiv(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=KYIV).astimezone(dt.UTC)
