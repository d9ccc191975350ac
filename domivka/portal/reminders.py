"""Letters to residents: the window of readings has opened or closes, a meter's verification expires."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from domivka.homes import api as homes
from domivka.homes.api import HomeView
from domivka.identity import api as identity
from domivka.identity.api import PersonView
from domivka.kernel import clock
from domivka.kernel.templatetags.domivka import day_words
from domivka.notifications import api as notifications
from domivka.portal import readings
from domivka.portal.readings import VERIFICATION_SOON, MeteredService, Meters
from domivka.portal.rules.reminders import Stage, reading_stage, verification_stage
from domivka.registry import api as registry

_AT_ONCE = 500  # homes looked at together


@dataclass(frozen=True, slots=True)
class Reminder:
    """One letter: what it is about, until or since when, and names of services or numbers of meters."""

    person: PersonView
    home: HomeView
    stage: Stage
    day: dt.date
    about: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same letter is written once, however often the job runs. Verification is of one meter."""
        meter = "" if self.stage in (Stage.OPENED, Stage.CLOSING) else f":{self.about[0]}"
        return f"reminder:{self.home.id}:{self.stage}:{self.day}{meter}"

    @property
    def subject(self) -> str:
        words = {
            Stage.OPENED: _("Час передати показання: %(title)s"),
            Stage.CLOSING: _("Показання приймають ще до %(day)s: %(title)s"),
            Stage.EXPIRES: _("Лічильнику час на повірку: %(title)s"),
            Stage.EXPIRED: _("Строк повірки лічильника минув: %(title)s"),
        }
        return words[self.stage] % {"title": self.home.title, "day": day_words(self.day)}

    @property
    def body(self) -> str:
        words = {
            Stage.OPENED: _("Показання приймають до %(day)s: %(about)s.\n\nПередати показання: %(url)s"),
            Stage.CLOSING: _(
                "Ви ще не передали показання: %(about)s. Їх приймають до %(day)s. "
                "Без показань нарахують за середнім споживанням.\n\nПередати показання: %(url)s"
            ),
            Stage.EXPIRES: _(
                "Повірка лічильника № %(about)s діє до %(day)s. Після цього дня нараховують за нормою.\n\n"
                "Телефон надавача послуги – на сторінці оселі: %(url)s"
            ),
            Stage.EXPIRED: _(
                "Повірка лічильника № %(about)s діяла до %(day)s. Нараховують за нормою, доки лічильник не повірять.\n\n"
                "Телефон надавача послуги – на сторінці оселі: %(url)s"
            ),
        }
        page = "portal:readings" if self.stage in (Stage.OPENED, Stage.CLOSING) else "portal:home"
        url = settings.BASE_URL.rstrip("/") + reverse(page, args=[self.home.id])
        off = _("Не хочете таких листів? Вимкніть їх тут: %(url)s") % {
            "url": settings.BASE_URL.rstrip("/") + reverse("homes:edit", args=[self.home.id])
        }
        main = words[self.stage] % {"day": day_words(self.day), "about": ", ".join(self.about), "url": url}
        return f"{self.home.address}\n\n{main}\n\n{off}"


def remind(*, at: dt.datetime) -> int:
    """Write every letter that is due and was not written before; how many.

    A handful of queries for each 500 homes. Whoever has an e-mail gets an e-mail; who only has a phone gets an SMS, and
    only when the window closes or the verification is over.
    """
    today, written, after = at.astimezone(clock.KYIV).date(), 0, 0
    while chunk := homes.homes_to_remind(after_id=after, limit=_AT_ONCE):
        after = chunk[-1][1].id
        due = list(_due(chunk, today))
        known = notifications.already_written(idempotency_keys=[one.key for one in due])
        for one in due:
            written += one.key not in known and _write(one, at)
    return written


def _due(chunk: list[tuple[int, HomeView]], today: dt.date) -> Iterator[Reminder]:
    people = identity.people(user_ids=[user_id for user_id, _home in chunk])
    for language in sorted({person.language for person in people.values()}):
        theirs = [(people[id_], home) for id_, home in chunk if id_ in people and people[id_].language == language]
        with override(language):
            meters = _meters_by_premises([home for _person, home in theirs], today)
            for person, home in theirs:
                yield from _of_home(person, home, Meters(tuple(meters[home.premises_id])), today)


def _meters_by_premises(at: list[HomeView], today: dt.date) -> dict[int, list[MeteredService]]:
    services = registry.services_of(premises_ids=list({home.premises_id for home in at}), on=today)
    found: dict[int, list[MeteredService]] = defaultdict(list)
    for one in readings.meters_of(services=services, today=today).services:
        found[one.service.premises_id].append(one)
    return found


def _of_home(person: PersonView, home: HomeView, meters: Meters, today: dt.date) -> Iterator[Reminder]:
    waiting: dict[tuple[Stage, dt.date], list[str]] = defaultdict(list)
    for service in meters.services:
        if not service.waits or service.meter is None or service.meter.window_to is None:
            continue
        window_to = service.meter.window_to
        stage = reading_stage(
            window_from=service.meter.window_from,
            window_to=window_to,
            today=today,
            days_before=settings.READING_REMINDER_DAYS,
        )
        if stage is not None:
            waiting[stage, window_to].append(service.service.name)
    for (stage, day), names in waiting.items():
        yield Reminder(person, home, stage, day, tuple(names))
    for meter in meters.verification_due(today):
        stage = verification_stage(due_on=meter.verification_due_on, today=today, soon=VERIFICATION_SOON)
        if stage is not None and meter.verification_due_on is not None:
            yield Reminder(person, home, stage, meter.verification_due_on, (meter.number,))


def _write(one: Reminder, at: dt.datetime) -> bool:
    with override(one.person.language):
        subject, body = one.subject, one.body
    if one.person.email:
        notifications.send_email(
            to=one.person.email, template="portal.reminder", subject=subject, body=body, at=at, idempotency_key=one.key
        )
        return True
    if one.person.phone and one.stage in (Stage.CLOSING, Stage.EXPIRED):
        notifications.send_sms(
            to=one.person.phone, template="portal.reminder", body=subject, at=at, idempotency_key=one.key
        )
        return True
    return False
