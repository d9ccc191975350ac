"""Sharing a home with a helper. Locks are taken in the order owner, share.

Every step leaves an audit entry about the share (`homes.share_…`, `homes.helper_…`); the owner reads them as its log,
and whoever else has the premises among theirs finds them in «Хто переглядав мої дані».
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from domivka.homes import errors, share_letters
from domivka.homes.models import Home, HomeShare
from domivka.homes.queries import ADDRESS
from domivka.homes.rules.rights import Term, end_of, last_day
from domivka.homes.shares import SHARE, Stage, stage_of, token_hash
from domivka.identity import api as identity
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError

INVITATION_LIFE: Final = dt.timedelta(days=7)
ONE_VISIT: Final = dt.timedelta(minutes=30)
"""Pages opened within it are one visit of the log."""

_LIVE: Final = (HomeShare.State.INVITED, HomeShare.State.ACCEPTED)


@dataclass(frozen=True)
class Invited:
    """A new share, and the token of the link that was sent; nothing else knows it."""

    share_id: int
    token: str


def invite_helper(
    *, user_id: int, home_id: int, contact: str, name: str, readings: bool, pays: bool, term: Term, at: dt.datetime
) -> Invited:
    """Offer a helper access to the person's own open home, and write to `contact` (a lower-case e-mail or `+380…`).

    Nobody is looked up: whether the contact has an account changes nothing here. The link works once, for seven days.
    Errors: `OwnContact`, `AlreadyInvited`, `TooManyHelpers`, `TooManyInvitations`, `NotFoundError`.
    """
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        home = _own_home(user_id, home_id)
        if identity.find_person(login=contact) == user_id:
            raise errors.OwnContact
        _forget_what_is_over(Q(home=home), at)
        live = list(HomeShare.objects.filter(home=home, state__in=_LIVE).values_list("contact", flat=True))
        if contact in live:
            raise errors.AlreadyInvited
        if len(live) >= settings.HELPERS_PER_HOME:
            raise errors.TooManyHelpers(settings.HELPERS_PER_HOME)
        _refuse_flood(user_id, contact, at)
        share = HomeShare(
            home=home,
            name=" ".join(name.split())[:60] or contact[:60],
            contact=contact,
            sends_readings=readings,
            pays=pays,
            expires_at=_end(term, at),
        )
        return _send_invitation(share, user_id, at)


def invite_again(*, user_id: int, home_id: int, share_id: int, at: dt.datetime) -> Invited:
    """Send an invitation that waits for its answer once more: a new link for seven days, the one before does not work.

    It counts as one more invitation of the day. Errors: `ShareOver`, `TooManyInvitations`, `NotFoundError`.
    """
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        before = _share_of_own(user_id, home_id, share_id)
        if stage_of(before, at=at) is not Stage.INVITED:
            raise errors.ShareOver
        _refuse_flood(user_id, before.contact, at)
        _end_share(before, HomeShare.State.EXPIRED, at)
        kept = ("home", "name", "contact", "sends_readings", "pays", "expires_at")
        return _send_invitation(HomeShare(**{field: getattr(before, field) for field in kept}), user_id, at)


def _send_invitation(share: HomeShare, user_id: int, at: dt.datetime) -> Invited:
    token = secrets.token_urlsafe(24)
    share.token_hash, share.invited_at, share.invitation_expires_at = token_hash(token), at, at + INVITATION_LIFE
    share.save(force_insert=True)
    share_letters.invite(share=share, token=token, at=at)
    _record("homes.share_invited", share, user_id, at, **_given(share))
    return Invited(share.pk, token)


def accept_invitation(*, user_id: int, token: str, label: str, at: dt.datetime) -> int:
    """Take the invitation that was sent to the person's confirmed e-mail or phone; the id of the home.

    `label` is what the helper calls the home. Errors: `InvitationOver`, `AnotherPersonsInvitation`,
    `HomeSeenAlready`, `NotFoundError`.
    """
    with transaction.atomic():
        identity.lock_person(user_id=user_id)
        share = _invited(user_id, token, at)
        _forget_what_is_over(Q(home=share.home, helper_id=user_id), at)
        if HomeShare.objects.filter(home=share.home, helper_id=user_id, state=HomeShare.State.ACCEPTED).exists():
            raise errors.HomeSeenAlready
        own = Home.objects.filter(user_id=user_id, premises_id=share.home.premises_id)
        if own.filter(state=Home.State.OPEN).exists():  # one that waits for its PIN or key shows nothing
            raise errors.HomeSeenAlready
        share.state, share.helper_id, share.accepted_at = HomeShare.State.ACCEPTED, user_id, at
        share.label = " ".join(label.split())[:60]
        share.save(update_fields=["state", "helper", "accepted_at", "label"])
        share_letters.tell_owner(share=share, what="accepted", at=at)
        _record("homes.share_accepted", share, user_id, at)
    return share.home_id


def decline_invitation(*, user_id: int, token: str, at: dt.datetime) -> None:
    """Refuse the invitation. Errors: `InvitationOver`, `AnotherPersonsInvitation`, `NotFoundError`."""
    with transaction.atomic():
        share = _invited(user_id, token, at)
        _end_share(share, HomeShare.State.DECLINED, at)
        share_letters.tell_owner(share=share, what="declined", at=at)
        _record("homes.share_declined", share, user_id, at)


def change_share(
    *, user_id: int, home_id: int, share_id: int, readings: bool, pays: bool, term: Term | None, at: dt.datetime
) -> None:
    """Give other rights, at once; with `term`, until its end from today (to prolong or to shorten).

    Errors: `ShareOver`, `NotFoundError`.
    """
    with transaction.atomic():
        share = _share_of_own(user_id, home_id, share_id)
        if stage_of(share, at=at) not in (Stage.INVITED, Stage.ACTIVE):
            raise errors.ShareOver
        share.sends_readings, share.pays = readings, pays
        if term is not None:
            share.expires_at = _end(term, at)
        share.save(update_fields=["sends_readings", "pays", "expires_at"])
        _record("homes.share_changed", share, user_id, at, **_given(share))


def revoke_share(*, user_id: int, home_id: int, share_id: int, at: dt.datetime) -> None:
    """End the helper's access, or cancel an invitation, at once; twice changes nothing. `NotFoundError`."""
    with transaction.atomic():
        share = _share_of_own(user_id, home_id, share_id)
        if share.state not in _LIVE:
            return
        had_access = stage_of(share, at=at) is Stage.ACTIVE
        _end_share(share, HomeShare.State.REVOKED, at)
        if had_access:
            share_letters.tell_helper_it_ended(share=share, at=at)
        _record("homes.share_revoked", share, user_id, at)


