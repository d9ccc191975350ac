"""Letters and SMS that tell a person of a change they may not have made themselves."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext as _

from domivka.identity.queries import person
from domivka.notifications import api as notifications


def password_changed(*, user_id: int, at: dt.datetime) -> None:
    """To the confirmed e-mail, or to the phone of whoever has none."""
    who = person(user_id=user_id)
    _tell(
        email=who.email,
        phone="" if who.email else who.phone,
        subject=_("Пароль змінено"),
        words=_("Пароль до Домівки змінено."),
        template="identity.notice",
        at=at,
    )


def login_changed(*, at: dt.datetime, email: str = "", phone: str = "") -> None:
    """To the e-mail or phone that signs in no more: the last message to it, and what was sent before is forgotten."""
    notifications.forget_recipients(recipients=[email or phone], waiting_too=False)
    _tell(
        email=email,
        phone=phone,
        subject=_("Логін змінено"),
        words=_("Логін до Домівки змінено: з цією поштою чи телефоном увійти вже не можна."),
        template="identity.farewell",
        at=at,
    )


def _tell(*, email: str, phone: str, subject: str, words: str, template: str, at: dt.datetime) -> None:
    advice = _("Якщо це були не ви, відразу зверніться до підтримки міста: %(url)s") % {
        "url": f"{settings.BASE_URL}/help/"
    }
    if email:
        notifications.send_email(to=email, template=template, subject=subject, body=f"{words}\n\n{advice}", at=at)
    elif phone:
        notifications.send_sms(to=phone, template=template, body=f"{words} {advice}", at=at)
