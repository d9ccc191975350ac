"""How fast a long job goes, and how long it will yet take, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` things a second, `seconds_left` until the last; None before anything was done."""

    rate: float | None
    seconds_left: float | None

    @property
    def rate_words(self) -> str:
        """«400 за секунду», «12 за хвилину»; nothing before it is known."""
        if not self.rate:
            return ""
        if self.rate < 1:
            return _("%(count)d за хвилину") % {"count": round(self.rate * 60)}
        return _("%(count)s за секунду") % {"count": f"{self.rate:,.0f}".replace(",", "\u00a0")}

    @property
    def left_words(self) -> str:
        """«ще 5 с», «ще 2 хв»; nothing before it is known."""
        if self.seconds_left is None:
            return ""
        if self.seconds_left < 90:
            return _("ще %(count)d с") % {"count": max(1, round(self.seconds_left))}
        return _("ще %(count)d хв") % {"count": round(self.seconds_left / 60)}


def pace(*, done: int, total: int, seconds: float) -> Pace:
    """The pace of a job that did `done` of `total` in `seconds`."""
    if done <= 0 or seconds <= 0:
        return Pace(None, None)
    return Pace(done / seconds, max(total - done, 0) * seconds / done)
