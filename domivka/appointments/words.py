"""States in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from domivka.appointments.rules.states import State
from domivka.cnap.api import Status


def status(state: str) -> Status:
    label, tone = {
        State.HELD: (_("Час утримано"), "waiting"),
        State.EXPIRED: (_("Не збережено вчасно"), "bad"),
        State.BOOKED: (_("Записано"), "good"),
        State.MUST_MOVE: (_("Потребує перенесення"), "bad"),
        State.CANCELLED: (_("Скасовано"), ""),
        State.ARRIVED: (_("Очікує в залі"), "waiting"),
        State.CALLED: (_("Викликано"), "waiting"),
        State.SERVED: (_("Прийнято"), "good"),
        State.NO_SHOW: (_("Не з'явився"), "bad"),
    }[State(state)]
    return Status(label, tone)
