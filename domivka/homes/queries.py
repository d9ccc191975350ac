"""Reading homes and keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from domivka.homes.errors import HomeLocked
from domivka.homes.models import AuthorisationKey, Home, HomePin, KeyAttempt
from domivka.homes.rules import keys
from domivka.homes.rules.rights import EVERYTHING, Right, WithRights, helper_rights, last_day_of
from domivka.kernel.errors import NotFoundError
from domivka.kernel.period import Period
from domivka.kernel.reads import prepared_rows
from domivka.registry.api import Choice, TownView, address_text, short_address_text
from domivka.registry.models import Street

ADDRESS = "premises__building__street__town"


@dataclass(frozen=True)
class HomeView(WithRights):
    """A premises in a person's cabinet. `title` is the person's own name for it, or the short address.

    The last four are of a home that somebody shares with the person: which of the shares, until when, the last visit.
    """

    id: int
    premises_id: int
    town: TownView
    label: str
    title: str
    address: str
    state: str
    reminders: bool
    compared: bool
    rights: frozenset[Right] = EVERYTHING
    share_id: int | None = None
    until: dt.datetime | None = None
    visited_at: dt.datetime | None = None

    @property
    def is_own(self) -> bool:
        """False: somebody else's home, and the person helps with it."""
        return self.share_id is None

    @property
    def last_day(self) -> dt.date | None:
        """The last day of a helper's access."""
        return last_day_of(self.until) if self.until else None

    @property
    def town_id(self) -> int:
        return self.town.id

    @property
    def is_open(self) -> bool:
        return self.state == Home.State.OPEN

    @property
    def is_pending(self) -> bool:
        return self.state == Home.State.PENDING


@dataclass(frozen=True)
class PinView:
    """A PIN that was sent and waits to be typed."""

    sent_at: dt.datetime
    expires_at: dt.datetime
    tries_left: int
    resend_at: dt.datetime


def view(home: Home) -> HomeView:
    """`home` as other contexts see it; its address should be loaded with `select_related(ADDRESS)`."""
    premises, building = home.premises, home.premises.building
    town = building.street.town
    return _own(
        (home.pk, premises.pk, home.label, home.state, home.reminders, home.compared),
        (building.street.kind, building.street.name, building.number, premises.flat),
        TownView(town.pk, town.name, town.genitive, town.katottg, town.dispatcher_phone),
    )


def _own(home: tuple[int, int, str, str, bool, bool], address: tuple[str, str, str, str], town: TownView) -> HomeView:
    """`home` is (id, premises_id, label, state, reminders, compared); `address` is (kind, street, building, flat)."""
    home_id, premises_id, label, state, reminders, compared = home
    kind, street, building, flat = address
    return HomeView(
        id=home_id,
        premises_id=premises_id,
        town=town,
        label=label,
        title=label or short_address_text(street=street, building=building, flat=flat),
        address=address_text(town=town.name, kind=kind, street=street, building=building, flat=flat),
        state=state,
        reminders=reminders,
        compared=compared,
    )


_OWN = """
SELECT h.id, h.premises_id, h.label, h.state, h.reminders, h.compared, h.added_at AS since,
       NULL::bigint AS share_id, true AS sends_readings, true AS pays,
       NULL::timestamptz AS until, NULL::timestamptz AS visited_at
FROM homes_home h
WHERE h.user_id = %(user)s AND h.state <> 'removed'
"""
_SHARED = """
SELECT h.id, h.premises_id, sh.label, h.state, h.reminders, h.compared, sh.accepted_at,
       sh.id, sh.sends_readings, sh.pays, sh.expires_at, sh.last_visit_at
FROM homes_homeshare sh
JOIN homes_home h ON h.id = sh.home_id AND h.state = 'open'
JOIN identity_user o ON o.id = h.user_id AND o.is_active
WHERE sh.helper_id = %(user)s AND sh.state = 'accepted' AND sh.expires_at > %(at)s
"""
_WITH_ADDRESSES = """
SELECT k.id, k.premises_id, k.label, k.state, k.reminders, k.compared,
       s.kind, s.name, b.number, p.flat, t.id, t.name, t.genitive, t.katottg, t.dispatcher_phone,
       k.share_id, k.sends_readings, k.pays, k.until, k.visited_at
FROM ({}) k
JOIN registry_premises p ON p.id = k.premises_id
JOIN registry_building b ON b.id = p.building_id
JOIN registry_street s ON s.id = b.street_id
JOIN registry_town t ON t.id = s.town_id
ORDER BY k.share_id IS NOT NULL, k.since, k.id
"""
_HOMES = _WITH_ADDRESSES.format(_OWN)
_HOMES_SEEN = _WITH_ADDRESSES.format(f"{_OWN} UNION ALL {_SHARED}")


def homes_of(*, user_id: int) -> list[HomeView]:
    """The person's own homes in the order they were added, in whatever state; one query."""
    return [_from_row(row) for row in prepared_rows(_HOMES, {"user": user_id})]


