"""Adding, opening, renaming and removing homes. Locks are taken in the order user, home, tries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from domivka.homes import errors
from domivka.homes.models import AuthorisationKey, Home, HomePin, KeyAttempt
from domivka.homes.queries import ADDRESS, HomeView, current_keys, key_of, view
from domivka.homes.rules import keys, pins
from domivka.identity import api as identity
from domivka.kernel import audit
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.notifications import api as notifications
from domivka.registry.models import Premises

PIN_SENT = "homes.pin_sent"
OF_THE_PREMISES = frozenset(
    {"homes.granted", "homes.key_stale", "homes.key_wrong", "homes.locked", "homes.opened", "homes.restored"}
)
"""What everybody who has the premises open may know of: who else got to its data, or tried to."""
_ISSUE = """
INSERT INTO homes_authorisationkey (premises_id, period, serial, issued_at)
SELECT premises_id, %s, 1, %s FROM unnest(%s::bigint[]) premises_id ORDER BY premises_id
ON CONFLICT (premises_id, period, serial) DO NOTHING
"""
NEEDED_OF_PROFILE = ("email", "surname", "name")


def add_home(*, user_id: int, premises_id: int, at: dt.datetime) -> HomeView:
    """Put a premises among the person's homes, pending, and send the PIN to the confirmed e-mail.

    Errors: `ProfileIncomplete`, `HomeAlreadyAdded`, `HomesCapReached`, `TooManyPins`, `NotFoundError`.
    """
    missing = identity.missing_profile_fields(user_id=user_id, needed=NEEDED_OF_PROFILE)
    if missing:
        raise errors.ProfileIncomplete(missing)
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        premises = Premises.objects.filter(pk=premises_id).select_related("building__street__town").first()
        if premises is None:
            raise NotFoundError(_("Такої адреси немає. Виберіть її зі списку."))
        _check_cap(user_id, premises_id)
        home = Home.objects.create(user_id=user_id, premises=premises, added_at=at)
        _send_pin(home, at)
        _record("homes.added", home, at)
    return view(home)


def grant_home(*, user_id: int, premises_id: int, at: dt.datetime, actor_id: int | None, label: str = "") -> HomeView:
    """Open a home for a person without PIN and key, whoever checked their papers at a counter; also for the demo.

    Errors: `HomeAlreadyAdded`, `HomesCapReached`, `NotFoundError`.
    """
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        premises = Premises.objects.filter(pk=premises_id).select_related("building__street__town").first()
        if premises is None:
            raise NotFoundError(_("Такої адреси немає. Виберіть її зі списку."))
        _check_cap(user_id, premises_id)
        home = Home.objects.create(
            user_id=user_id, premises=premises, label=label, state=Home.State.OPEN, added_at=at, opened_at=at
        )
        _record("homes.granted", home, at, actor_id)
    return view(home)


def resend_pin(*, user_id: int, home_id: int, at: dt.datetime) -> None:
    """Send a new PIN with new tries. Errors: `PinSentRecently`, `TooManyPins`, `NotFoundError`."""
    with transaction.atomic():
        home = _locked(user_id, home_id)
        if home.state != Home.State.PENDING:
            return
        pin = HomePin.objects.filter(home=home).first()
        if pin is not None:
            wait = pin.sent_at + dt.timedelta(seconds=settings.PIN_RESEND_SECONDS) - at
            if wait > dt.timedelta(0):
                raise errors.PinSentRecently(-(-wait // dt.timedelta(seconds=1)))
        _send_pin(home, at)


def confirm_pin(*, user_id: int, home_id: int, pin: str, at: dt.datetime) -> None:
    """Take the PIN: the home becomes locked, waiting for its key.

    Errors: `WrongPin` (a try is gone), `PinTriesExhausted`, `PinExpired`, `NotFoundError`. Tries are counted under a
    lock of the home, so parallel requests cannot have more of them.
    """
    with transaction.atomic():
        home = _locked(user_id, home_id)
        failure = _take_pin(home, pin, at) if home.state == Home.State.PENDING else None
    if failure is not None:  # after the commit: a try that was used stays used
        raise failure


def _take_pin(home: Home, pin: str, at: dt.datetime) -> DomainError | None:
    sent = HomePin.objects.get(home=home)
    if sent.attempts_left == 0:
        return errors.PinTriesExhausted()
    if at >= sent.expires_at:
        return errors.PinExpired()
    if keys.same(sent.pin_hash, _digest(home, pins.typed(pin))):
        home.state = Home.State.LOCKED
        home.save(update_fields=["state"])
        sent.delete()
        _record("homes.pin_confirmed", home, at)
        return None
    sent.attempts_left -= 1
    sent.save(update_fields=["attempts_left"])
    _record("homes.pin_wrong", home, at)
    return errors.WrongPin(sent.attempts_left) if sent.attempts_left else errors.PinTriesExhausted()


def open_with_key(*, user_id: int, home_id: int, key: str, at: dt.datetime) -> None:
    """Take the authorisation key as typed: the home opens.

    Errors: `MistypedKey` and `StaleAuthorisationKey` cost no try, `WrongAuthorisationKey` costs one,
    `KeyTriesExhausted` blocks this person's tries of this premises for `KEY_BLOCK_MINUTES`, also after removing and
    adding it again; `NoKeyIssued`; `HomeLocked` while the PIN is missing; `NotFoundError`. Source: S0 §2.3.2.
    """
    with transaction.atomic():
        home = _locked(user_id, home_id)
        if home.state == Home.State.PENDING:
            raise errors.HomeLocked(home.pk, pending=True)
        failure = _take_key(home, key, at) if home.state == Home.State.LOCKED else None
    if failure is not None:  # after the commit: a try that was used stays used
        raise failure


def _take_key(home: Home, key: str, at: dt.datetime) -> DomainError | None:
    KeyAttempt.objects.bulk_create(
        [KeyAttempt(user_id=home.user_id, premises_id=home.premises_id, attempts_left=settings.KEY_TRIES)],
        ignore_conflicts=True,
    )
    tries = KeyAttempt.objects.select_for_update().get(user_id=home.user_id, premises_id=home.premises_id)
    if tries.blocked_until is not None:
        if tries.blocked_until > at:
            return errors.KeyTriesExhausted(tries.blocked_until)
        tries.blocked_until, tries.attempts_left = None, settings.KEY_TRIES
    typed = keys.typed(key)
    if typed is None:
        return errors.MistypedKey()
    issued = list(AuthorisationKey.objects.filter(premises_id=home.premises_id).order_by("-period", "-serial"))
    if not issued:
        return errors.NoKeyIssued()
    matches = [keys.same(key_of(row), typed) for row in issued]
    if matches[0]:
        home.state, home.opened_at = Home.State.OPEN, at
        home.save(update_fields=["state", "opened_at"])
        tries.delete()
        _record("homes.opened", home, at)
        return None
    if any(matches):
        _record("homes.key_stale", home, at)
        return errors.StaleAuthorisationKey()
    tries.attempts_left -= 1
    failure: DomainError = errors.WrongAuthorisationKey(tries.attempts_left)
    if tries.attempts_left == 0:
        tries.blocked_until = at + dt.timedelta(minutes=settings.KEY_BLOCK_MINUTES)
        failure = errors.KeyTriesExhausted(tries.blocked_until)
    tries.save()
    _record("homes.key_wrong", home, at)
    return failure


def rename_home(*, user_id: int, home_id: int, label: str, at: dt.datetime) -> None:
    """Give the home the person's own name (up to 60 characters; empty: the address again)."""
    with transaction.atomic():
        home = _locked(user_id, home_id)
        home.label = " ".join(label.split())[:60]
        home.save(update_fields=["label"])
        _record("homes.renamed", home, at)


