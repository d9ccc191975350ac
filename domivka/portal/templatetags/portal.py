"""What only the design system's own templates need."""

from __future__ import annotations

from django import template

from domivka.kernel.money import Money

register = template.Library()


@register.filter
def absolute(value: Money) -> Money:
    """The size of an amount whose sign is said in words."""
    return abs(value)
