"""What faces may use of visits."""

from domivka.appointments.booking import Visitor, book, cancel, hold, move
from domivka.appointments.calendar import FreeDay, FreeTime, free_days, free_times
from domivka.appointments.personal import erase_person, personal_data
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
    "erase_person",
    "free_days",
    "free_times",
    "hold",
    "move",
    "personal_data",
    "questions",
    "save_break",
    "save_hours",
    "save_question",
    "save_window",
    "visit",
    "visits_of",
]
