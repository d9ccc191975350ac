"""Reading who helps with which home, and what they did."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domivka.homes.models import Home, HomeShare
from domivka.homes.queries import ADDRESS, HomeView, view
from domivka.homes.rules.rights import Right, WithRights, helper_rights, last_day_of
from domivka.identity import api as identity
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.kernel.money import Money

SHARE: Final = "home_share"
"""What the audit trail calls an access of a helper."""


SHARE_OWNER_ACTS: Final = frozenset({"homes.share_invited", "homes.share_changed", "homes.share_revoked"})
"""What only the owner does with an access."""


class Stage(StrEnum):
    """The state of a share as people see it: time counts, whatever is stored."""

    INVITED = "invited"
    UNANSWERED = "unanswered"
    ACTIVE = "active"
    EXPIRED = "expired"
    DECLINED = "declined"
    REVOKED = "revoked"
    LEFT = "left"


@dataclass(frozen=True)
class ShareView(WithRights):
    """A home shared with somebody, as its owner sees it."""

    id: int
    home_id: int
    helper_id: int | None
    name: str
    contact: str
    rights: frozenset[Right]
    stage: Stage
    invited_at: dt.datetime
    invitation_expires_at: dt.datetime
    expires_at: dt.datetime
    accepted_at: dt.datetime | None
    ended_at: dt.datetime | None
    last_visit_at: dt.datetime | None

    @property
    def is_live(self) -> bool:
        return self.stage in (Stage.INVITED, Stage.ACTIVE)

    @property
    def is_active(self) -> bool:
        return self.stage is Stage.ACTIVE

    @property
    def last_day(self) -> dt.date:
        return last_day_of(self.expires_at)

    @property
    def shown_contact(self) -> str:
        return identity.shown_phone(self.contact) if self.contact.startswith("+") else self.contact


@dataclass(frozen=True)
class InvitationView(WithRights):
    """What an invitation says to whoever follows its link; the address is only for those it was sent to.

    `helper_id` is whoever accepted it and still sees the home.
    """

    share_id: int
    owner: str
    contact: str
    rights: frozenset[Right]
    last_day: dt.date
    is_open: bool
    home_id: int
    home_owner_id: int
    helper_id: int | None
    home: HomeView

    @property
    def masked_contact(self) -> str:
        return masked(self.contact)


@dataclass(frozen=True)
class Act:
    """Something a helper, or the owner about the helper's access, did."""

    at: dt.datetime
    words: str
    by_owner: bool


def stage_of(share: HomeShare, *, at: dt.datetime) -> Stage:
    """What the share is at that moment."""
    if share.state == HomeShare.State.INVITED:
        is_open = at < min(share.invitation_expires_at, share.expires_at)
        return Stage.INVITED if is_open else Stage.UNANSWERED
    if share.state == HomeShare.State.ACCEPTED:
        return Stage.ACTIVE if at < share.expires_at else Stage.EXPIRED
    if share.state == HomeShare.State.EXPIRED:
        return Stage.EXPIRED if share.accepted_at else Stage.UNANSWERED
    return Stage(share.state)


def share_view(share: HomeShare, *, at: dt.datetime) -> ShareView:
    return ShareView(
        id=share.pk,
        home_id=share.home_id,
        helper_id=share.helper_id,
        name=share.name,
        contact=share.contact,
        rights=helper_rights(readings=share.sends_readings, pays=share.pays),
        stage=stage_of(share, at=at),
        invited_at=share.invited_at,
        invitation_expires_at=share.invitation_expires_at,
        expires_at=share.expires_at,
        accepted_at=share.accepted_at,
        ended_at=share.ended_at,
        last_visit_at=share.last_visit_at,
    )


def count_shares(*, home_id: int) -> int:
    return HomeShare.objects.filter(home_id=home_id).count()