def set_compared(*, user_id: int, home_id: int, wanted: bool, at: dt.datetime) -> None:
    """Whether the home is beside similar ones: one that left is neither shown them nor counted for others."""
    with transaction.atomic():
        home = _locked(user_id, home_id)
        if home.compared != wanted:
            home.compared = wanted
            home.save(update_fields=["compared"])
            _record("homes.comparison_on" if wanted else "homes.comparison_off", home, at)


def set_reminders(*, user_id: int, home_id: int, wanted: bool, at: dt.datetime) -> None:
    """Whether letters about readings and verification of this home's meters are sent to the person."""
    with transaction.atomic():
        home = _locked(user_id, home_id)
        if home.reminders != wanted:
            home.reminders = wanted
            home.save(update_fields=["reminders"])
            _record("homes.reminders_on" if wanted else "homes.reminders_off", home, at)


def remove_home(*, user_id: int, home_id: int, at: dt.datetime) -> None:
    """Take the home out of the profile; `restore_home` undoes it within `HOME_UNDO_HOURS`."""
    with transaction.atomic():
        home = _locked(user_id, home_id)
        home.state, home.removed_at = Home.State.REMOVED, at
        home.save(update_fields=["state", "removed_at"])
        _record("homes.removed", home, at)


def restore_home(*, user_id: int, home_id: int, at: dt.datetime) -> HomeView:
    """Undo a removal: the home is as open as it was, or locked when `lock_homes` came between.

    Errors: `UndoExpired`, `HomeAlreadyAdded`, `HomesCapReached`, `NotFoundError`.
    """
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        home = (
            Home.objects.filter(pk=home_id, user_id=user_id, state=Home.State.REMOVED).select_related(ADDRESS).first()
        )
        if home is None or home.removed_at is None:
            raise NotFoundError(_("Такого об'єкта немає серед ваших."))
        if at - home.removed_at > dt.timedelta(hours=settings.HOME_UNDO_HOURS):
            raise errors.UndoExpired
        _check_cap(user_id, home.premises_id)
        pending = HomePin.objects.filter(home=home).exists()
        home.state = Home.State.OPEN if home.opened_at else Home.State.PENDING if pending else Home.State.LOCKED
        home.removed_at = None
        home.save(update_fields=["state", "removed_at"])
        _record("homes.restored", home, at)
    return view(home)