def leave_share(*, user_id: int, share_id: int, at: dt.datetime) -> None:
    """The helper gives the access back. `NotFoundError`."""
    with transaction.atomic():
        share = _share_of_helper(user_id, share_id, at)
        _end_share(share, HomeShare.State.LEFT, at)
        share_letters.tell_owner(share=share, what="left", at=at)
        _record("homes.share_left", share, user_id, at)


def rename_shared(*, user_id: int, share_id: int, label: str, at: dt.datetime) -> None:
    """The helper's own name for the home; the owner's stays as it is. `NotFoundError`."""
    with transaction.atomic():
        share = _share_of_helper(user_id, share_id, at)
        share.label = " ".join(label.split())[:60]
        share.save(update_fields=["label"])


def note_visit(*, user_id: int, share_id: int, at: dt.datetime) -> None:
    """The helper opened a page of the home; half an hour of pages is one entry of the log."""
    with transaction.atomic():
        rows = HomeShare.objects.filter(pk=share_id)
        rows = rows.filter(Q(last_visit_at__isnull=True) | Q(last_visit_at__lte=at - ONE_VISIT))
        if rows.update(last_visit_at=at):
            share = HomeShare.objects.select_related("home__premises").get(pk=share_id)
            _record("homes.helper_visited", share, user_id, at, is_read=True)


def note_readings(*, user_id: int, share_id: int, taken: int, at: dt.datetime) -> None:
    """The helper sent so many readings."""
    share = HomeShare.objects.select_related("home__premises").get(pk=share_id)
    _record("homes.helper_read", share, user_id, at, taken=taken)


def note_bill(*, user_id: int, share_id: int, at: dt.datetime) -> None:
    """The helper took a bill away as a file."""
    share = HomeShare.objects.select_related("home__premises").get(pk=share_id)
    _record("homes.helper_bill", share, user_id, at, is_read=True)