def shares_of(*, home_id: int, at: dt.datetime, limit: int, offset: int = 0) -> list[ShareView]:
    """Everybody the home was ever shared with, newest first; one query."""
    rows = HomeShare.objects.filter(home_id=home_id).order_by("-invited_at", "-pk")
    return [share_view(row, at=at) for row in rows[offset : offset + limit]]


def share_of(*, home_id: int, share_id: int, at: dt.datetime) -> ShareView:
    """One share of the home; `NotFoundError`."""
    row = HomeShare.objects.filter(pk=share_id, home_id=home_id).first()
    if row is None:
        raise NotFoundError(_("Такого помічника в цієї оселі немає."))
    return share_view(row, at=at)


def token_hash(token: str) -> str:
    """Only this of an invitation's token is kept: who reads the database cannot accept anything."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation(*, token: str, at: dt.datetime) -> InvitationView:
    """The invitation of a link; `NotFoundError`."""
    rows = HomeShare.objects.filter(token_hash=token_hash(token))
    row = rows.select_related("home__user", f"home__{ADDRESS}").first()
    if row is None:
        raise NotFoundError(_("Такого запрошення немає."))
    opens = row.home.state == Home.State.OPEN and row.home.user.is_active
    return InvitationView(
        share_id=row.pk,
        owner=short_name(surname=row.home.user.surname, name=row.home.user.name),
        contact=row.contact,
        rights=helper_rights(readings=row.sends_readings, pays=row.pays),
        last_day=last_day_of(row.expires_at),
        is_open=opens and stage_of(row, at=at) is Stage.INVITED,
        home_id=row.home_id,
        home_owner_id=row.home.user_id,
        helper_id=row.helper_id if opens and stage_of(row, at=at) is Stage.ACTIVE else None,
        home=view(row.home),
    )


def is_invited(*, user_id: int, invitation: InvitationView) -> bool:
    """Whether the person confirmed the e-mail or phone it was sent to, and is not its sender."""
    return identity.find_person(login=invitation.contact) == user_id != invitation.home_owner_id


def short_name(*, surname: str, name: str) -> str:
    """«Олена К.»: enough to be recognised by one's own people."""
    return " ".join(part for part in (name, f"{surname[:1]}." if surname else "") if part) or _("Власник оселі")


def masked(contact: str) -> str:
    """`о***@ukr.net`: the invited person recognises it, a stranger learns little."""
    if contact.startswith("+"):
        return identity.masked_phone(contact)
    local, _at, domain = contact.partition("@")
    return f"{local[:1]}***@{domain}"


def count_acts(*, share_id: int) -> int:
    return _acts(share_id).count()


def acts_of(*, share: ShareView, limit: int, offset: int = 0) -> list[Act]:
    """What was done with this access and by means of it, newest first; one query."""
    rows = _acts(share.id).order_by("-at", "-pk")[offset : offset + limit]
    return [Act(row.at, _words(row.action, row.detail), row.action in SHARE_OWNER_ACTS) for row in rows]


def _acts(share_id: int) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(object_kind=SHARE, object_id=str(share_id))


def _words(action: str, detail: Mapping[str, Any]) -> str:
    if action == "homes.helper_read":
        return ngettext("Передано %(n)d показання", "Передано показань: %(n)d", detail["taken"]) % {
            "n": detail["taken"]
        }
    if action == "homes.helper_paid":
        return _("Сплачено %(sum)s грн, квитанція № %(number)s") % {
            "sum": Money(detail["amount_kop"]),
            "number": detail["receipt"],
        }
    words = {
        "homes.share_invited": _("Ви надіслали запрошення"),
        "homes.share_accepted": _("Запрошення прийнято"),
        "homes.share_declined": _("Запрошення відхилено"),
        "homes.share_changed": _("Ви змінили доступ"),
        "homes.share_revoked": _("Ви відкликали доступ"),
        "homes.share_left": _("Помічник відмовився від доступу"),
        "homes.helper_visited": _("Відкрито сторінки оселі"),
        "homes.helper_bill": _("Завантажено рахунок, PDF"),
    }
    return words[action]
