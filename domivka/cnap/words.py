"""States and events in words: exactly those of seed S2 where it has them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from domivka.cnap.rules.states import Event, State


@dataclass(frozen=True, slots=True)
class Status:
    """What the status component shows."""

    label: str
    tone: str


def status(state: str) -> Status:
    label, tone = {
        State.DRAFT: (_("Не відправлено"), ""),
        State.WAITING: (_("В очікуванні"), "waiting"),
        State.ANSWERED: (_("Надано роз'яснення"), "good"),
        State.INCOMPLETE: (_("Потрібен документ"), "waiting"),
        State.GRANTED: (_("Послугу надано"), "good"),
        State.REFUSED: (_("Відмовлено у розгляді"), "bad"),
    }[State(state)]
    return Status(label, tone)


class OfState:
    """What follows from `state`; for the dataclasses of consultations and applications."""

    __slots__ = ()
    state: str

    @property
    def status(self) -> Status:
        return status(self.state)

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_waiting(self) -> bool:
        return self.state == State.WAITING


class Awaited(OfState):
    """The same with the day by which an answer is due."""

    __slots__ = ()
    due_on: dt.date | None

    def is_late(self, today: dt.date) -> bool:
        """The term has ended and nothing is answered."""
        return self.is_waiting and self.due_on is not None and self.due_on < today


def event(name: str) -> str:
    return {
        Event.SEND: _("Відправлено"),
        Event.TAKE: _("Взято в роботу"),
        Event.HAND_OVER: _("Передано колезі"),
        Event.RELEASE: _("Повернено в чергу"),
        Event.FORWARD: _("Передано"),
        Event.ANSWER: _("Надано роз'яснення"),
        Event.ASK_DOCUMENT: _("Попросили документ"),
        Event.WITHDRAW: _("Документ більше не потрібен"),
        Event.SUPPLY: _("Документ надіслано"),
        Event.GRANT: _("Послугу надано"),
        Event.REFUSE: _("Відмовлено у розгляді"),
    }[Event(name)]


def short_name(*, surname: str, name: str, patronymic: str) -> str:
    """«Левицька С.І.»"""
    initials = "".join(f"{part[0]}." for part in (name, patronymic) if part)
    return " ".join(part for part in (surname, initials) if part) or _("адміністратор ЦНАП")


def contacts(*parts: str) -> str:
    """«ЦНАП міста, вул. Соборна, 1, 0 800 300 516»: what there is of name, address and phone."""
    return ", ".join(part for part in parts if part)
