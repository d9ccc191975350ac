"""What faces may use of visits."""

from domivka.appointments.booking import Visitor, book, cancel, hold, move
from domivka.appointments.calendar import FreeDay, FreeTime, free_days, free_times
from domivka.appointments.schedule import save_break, save_hours, save_question, save_window
from domivka.appointments.visits import QuestionView, VisitView, questions, visit, visits_of

__all__ = [
    "FreeDay",
    "FreeTime",
    "QuestionView",
    "VisitView",
    "Visitor",
    "book",
    "cancel",
    "free_days",
    "free_times",
    "hold",
    "move",
    "questions",
    "save_break",
    "save_hours",
    "save_question",
    "save_window",
    "visit",
    "visits_of",
]
