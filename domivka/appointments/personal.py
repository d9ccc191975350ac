"""What visits keep of a person."""

from __future__ import annotations

import datetime as dt

from domivka.appointments.booking import step
from domivka.appointments.models import Visit, VisitStep
from domivka.appointments.rules.states import Event, State
from domivka.kernel.personal import PersonalData, rows


def personal_data(*, user_id: int) -> PersonalData:
    """Visits, past and to come, with what happened to each."""
    visits = Visit.objects.filter(user_id=user_id).order_by("pk")
    return PersonalData(
        {
            "visits": rows(
                visits,
                "id",
                "day",
                "starts_at",
                "ends_at",
                "state",
                "number",
                "surname",
                "name",
                "patronymic",
                "phone",
                "made_at",
                "arrived_at",
                "called_at",
                "ended_at",
                office="office__name",
                question="question__name",
            ),
            "visit_steps": rows(
                VisitStep.objects.filter(visit__user_id=user_id).order_by("pk"), "visit_id", "event", "state", "at"
            ),
        }
    )  # fmt: skip


def erase_person(*, user_id: int, at: dt.datetime) -> None:
    """Visits to come are cancelled, so that others get the time; past ones stay in the count without a name."""
    for row in Visit.objects.select_for_update().filter(
        user_id=user_id, state__in=[State.BOOKED, State.MUST_MOVE, State.HELD]
    ):
        step(row, Event.EXPIRE if row.state == State.HELD else Event.CANCEL, user_id=None, at=at)
    Visit.objects.filter(user_id=user_id).update(surname="", name="", patronymic="", phone="")
