"""What homes keeps of a person."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from domivka.homes.models import Home, HomePin, HomeShare, KeyAttempt
from domivka.homes.operations import record_removed
from domivka.kernel.personal import PersonalData, rows


def personal_data(*, user_id: int) -> PersonalData:
    """Homes with the choices made for each (reminders, comparison), helpers, codes that were sent, tries of keys."""
    homes = Home.objects.filter(user_id=user_id).order_by("pk")
    fields = ("id", "premises_id", "label", "state", "reminders", "compared", "added_at", "opened_at", "removed_at")
    return PersonalData(
        {
            "homes": rows(homes, *fields),
            "home_pins": rows(
                HomePin.objects.filter(home__user_id=user_id), "home_id", "sent_at", "expires_at", "attempts_left"
            ),
            "home_shares": rows(
                HomeShare.objects.filter(Q(home__user_id=user_id) | Q(helper_id=user_id)).order_by("pk"),
                *("home_id", "name", "contact", "label", "sends_readings", "pays", "state"),
                *("invited_at", "accepted_at", "expires_at", "ended_at", "last_visit_at"),
            ),
            "key_attempts": rows(
                KeyAttempt.objects.filter(user_id=user_id), "premises_id", "attempts_left", "blocked_until"
            ),
        }
    )


def erase_person(*, user_id: int, at: dt.datetime) -> None:
    """All homes of the person leave the cabinet for good, with their helpers; the premises and its accounts are the
    providers'. Where the person helped others, the help ends and the name is forgotten."""
    helped = HomeShare.objects.filter(helper_id=user_id)
    helped.filter(state=HomeShare.State.ACCEPTED).update(state=HomeShare.State.LEFT, ended_at=at)
    helped.update(name="–", contact="", label="")
    for home in Home.objects.filter(user_id=user_id).select_related("premises"):
        record_removed(home, at=at)
        home.delete()
    KeyAttempt.objects.filter(user_id=user_id).delete()
