"""«Видалити мої дані»: ask, take back, and the nightly job that anonymises."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from domivka.appointments import api as appointments
from domivka.cnap import api as cnap
from domivka.homes import api as homes
from domivka.identity import api as identity
from domivka.identity.api import Role
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.notifications import api as notifications
from domivka.privacy import exports
from domivka.privacy.errors import ErasureAsked, StaffCannotErase
from domivka.privacy.models import Erasure

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErasureView:
    """A request that waits: until `due_at` it can be taken back."""

    asked_at: dt.datetime
    due_at: dt.datetime


def erasure_of(*, user_id: int) -> ErasureView | None:
    """The request that waits, if there is one. One query."""
    row = Erasure.objects.filter(user_id=user_id, cancelled_at=None, done_at=None).first()
    return ErasureView(row.asked_at, row.due_at) if row else None


def is_staff(*, user_id: int) -> bool:
    """Whether the person holds a role beside a resident's. One query."""
    return any(role != Role.RESIDENT for role, _scope in identity.roles_of(user_id=user_id))


def ask_erasure(*, user_id: int, at: dt.datetime) -> dt.datetime:
    """Order oblivion after the days of grace; when it will be. Errors: `StaffCannotErase`, `ErasureAsked`."""
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        if is_staff(user_id=user_id):
            raise StaffCannotErase
        if erasure_of(user_id=user_id) is not None:
            raise ErasureAsked
        due_at = at + dt.timedelta(days=settings.ERASURE_GRACE_DAYS)
        row = Erasure.objects.create(user_id=user_id, asked_at=at, due_at=due_at)
        _record("asked", row, user_id, at)
        person = identity.person(user_id=user_id)
        with override(person.language):
            _tell(
                _addresses(person),
                subject=_("Ви попросили видалити ваші дані"),
                words=_("Ваші дані буде видалено %(day)s. До того дня увійдіть і скасуйте, якщо передумали: %(url)s")
                % {"day": _day(due_at), "url": f"{settings.BASE_URL}/profile/data/erasure/"},
                at=at,
            )
    return due_at


def cancel_erasure(*, user_id: int, at: dt.datetime) -> None:
    """Take the request back. `NotFoundError` when there is none."""
    with transaction.atomic():
        row = Erasure.objects.select_for_update().filter(user_id=user_id, cancelled_at=None, done_at=None).first()
        if row is None:
            raise NotFoundError(_("Немає прохання, яке можна скасувати."))
        row.cancelled_at = at
        row.save(update_fields=["cancelled_at"])
        _record("cancelled", row, user_id, at)


def erase_due(*, at: dt.datetime) -> int:
    """Anonymise everybody whose grace is over; how many. One transaction each: killed half-way, the next run goes on.

    One who became staff meanwhile waits until the roles are revoked; one failure does not hold the others.
    """
    done = 0
    for pk in Erasure.objects.filter(due_at__lte=at, cancelled_at=None, done_at=None).values_list("pk", flat=True):
        try:
            done += _erase(pk, at)
        except StaffCannotErase:
            log.warning("erasure %s waits: the person is staff", pk)
        except (DomainError, OSError, DatabaseError):
            log.exception("erasure %s failed and will be tried again", pk)
    return done


@transaction.atomic
def _erase(erasure_id: int, at: dt.datetime) -> bool:
    waiting = Erasure.objects.select_for_update(skip_locked=True).filter(cancelled_at=None, done_at=None)
    row = waiting.filter(pk=erasure_id).first()
    if row is None:
        return False
    user_id = row.user_id
    identity.lock_person(user_id=user_id)
    if is_staff(user_id=user_id):
        raise StaffCannotErase
    person = identity.person(user_id=user_id)
    recipients = identity.typed_logins(user_id=user_id)
    appointments.erase_person(user_id=user_id, at=at)
    cnap.erase_person(user_id=user_id)
    homes.erase_person(user_id=user_id, contacts=[one for one in _addresses(person) if one], at=at)
    exports.forget_exports(user_id=user_id)
    notifications.forget_recipients(recipients=recipients)
    identity.erase_person(user_id=user_id, at=at)
    row.done_at = at
    row.save(update_fields=["done_at"])
    with override(person.language):
        words = _("Ваші дані в Домівці видалено, увійти більше не можна. Це останній лист від нас.")
        subject = _("Ваші дані видалено")
        _tell(_addresses(person), subject=subject, words=words, at=at, template="privacy.farewell")
    return True


def _addresses(person: identity.PersonView) -> tuple[str, str]:
    return person.email, person.phone


def _tell(
    addresses: tuple[str, str], *, subject: str, words: str, at: dt.datetime, template: str = "privacy.erasure"
) -> None:
    """To the confirmed e-mail, or to the phone of whoever has none."""
    email, phone = addresses
    if email:
        notifications.send_email(to=email, template=template, subject=subject, body=words, at=at)
    elif phone:
        notifications.send_sms(to=phone, template=template, body=words, at=at)


def _day(at: dt.datetime) -> str:
    return at.astimezone(KYIV).strftime("%d.%m.%Y")


def _record(what: str, row: Erasure, user_id: int, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"privacy.erasure_{what}", object_kind="erasure", object_id=row.pk,
        person_ids=[user_id],
    )  # fmt: skip
