"""What faces may use of visits."""

from domivka.appointments.booking import Visitor, book, cancel, hold, move
from domivka.appointments.calendar import FreeDay, FreeTime, free_days, free_times
from domivka.appointments.errors import VisitsFallOut
from domivka.appointments.holidays import fill_year, save_holiday
from domivka.appointments.personal import erase_person, personal_data
from domivka.appointments.queue import arrive, call_next, serve, walk_in
from domivka.appointments.schedule import (
    WindowView,
    save_break,
    save_hours,
    save_question,
    save_special_day,
    save_window,
    schedule,
)
from domivka.appointments.visits import QuestionView, VisitView, questions, visit, visits_of

__all__ = [
    "FreeDay",
    "FreeTime",
    "QuestionView",
    "VisitView",
    "Visitor",
    "VisitsFallOut",
    "WindowView",
    "arrive",
    "book",
    "call_next",
    "cancel",
    "erase_person",
    "fill_year",
    "free_days",
    "free_times",
    "hold",
    "move",
    "personal_data",
    "questions",
    "save_break",
    "save_holiday",
    "save_hours",
    "save_question",
    "save_special_day",
    "save_window",
    "schedule",
    "serve",
    "visit",
    "visits_of",
    "walk_in",
]
