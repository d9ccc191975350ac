"""What people are told of their visits outside its page: in «Повідомлення», by e-mail, by SMS to whoever has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from domivka.appointments.models import Visit
from domivka.appointments.rules.slots import KYIV
from domivka.cnap import api as cnap
from domivka.identity import api as identity
from domivka.kernel.templatetags.domivka import day_words
from domivka.notifications import api as notifications


def facts(row: Visit) -> dict[str, object]:
    """What every letter of a visit names, in the language that is in force."""
    assert row.starts_at is not None  # noqa: S101 - letters are of visits that have a time
    starts = row.starts_at.astimezone(KYIV)
    return {
        "day": day_words(starts.date()), "time": f"{starts:%H:%M}", "office": row.office.name,
        "address": row.office.address, "question": row.question.words, "number": row.number,
    }  # fmt: skip


def tell_to_move(row: Visit, *, why: str, at: dt.datetime) -> None:
    """«Ваш візит треба перенести», with the page where another time is one press away; in the caller's transaction."""

    def words(hello: str) -> tuple[str, str]:
        said = facts(row) | {"hello": hello, "why": f" ({why})" if why else ""}
        subject = _("Ваш візит треба перенести: %(day)s о %(time)s") % said
        body = _(
            "%(hello)s\n\nна жаль, %(day)s о %(time)s ми не зможемо вас прийняти%(why)s. Вибачте за незручність.\n\n"
            "%(office)s, %(address)s\nПитання: %(question)s\n\n"
            "Запис зберігається за вами: відкрийте сторінку й одним натисканням оберіть інший час."
        )
        return subject, body % said

    def short() -> str:
        return _("ЦНАП: %(day)s о %(time)s прийому не буде. Оберіть інший час:") % facts(row)

    _tell(row, "move", words, short, at)


def tell_of_new_time(row: Visit, *, at: dt.datetime) -> None:
    """The desk gave the visit another time; in the caller's transaction."""

    def words(hello: str) -> tuple[str, str]:
        said = facts(row) | {"hello": hello}
        subject = _("Візит перенесено: %(day)s о %(time)s") % said
        body = _(
            "%(hello)s\n\nваш візит перенесено, чекаємо на вас: %(day)s о %(time)s.\n\n%(office)s, %(address)s\n"
            "Питання: %(question)s\nНомер у черзі: %(number)s"
        )
        return subject, body % said

    def short() -> str:
        return _("ЦНАП: візит перенесено на %(day)s, %(time)s, номер %(number)s.") % facts(row)

    _tell(row, "visit", words, short, at)


def _tell(row: Visit, page: str, words: cnap.Words, short: Callable[[], str], at: dt.datetime) -> None:
    if row.user_id is None:
        return  # somebody who came without a booking
    path = reverse(f"appointments:{page}", args=[row.pk])
    cnap.tell(
        user_id=row.user_id, sender=row.office.name, path=path, words=words, template=f"appointments.{page}", at=at
    )
    who = identity.person(user_id=row.user_id)
    if not who.email:
        with override(who.language):
            body = f"{short()} {settings.BASE_URL.rstrip('/')}{path}"
        notifications.send_sms(to=who.phone or row.phone, template=f"appointments.{page}", body=body, at=at)
