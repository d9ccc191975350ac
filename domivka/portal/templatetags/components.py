"""The components that stand on a page dozens of times. Written here because a template takes ten times as long."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from domivka.kernel.money import Money
from domivka.kernel.templatetags.domivka import money
from domivka.portal.figures import Column

register = template.Library()


@register.simple_tag
@cache
def address(name: str) -> str:
    """Where a page without a number in its address stands: `{% url %}` looks through all the patterns each time."""
    return reverse(name)


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


@register.simple_tag
def table_cards(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    total: Sequence[str] = (),
    hidden: bool = False,
) -> SafeString:
    """A table that becomes cards on a phone: `rows` of cells, the first of each is the row's head; `hidden=True` hides the
    caption visually. A page that needs links in cells writes its own with class="table-cards" and data-label on each td."""
    kinds = [' class="num"' if column.numeric else "" for column in columns]
    labels = [escape(column.label) for column in columns]
    heads = "".join(f'<th scope="col"{kind}>{label}</th>' for kind, label in zip(kinds, labels, strict=True))
    beside = list(zip(labels, kinds, strict=True))[1:]
    body = "".join(
        f'<tr><th scope="row">{escape(head)}</th>'
        + "".join(
            f'<td data-label="{label}"{kind}>{escape(cell)}</td>'
            for (label, kind), cell in zip(beside, cells, strict=True)
        )
        + "</tr>"
        for head, *cells in rows
    )
    shown = ' class="visually-hidden"' if hidden else ""
    foot = "".join(f'<td class="num">{escape(cell)}</td>' for cell in total[1:])
    return mark_safe(  # noqa: S308 - every text is escaped above
        f'<table class="table-cards"><caption{shown}>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>"
        + (f'<tfoot><tr><th scope="row">{escape(total[0])}</th>{foot}</tr></tfoot>' if total else "")
        + "</table>"
    )
