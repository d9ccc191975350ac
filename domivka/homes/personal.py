"""What homes keeps of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from domivka.homes.models import Home, HomePin, HomeShare, KeyAttempt
from domivka.homes.operations import record_removed
from domivka.kernel.personal import PersonalData, rows


def personal_data(*, user_id: int) -> PersonalData:
    """Homes with the choices made for each (reminders, comparison), helpers, codes that were sent, tries of keys."""
    homes = Home.objects.filter(user_id=user_id).order_by("pk")
    fields = ("id", "premises_id", "label", "state", "reminders", "compared", "added_at", "opened_at", "removed_at")
    given = ("home_id", "name", "contact", "sends_readings", "pays", "state")
    moments = ("invited_at", "accepted_at", "expires_at", "ended_at", "last_visit_at")
    shares = HomeShare.objects.order_by("pk")
    return PersonalData(
        {
            "homes": rows(homes, *fields),
            "home_pins": rows(
                HomePin.objects.filter(home__user_id=user_id), "home_id", "sent_at", "expires_at", "attempts_left"
            ),
            # what a helper calls the home is the helper's own: its owner is not told
            "home_shares": rows(shares.filter(home__user_id=user_id), *given, *moments),
            "helped_homes": rows(shares.filter(helper_id=user_id), *given, "label", *moments),
            "key_attempts": rows(
                KeyAttempt.objects.filter(user_id=user_id), "premises_id", "attempts_left", "blocked_until"
            ),
        }
    )


def erase_person(*, user_id: int, contacts: Collection[str], at: dt.datetime) -> None:
    """All homes of the person leave the cabinet for good, with their helpers; the premises and its accounts are the
    providers'. Where the person helped others, the help ends; where `contacts`, the confirmed e-mail and phone, were
    invited, the invitation ends. The name is forgotten in both."""
    helped = HomeShare.objects.filter(helper_id=user_id)
    helped.filter(state=HomeShare.State.ACCEPTED).update(state=HomeShare.State.LEFT, ended_at=at)
    invited = HomeShare.objects.filter(helper_id=None, contact__in=contacts)
    invited.filter(state=HomeShare.State.INVITED).update(state=HomeShare.State.EXPIRED, ended_at=at)
    (helped | invited).update(name="–", contact="", label="")
    for home in Home.objects.filter(user_id=user_id).select_related("premises"):
        record_removed(home, at=at)
        home.delete()
    KeyAttempt.objects.filter(user_id=user_id).delete()
