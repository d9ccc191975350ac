"""What the frame of every page needs. Everything is lazy: a page that shows no frame asks the database nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from domivka.homes.api import HomeView
from domivka.homes.door import homes_open_to
from domivka.identity.models import User
from domivka.registry import api as registry
from domivka.registry.api import TownView

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
STAFF_FLAG = "works_for_town"


@dataclass(frozen=True, slots=True)
class Section:
    """A link of the frame: in the rail, the bottom bar or the account menu."""

    url: str
    icon: str
    label: str
    current: bool = False
    wide_only: bool = False


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    value: str
    icon: str
    label: str
    pressed: str  # "true" or "false", as aria-pressed wants it


@dataclass(frozen=True, slots=True)
class Person:
    short_name: str


@cache
def link(name: str) -> str:
    """The address of a page without a number in it, or '' where the page does not exist (only sections that exist are shown)."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Frame:
    """The frame of one request; templates read its attributes."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def theme(self) -> str:
        """«light» or «dark» when the person chose; empty when the device decides."""
        chosen = self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in ("light", "dark") else ""

    @property
    def themes(self) -> list[ThemeChoice]:
        words = {
            "auto": ("device", _("Вигляд як на пристрої")),
            "light": ("sun", _("Світлий вигляд")),
            "dark": ("moon", _("Темний вигляд")),
        }
        chosen = self.theme or "auto"
        return [ThemeChoice(value, *words[value], "true" if value == chosen else "false") for value in THEMES]

    @property
    def mailbox(self) -> str:
        """Where letters and SMS of the demo are read; empty in a real town."""
        return link("notifications:mailbox") if settings.DEMO else ""

    @cached_property
    def person(self) -> Person | None:
        user = getattr(self.request, "user", None)
        if not isinstance(user, User):
            return None
        return Person(user.name or user.email or user.phone or "")

    @cached_property
    def homes(self) -> list[HomeView]:
        """The open homes of the person, in the order they were added, then those they help with."""
        if self.person is None or self.request.user.pk is None:
            return []
        return [home for home in homes_open_to(self.request) if home.is_open]

    @cached_property
    def home(self) -> HomeView | None:
        """The home of this page, or the first one where the page belongs to none."""
        match = self.request.resolver_match
        wanted = match.kwargs.get("home_id") if match else None
        named = [home for home in self.homes if home.id == wanted]
        return next(iter(named or self.homes), None)

    @cached_property
    def town(self) -> TownView | None:
        """The town of the home; for strangers the first town of the installation."""
        return self.home.town if self.home else next(iter(registry.towns()), None)

    @cached_property
    def sections(self) -> list[Section]:
        """The rail of a home: what stands on the phone's bottom bar first, the rest on wide screens only."""
        if self.home is None:
            return []
        path, root = self.request.path, f"/homes/{self.home.id}/"
        rows = [
            (root, "home", _("Оселя"), False),
            (f"{root}bill/", "bill", _("Рахунок"), False),
            (f"{root}readings/", "meter", _("Показання"), False),
            (f"{root}history/", "history", _("Історія"), False),
            (f"{root}payments/", "wallet", _("Мої платежі"), True),
            (f"{root}statistics/", "chart", _("Статистика"), True),
            ("/tariffs/", "tariff", _("Тарифи"), True),
            ("/services/", "building", _("Послуги міста"), False),
        ]
        return [
            Section(url, icon, label, path == url or (url != root and path.startswith(url)), wide_only)
            for url, icon, label, wide_only in rows
        ]

    @cached_property
    def account_links(self) -> list[Section]:
        desk = link("backoffice:dashboard") if self.request.session.get(STAFF_FLAG) else ""
        links = [
            Section(desk, "building", _("Робоче місце")),
            Section(link("homes:list"), "home", _("Мої об'єкти")),
            Section(link("portal:services"), "building", _("Послуги міста")),
            Section(link("identity:profile"), "account", _("Профіль")),
            Section(link("privacy:home"), "lock", _("Мої дані")),
        ]
        return [section for section in links if section.url]


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"frame": Frame(request)}