def note_payment(
    *, user_id: int, premises_id: int, begun_at: dt.datetime, amount_kop: int, receipt: str, at: dt.datetime
) -> None:
    """Somebody's payment for a premises went through: written to the log where they helped with it when they began,
    nothing elsewhere, nor for a home of their own. Access that ended while the bank was deciding counts too."""
    if Home.objects.filter(user_id=user_id, premises_id=premises_id, state=Home.State.OPEN).exists():
        return
    rows = HomeShare.objects.filter(helper_id=user_id, home__premises_id=premises_id, accepted_at__lte=begun_at)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=begun_at), expires_at__gt=begun_at)
    share = rows.select_related("home__premises").order_by("-accepted_at").first()
    if share is not None:
        _record("homes.helper_paid", share, user_id, at, amount_kop=amount_kop, receipt=receipt)


def _end(term: Term, at: dt.datetime) -> dt.datetime:
    return end_of(last_day(term, today=at.astimezone(KYIV).date()))


def _given(share: HomeShare) -> dict[str, Any]:
    return {"readings": share.sends_readings, "pays": share.pays, "until": share.expires_at.isoformat()}


def _own_home(user_id: int, home_id: int) -> Home:
    rows = Home.objects.filter(pk=home_id, user_id=user_id, state=Home.State.OPEN)
    home = rows.select_related("user", ADDRESS).first()
    if home is None:
        raise NotFoundError(_("Такого об'єкта немає серед ваших."))
    return home


def _forget_what_is_over(which: Q, at: dt.datetime) -> None:
    """Unanswered invitations and access whose time is over give their place up."""
    over = Q(state=HomeShare.State.ACCEPTED, expires_at__lte=at) | Q(
        Q(invitation_expires_at__lte=at) | Q(expires_at__lte=at), state=HomeShare.State.INVITED
    )
    HomeShare.objects.filter(which, over).update(state=HomeShare.State.EXPIRED, ended_at=at)


def _refuse_flood(user_id: int, contact: str, at: dt.datetime) -> None:
    day = HomeShare.objects.filter(invited_at__gt=at - dt.timedelta(days=1))
    if day.filter(home__user_id=user_id).count() >= settings.INVITATIONS_PER_DAY:
        raise errors.TooManyInvitations
    if day.filter(contact=contact).count() >= settings.INVITATIONS_TO_ONE_PER_DAY:
        raise errors.TooManyInvitations


def _invited(user_id: int, token: str, at: dt.datetime) -> HomeShare:
    rows = HomeShare.objects.select_for_update(of=("self",)).select_related("home__user", f"home__{ADDRESS}")
    share = rows.filter(token_hash=token_hash(token)).first()
    if share is None:
        raise NotFoundError(_("Такого запрошення немає."))
    owner = share.home.user
    if stage_of(share, at=at) is not Stage.INVITED or share.home.state != Home.State.OPEN or not owner.is_active:
        raise errors.InvitationOver
    if identity.find_person(login=share.contact) != user_id or share.home.user_id == user_id:
        raise errors.AnotherPersonsInvitation
    return share


def _share_of_own(user_id: int, home_id: int, share_id: int) -> HomeShare:
    rows = HomeShare.objects.select_for_update(of=("self",)).select_related("home__user", f"home__{ADDRESS}", "helper")
    share = rows.filter(pk=share_id, home_id=home_id, home__user_id=user_id).first()
    if share is None:
        raise NotFoundError(_("Такого помічника в цієї оселі немає."))
    return share


def _share_of_helper(user_id: int, share_id: int, at: dt.datetime) -> HomeShare:
    rows = HomeShare.objects.select_for_update(of=("self",)).select_related("home__user", f"home__{ADDRESS}")
    share = rows.filter(pk=share_id, helper_id=user_id, state=HomeShare.State.ACCEPTED, expires_at__gt=at).first()
    if share is None:
        raise NotFoundError(_("Цього доступу у вас немає."))
    return share


def _end_share(share: HomeShare, state: HomeShare.State, at: dt.datetime) -> None:
    share.state, share.ended_at = state, at
    share.save(update_fields=["state", "ended_at"])


def _record(
    action: str, share: HomeShare, actor_id: int, at: dt.datetime, *, is_read: bool = False, **detail: Any
) -> None:
    audit.record(
        at=at,
        actor_id=actor_id,
        action=action,
        object_kind=SHARE,
        object_id=share.pk,
        town_id=share.home.premises.town_id,
        is_read=is_read,
        detail={"home_id": share.home_id, "premises_id": share.home.premises_id, **detail},
        person_ids=[share.home.user_id, share.helper_id],
        premises_ids=[share.home.premises_id],
    )
