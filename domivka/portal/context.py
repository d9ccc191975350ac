"""What the frame of every page needs. Everything is lazy: a page that shows no frame asks the database nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from domivka.identity.models import User

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


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


def link(name: str, *args: object) -> str:
    """The address of a page, or '' where the page does not exist (only sections that exist are shown)."""
    try:
        return reverse(name, args=args)
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

    @cached_property
    def person(self) -> Person | None:
        user = getattr(self.request, "user", None)
        if not isinstance(user, User):
            return None
        return Person(user.name or user.email or user.phone or "")

    @cached_property
    def account_links(self) -> list[Section]:
        links = [
            Section(link("homes:list"), "home", _("Мої об'єкти")),
            Section(link("identity:profile"), "account", _("Профіль")),
        ]
        return [section for section in links if section.url]


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"frame": Frame(request)}
