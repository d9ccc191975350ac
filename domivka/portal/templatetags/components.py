"""The components that stand on a page dozens of times. Written here because a template takes ten times as long."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from domivka.kernel.money import Money
from domivka.kernel.templatetags.domivka import money
from domivka.portal.figures import Column

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str = "", size: str = "", label: str = "") -> SafeString:
    """A sign from img/icons.svg; `label` is words for screen readers when no text stands beside."""
    return format_html(
        '<svg class="icon{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        f" {size}" if size else "",
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"'),
        static("domivka/img/icons.svg"),
        name or "service",
    )


@register.simple_tag
def amount(value: Money | int | None, size: str = "", tone: str = "", currency: bool = True) -> SafeString:
    """A sum of money (an int is kopiykas). `size` is "large" or "answer"; `tone` is "debt" or "settled" (words beside must
    say it too); `currency=False` where a column's head says «грн»."""
    return format_html(
        '<span class="{}"><span class="value">{}</span>{}</span>',
        " ".join(filter(None, ("amount", size, tone))),
        money(value),
        format_html('<span class="currency">&nbsp;{}</span>', _("грн")) if currency else "",
    )


@register.filter
def under(cells: Sequence[str], columns: Sequence[Column]) -> list[tuple[Column, str]]:
    """The cells of a table's row, each with its column."""
    return list(zip(columns, cells, strict=False))
