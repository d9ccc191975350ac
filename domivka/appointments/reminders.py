"""Reminders of visits: a day before, and two hours before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from domivka.appointments.letters import facts
from domivka.appointments.models import Visit
from domivka.appointments.rules.states import State
from domivka.identity import api as identity
from domivka.identity.api import PersonView
from domivka.notifications import api as notifications

AHEAD: Final = (dt.timedelta(days=1), dt.timedelta(hours=2))
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Reminder:
    """One letter: of a visit, at its time, so long before."""

    visit: Visit
    ahead: dt.timedelta

    @property
    def key(self) -> str:
        """A visit that is moved is reminded of anew."""
        assert self.visit.starts_at is not None  # noqa: S101 - only booked visits
        return f"visit:{self.visit.pk}:{int(self.ahead.total_seconds())}:{int(self.visit.starts_at.timestamp())}"


def remind(*, at: dt.datetime) -> int:
    """Write every reminder that is due and was not written before; how many.

    Whoever booked later than a reminder would have come does not get it. A handful of queries for each 500 visits.
    """
    rows = Visit.objects.filter(
        state=State.BOOKED, user__isnull=False, starts_at__gt=at, starts_at__lte=at + max(AHEAD)
    ).select_related("question", "office")
    written, after = 0, 0
    while chunk := list(rows.filter(pk__gt=after).order_by("pk")[:_AT_ONCE]):
        after = chunk[-1].pk
        due = [one for row in chunk if (one := _due(row, at)) is not None]
        known = notifications.already_written(idempotency_keys=[one.key for one in due])
        people = identity.people(user_ids=[one.visit.user_id for one in due if one.visit.user_id is not None])
        for one in due:
            person = people.get(one.visit.user_id or 0)
            written += one.key not in known and person is not None and _write(one, person, at)
    return written


def _due(row: Visit, at: dt.datetime) -> _Reminder | None:
    """The nearest reminder whose time has come, unless the visit was booked after that time."""
    assert row.starts_at is not None  # noqa: S101 - only booked visits
    for ahead in sorted(AHEAD):
        moment = row.starts_at - ahead
        if moment <= at:
            return _Reminder(row, ahead) if row.made_at < moment else None
    return None


def _write(one: _Reminder, person: PersonView, at: dt.datetime) -> bool:
    """An e-mail, or an SMS to whoever has none."""
    row = one.visit
    with override(person.language):
        said = facts(row) | {"url": settings.BASE_URL.rstrip("/") + reverse("appointments:visit", args=[row.pk])}
        subject = _("Візит до ЦНАП: %(day)s о %(time)s") % said
        body = _(
            "Чекаємо на вас: %(day)s о %(time)s.\n%(office)s, %(address)s\nПитання: %(question)s\n"
            "Номер у черзі: %(number)s\n\nВізьміть із собою паспорт. Не зможете прийти – перенесіть або скасуйте візит, "
            "щоб час дістався іншому: %(url)s"
        )
        short = _("ЦНАП: %(day)s о %(time)s, номер %(number)s. %(address)s") % said
        if person.email:
            notifications.send_email(
                to=person.email, template="appointments.reminder", subject=subject, body=body % said, at=at,
                idempotency_key=one.key,
            )  # fmt: skip
        elif person.phone:
            notifications.send_sms(
                to=person.phone, template="appointments.reminder", body=short, at=at, idempotency_key=one.key
            )
        else:
            return False
    return True
