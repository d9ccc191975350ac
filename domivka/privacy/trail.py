"""«Хто переглядав мої дані»: entries of the audit trail about one person and their homes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.paginator import Page
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.urls import reverse

from domivka.homes import api as homes
from domivka.kernel.listing import PAGE_SIZE, pages
from domivka.kernel.models import AuditEntry
from domivka.privacy import words
from domivka.registry import api as registry
from domivka.registry.models import Provider

_PAGES: Final = {"application": "cnap:application", "consultation": "cnap:consultation", "visit": "appointments:visit"}
_GONE: Final = ("_deleted",)


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry: its number (to name in a complaint), the moment, the role and body, what was looked at or done."""

    id: int
    at: dt.datetime
    who: str
    what: str
    day: dt.date | None
    address: str  # of the home it is about; empty when it is about the person
    url: str  # the person's own page of it, or empty
    is_read: bool
    is_own: bool


def about(*, user_id: int, spans: Sequence[homes.OpenSpan], only_reads: bool) -> QuerySet[AuditEntry]:
    """Entries about the person, or about a home while it was open in their cabinet, whoever else lives there.

    Both conditions are answered by GIN indexes: the order is of an expression, for the server thinks a person's entries
    many and would otherwise walk the index of `at` through everybody's, half a second in a trail of a million.
    """
    wanted = Q(person_ids__contains=[user_id])
    for span in spans:
        of_home = Q(premises_ids__contains=[span.premises_id], at__gte=span.since)
        wanted |= of_home & Q(at__lt=span.until) if span.until else of_home
    moment = ExpressionWrapper(F("at") + Value(dt.timedelta(0)), output_field=DateTimeField())
    rows = AuditEntry.objects.filter(wanted).order_by(moment.desc(), "-pk")
    return rows.filter(is_read=True).exclude(actor_id=user_id) if only_reads else rows


def trail(*, user_id: int, only_reads: bool, number: int = 1) -> tuple[Page[int], list[TrailRow]]:
    """A page of entries, newest first. Seven queries at most: homes, the number of entries, entries, and the names of
    homes, providers and towns."""
    spans = homes.open_spans(user_id=user_id)
    rows = about(user_id=user_id, spans=spans, only_reads=only_reads)
    page = pages(rows.count(), number)
    start = (page.number - 1) * PAGE_SIZE
    return page, _named(list(rows[start : start + PAGE_SIZE]), user_id, spans)


def whole_trail(*, user_id: int) -> list[TrailRow]:
    """Everything about the person, newest first, for the export."""
    spans = homes.open_spans(user_id=user_id)
    return _named(list(about(user_id=user_id, spans=spans, only_reads=False)), user_id, spans)


def _named(found: Sequence[AuditEntry], user_id: int, spans: Sequence[homes.OpenSpan]) -> list[TrailRow]:
    own = {span.premises_id for span in spans}
    premises = sorted({one for entry in found for one in own & set(entry.premises_ids)})
    addresses = {pk: view.short_address for pk, view in registry.premises_views(premises_ids=premises).items()}
    providers = {one for entry in found if (one := words.provider_of(entry)) is not None}
    names = words.Names(
        providers=dict(Provider.objects.filter(pk__in=providers).values_list("pk", "short_name")),
        towns={town.id: town.name for town in registry.towns()},
    )
    return [
        TrailRow(
            id=entry.pk,
            at=entry.at,
            who=words.who(entry, user_id=user_id, names=names),
            what=words.what(entry),
            day=words.day_of(entry),
            address="; ".join(addresses[one] for one in sorted(own & set(entry.premises_ids))),
            url=_url(entry),
            is_read=entry.is_read,
            is_own=entry.actor_id == user_id,
        )
        for entry in found
    ]


def _url(entry: AuditEntry) -> str:
    page = _PAGES.get(entry.object_kind)
    return reverse(page, args=[entry.object_id]) if page and not entry.action.endswith(_GONE) else ""
