"""Letters about sharing a home: the invitation, its answer, the end. Whoever has no e-mail gets an SMS."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from domivka.homes.models import HomeShare
from domivka.homes.queries import ADDRESS, view
from domivka.homes.rules.rights import REMINDED_BEFORE, is_time_to_remind, last_day_of
from domivka.homes.shares import short_name
from domivka.identity import api as identity
from domivka.identity.api import PersonView
from domivka.kernel.templatetags.domivka import day_words
from domivka.notifications import api as notifications

_AT_ONCE = 500


def _url(name: str, *args: object) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=args)


def rights_words(*, readings: bool, pays: bool) -> str:
    """«бачити рахунки, показання й платежі, передавати показання, платити»."""
    words = [_("бачити рахунки, нарахування, показання й платежі")]
    words += [_("передавати показання")] if readings else []
    words += [_("платити")] if pays else []
    return ", ".join(words)


def invite(*, share: HomeShare, token: str, at: dt.datetime) -> None:
    """The link, in the owner's language: nothing is known about whoever reads it. The address is shown after sign-in."""
    owner = share.home.user
    with override(owner.language):
        who, link = short_name(surname=owner.surname, name=owner.name), _url("homes:invitation", token)
        subject = _("%(who)s просить допомогти з оселею") % {"who": who}
        if share.contact.startswith("+"):
            body = _("Домівка: %(who)s просить допомогти з оселею. Відповісти: %(link)s") % {"who": who, "link": link}
            notifications.send_sms(to=share.contact, template="homes.invitation", body=body, at=at)
            return
        body = _(
            "%(who)s ділиться з вами доступом до своєї оселі в Домівці.\n\n"
            "Ви зможете: %(rights)s. Доступ діятиме до %(day)s.\n\n"
            "Прийняти або відхилити: %(link)s\n\n"
            "Посилання діє сім днів і лише раз. Увійдіть або зареєструйтеся з цією поштою. "
            "Якщо ви не знаєте цієї людини, нічого не робіть."
        ) % {
            "who": who,
            "rights": rights_words(readings=share.sends_readings, pays=share.pays),
            "day": last_day_of(share.expires_at).strftime("%d.%m.%Y"),
            "link": link,
        }
        notifications.send_email(to=share.contact, template="homes.invitation", subject=subject, body=body, at=at)


def tell_owner(*, share: HomeShare, what: str, at: dt.datetime) -> None:
    """What became of it: `what` is accepted, declined or left."""
    owner = identity.person(user_id=share.home.user_id)
    with override(owner.language):
        subject = {
            "accepted": _("%(name)s тепер допомагає з вашою оселею"),
            "declined": _("%(name)s не приймає запрошення допомагати"),
            "left": _("%(name)s більше не допомагає з вашою оселею"),
        }[what] % {"name": share.name}
        body = _("%(address)s\n\nХто має доступ і що робить: %(link)s") % {
            "address": view(share.home).address,
            "link": _url("homes:helpers", share.home_id),
        }
    _write(owner, subject, body, at, None)


def tell_helper_it_ended(*, share: HomeShare, at: dt.datetime) -> None:
    """The owner took the access back."""
    if share.helper_id is None:
        return
    helper = identity.person(user_id=share.helper_id)
    with override(helper.language):
        subject = _("Доступ до оселі «%(title)s» відкликано") % {"title": _title(share)}
        body = _("Власник оселі закрив вам доступ. Ваші квитанції лишаються у ваших листах.")
    _write(helper, subject, body, at, None)


def remind_of_the_end(*, at: dt.datetime) -> int:
    """Write to both a week before the end, once for an end; how many letters. A handful of queries for 500 shares."""
    written, after = 0, 0
    soon = HomeShare.objects.filter(
        state=HomeShare.State.ACCEPTED, home__state="open", expires_at__gt=at, expires_at__lte=at + REMINDED_BEFORE
    ).select_related(f"home__{ADDRESS}")
    while chunk := list(soon.filter(pk__gt=after).order_by("pk")[:_AT_ONCE]):
        after = chunk[-1].pk
        due = [one for one in chunk if is_time_to_remind(since=_since(one), until=one.expires_at, at=at)]
        people = identity.people(user_ids=[pk for one in due for pk in (one.home.user_id, one.helper_id or 0)])
        known = notifications.already_written(idempotency_keys=[key for one in due for key in _keys(one)])
        for one in due:
            for user_id, key in zip((one.home.user_id, one.helper_id), _keys(one), strict=True):
                person = people.get(user_id or 0)
                if person is not None and key not in known:
                    _remind(person, one, key, at)
                    written += 1
    return written


def _since(share: HomeShare) -> dt.datetime:
    return share.accepted_at or share.invited_at


def _keys(share: HomeShare) -> tuple[str, str]:
    day = last_day_of(share.expires_at)
    return f"share-end:{share.pk}:{day}:owner", f"share-end:{share.pk}:{day}:helper"


def _remind(person: PersonView, share: HomeShare, key: str, at: dt.datetime) -> None:
    day = last_day_of(share.expires_at)
    with override(person.language):
        if person.id == share.home.user_id:
            subject = _("%(name)s допомагає вам до %(day)s") % {"name": share.name, "day": day_words(day)}
            body = _("Потім доступ до оселі закриється сам. Продовжити або відкликати: %(link)s") % {
                "link": _url("homes:helper", share.home_id, share.pk)
            }
        else:
            subject = _("Доступ до оселі «%(title)s» діє до %(day)s") % {"title": _title(share), "day": day_words(day)}
            body = _("Якщо ви й далі допомагаєте, попросіть власника продовжити доступ.")
    _write(person, subject, body, at, key)


def _title(share: HomeShare) -> str:
    return share.label or view(share.home).address


def _write(person: PersonView, subject: str, body: str, at: dt.datetime, key: str | None) -> None:
    if person.email:
        notifications.send_email(
            to=person.email, template="homes.sharing", subject=subject, body=body, at=at, idempotency_key=key
        )
    elif person.phone:
        words = _("Домівка: %(words)s.") % {"words": subject}
        notifications.send_sms(to=person.phone, template="homes.sharing", body=words, at=at, idempotency_key=key)