def issue_keys(*, premises_ids: Collection[int], period: Period, at: dt.datetime) -> dict[int, str]:
    """The key each premises' bill of `period` is printed with (`4821-9375-06`), made when it is not there yet.

    Issuing again gives the same keys, so a bill may be printed twice. Keys of earlier months stop working.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ISSUE, [int(period), at, list(premises_ids)])
    return current_keys(premises_ids=premises_ids, period=period)


def replace_key(*, premises_id: int, at: dt.datetime, actor_id: int | None) -> str:
    """A new key for the newest bill's month, as when the paper bill got into wrong hands; the old one is stale."""
    with transaction.atomic():
        rows = AuthorisationKey.objects.select_for_update().filter(premises_id=premises_id)
        newest = rows.order_by("-period", "-serial").first()
        if newest is None:
            raise errors.NoKeyIssued
        made = AuthorisationKey.objects.create(
            premises_id=premises_id, period=newest.period, serial=newest.serial + 1, issued_at=at
        )
        audit.record(
            at=at, actor_id=actor_id, action="homes.key_replaced", object_kind="premises", object_id=premises_id,
            premises_ids=[premises_id],
        )  # fmt: skip
    return keys.printed(key_of(made))


def lock_homes(*, premises_id: int, at: dt.datetime, actor_id: int | None) -> int:
    """Ask for the newest key again in every cabinet of these premises, as when other people moved in; how many.

    One that was removed and may still be restored comes back locked.
    """
    undo_since = at - dt.timedelta(hours=settings.HOME_UNDO_HOURS)
    was_open = Q(state=Home.State.OPEN) | Q(
        state=Home.State.REMOVED, opened_at__isnull=False, removed_at__gte=undo_since
    )
    with transaction.atomic():
        rows = Home.objects.select_for_update(of=("self",)).filter(was_open, premises_id=premises_id)
        found = list(rows.select_related("premises").order_by("pk"))
        for home in found:
            if home.state == Home.State.OPEN:
                home.state = Home.State.LOCKED
            home.opened_at = None
            home.save(update_fields=["state", "opened_at"])
            _record("homes.locked", home, at, actor_id)
    return len(found)


def _locked(user_id: int, home_id: int) -> Home:
    rows = Home.objects.select_for_update().filter(pk=home_id, user_id=user_id)
    home = rows.exclude(state=Home.State.REMOVED).first()
    if home is None:
        raise NotFoundError(_("Такого об'єкта немає серед ваших."))
    return home


def _check_cap(user_id: int, premises_id: int) -> None:
    kept = list(
        Home.objects.filter(user_id=user_id).exclude(state=Home.State.REMOVED).values_list("premises_id", flat=True)
    )
    if premises_id in kept:
        raise errors.HomeAlreadyAdded
    if len(kept) >= settings.HOMES_PER_USER:
        raise errors.HomesCapReached(settings.HOMES_PER_USER)


def _send_pin(home: Home, at: dt.datetime) -> None:
    hour_ago = at - dt.timedelta(hours=1)
    sent = AuditEntry.objects.filter(action=PIN_SENT, actor_id=home.user_id, at__gt=hour_ago).count()
    if sent >= settings.PINS_PER_HOUR:
        raise errors.TooManyPins
    pin = pins.draw()
    HomePin.objects.update_or_create(
        home=home,
        defaults={
            "pin_hash": _digest(home, pin),
            "sent_at": at,
            "expires_at": at + dt.timedelta(minutes=settings.PIN_MINUTES),
            "attempts_left": settings.PIN_TRIES,
        },
    )
    address = view(home).address
    notifications.send_email(
        to=identity.confirmed_email(user_id=home.user_id),
        template="homes.pin",
        subject=_("Перевірочний код: %(pin)s") % {"pin": pin},
        body=_(
            "Ваш перевірочний код: %(pin)s\n\n"
            "Введіть його, щоб додати об'єкт «%(address)s» до свого кабінету. Код діє %(minutes)d хвилин.\n\n"
            "Якщо ви не додавали цей об'єкт, нічого не робіть."
        )
        % {"pin": pin, "address": address, "minutes": settings.PIN_MINUTES},
        at=at,
    )
    _record(PIN_SENT, home, at)


def record_removed(home: Home, *, at: dt.datetime) -> None:
    """The home goes with the data of its person; nobody else did it."""
    _record("homes.removed", home, at, None)


def _digest(home: Home, pin: str) -> str:
    return pins.digest(secret=settings.AUTHORISATION_KEY_SECRET, home_id=home.pk, pin=pin)


def _record(action: str, home: Home, at: dt.datetime, *actor: int | None) -> None:
    audit.record(
        at=at,
        actor_id=actor[0] if actor else home.user_id,
        action=action,
        object_kind="home",
        object_id=home.pk,
        town_id=home.premises.town_id,
        detail={"premises_id": home.premises_id},
        person_ids=[home.user_id],
        premises_ids=[home.premises_id] if action in OF_THE_PREMISES else [],
    )