def homes_seen(*, user_id: int, at: dt.datetime) -> list[HomeView]:
    """The person's own homes, as `homes_of`, and then those that others share with them at that moment; one query.

    A share counts while it is accepted and not over, its home is open and the owner's account is active.
    """
    return [_from_row(row) for row in prepared_rows(_HOMES_SEEN, {"user": user_id, "at": at})]


def _from_row(row: tuple[Any, ...]) -> HomeView:
    home = _own(row[:6], row[6:10], TownView(*row[10:15]))
    share_id, sends_readings, pays, until, visited_at = row[15:]
    if share_id is None:
        return home
    rights = helper_rights(readings=sends_readings, pays=pays)
    return replace(home, rights=rights, share_id=share_id, until=until, visited_at=visited_at)


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """From when until when (None: still) a premises was open in a person's cabinet."""

    premises_id: int
    since: dt.datetime
    until: dt.datetime | None


def open_spans(*, user_id: int) -> list[OpenSpan]:
    """When which premises were the person's to see, removed homes too; one query."""
    rows = Home.objects.filter(user_id=user_id, opened_at__isnull=False).order_by("pk")
    found = rows.values_list("premises_id", "opened_at", "removed_at")
    return [OpenSpan(premises_id, since, until) for premises_id, since, until in found if since is not None]


def homes_to_remind(*, after_id: int, limit: int) -> list[tuple[int, HomeView]]:
    """Open homes whose person wants reminders, with the person's id, in the order of ids after `after_id`; one query."""
    rows = Home.objects.filter(state=Home.State.OPEN, reminders=True, pk__gt=after_id)
    return [(home.user_id, view(home)) for home in rows.select_related(ADDRESS).order_by("pk")[:limit]]


def not_compared(*, premises_ids: Collection[int]) -> frozenset[int]:
    """Those of the premises that somebody who lives there took out of the comparison with similar homes; one query."""
    rows = Home.objects.filter(state=Home.State.OPEN, compared=False, premises_id__in=premises_ids)
    return frozenset(rows.values_list("premises_id", flat=True))


def any_home_of(*, user_id: int, home_id: int) -> HomeView:
    """One home of the person in whatever state; `NotFoundError`."""
    rows = Home.objects.filter(user_id=user_id, pk=home_id).exclude(state=Home.State.REMOVED)
    home = rows.select_related(ADDRESS).first()
    if home is None:
        raise NotFoundError(_("Такого об'єкта немає серед ваших."))
    return view(home)


def home_for(*, user_id: int, home_id: int) -> HomeView:
    """One open home of the person's own. Pages come through `homes.door`, which also lets helpers in.

    `NotFoundError` for homes that do not exist and for other people's; `HomeLocked` when PIN or key was not given.
    """
    return open_home(homes=homes_of(user_id=user_id), home_id=home_id)


def open_home(*, homes: Sequence[HomeView], home_id: int) -> HomeView:
    """The open home among the person's `homes`; refusals as of `home_for`."""
    for home in homes:
        if home.id == home_id and home.is_open:
            return home
        if home.id == home_id:
            raise HomeLocked(home.id, pending=home.is_pending)
    raise NotFoundError(_("Такого об'єкта немає серед ваших."))


def pin_of(*, home_id: int) -> PinView | None:
    pin = HomePin.objects.filter(home_id=home_id).first()
    if pin is None:
        return None
    pause = dt.timedelta(seconds=settings.PIN_RESEND_SECONDS)
    return PinView(
        sent_at=pin.sent_at, expires_at=pin.expires_at, tries_left=pin.attempts_left, resend_at=pin.sent_at + pause
    )


def blocked_until(*, user_id: int, premises_id: int, at: dt.datetime) -> dt.datetime | None:
    """Until when the person may not try keys of this premises."""
    rows = KeyAttempt.objects.filter(user_id=user_id, premises_id=premises_id, blocked_until__gt=at)
    return rows.values_list("blocked_until", flat=True).first()


def key_of(row: AuthorisationKey) -> str:
    """The ten digits of a key that was issued."""
    return _derive(row.premises_id, row.period, row.serial)


def _derive(premises_id: int, period: Period, serial: int) -> str:
    return keys.derive(secret=settings.AUTHORISATION_KEY_SECRET, premises_id=premises_id, period=period, serial=serial)


def current_keys(*, premises_ids: Collection[int], period: Period | None = None) -> dict[int, str]:
    """The newest key of each premises, of all months or of one, as it is printed (`4821-9375-06`).

    Premises without a key are left out.
    """
    rows = AuthorisationKey.objects.filter(premises_id__in=premises_ids)
    if period is not None:
        rows = rows.filter(period=period)
    newest = rows.order_by("premises_id", "-period", "-serial").distinct("premises_id")
    found = newest.values_list("premises_id", "period", "serial")
    return {premises_id: keys.printed(_derive(premises_id, of, serial)) for premises_id, of, serial in found.iterator()}


def street(*, street_id: int, town_id: int) -> Choice:
    """A street of the town as a person picks it, «вул. Садова»; `NotFoundError`."""
    row = Street.objects.filter(pk=street_id, town_id=town_id).first()
    if row is None:
        raise NotFoundError(_("Такої вулиці немає в цьому місті."))
    return Choice(row.pk, f"{row.kind} {row.name}")
