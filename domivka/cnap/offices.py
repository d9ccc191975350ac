"""Centres, terms and templates: what the town decides once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from domivka.cnap.models import AnswerTemplate, AnswerTerm, Office
from domivka.cnap.rules.terms import Term, due_on, term_days
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError
from domivka.kernel.workdays import holidays


@dataclass(frozen=True, slots=True)
class OfficeView:
    """A centre (ЦНАП)."""

    id: int
    town_id: int
    name: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A text that answers begin with."""

    id: int
    name: str
    text: str


def save_office(*, town_id: int, name: str, address: str, phone: str = "") -> int:
    """A centre of a town, by its name; its id."""
    row, _made = Office.objects.update_or_create(
        town_id=town_id, name=name, defaults={"address": address, "phone": phone}
    )
    return row.pk


def offices(*, town_ids: Collection[int] | None = None) -> list[OfficeView]:
    """Open centres of these towns, or of all (None), by name. One query."""
    rows = Office.objects.filter(is_open=True).order_by("name")
    if town_ids is not None:
        rows = rows.filter(town_id__in=town_ids)
    return [OfficeView(*row) for row in rows.values_list("pk", "town_id", "name", "address", "phone")]


def office(*, office_id: int) -> OfficeView:
    """An open centre; `NotFoundError`."""
    for found in offices():
        if found.id == office_id:
            return found
    raise NotFoundError(_("Такого ЦНАП немає."))


def due(*, town_id: int, kind: str, at: dt.datetime, service_id: int | None = None) -> dt.date:
    """The last day to answer what is sent at that moment."""
    on = at.astimezone(KYIV).date()
    rows = AnswerTerm.objects.filter(town_id=town_id, kind=kind, valid_from__lte=on)
    terms = [Term(*row) for row in rows.values_list("days", "valid_from", "service_id")]
    return due_on(on, term_days(terms, on=on, service_id=service_id), holidays())


def templates(*, town_ids: Collection[int]) -> list[TemplateView]:
    rows = AnswerTemplate.objects.filter(town_id__in=town_ids).order_by("name")
    return [TemplateView(*row) for row in rows.values_list("pk", "name", "text")]


def save_template(*, town_id: int, name: str, text: str, user_id: int, at: dt.datetime) -> int:
    """A template of a town, by its name; an empty text takes it away. Its id."""
    if not text.strip():
        gone = AnswerTemplate.objects.filter(town_id=town_id, name=name)
        pk = gone.values_list("pk", flat=True).first() or 0
        gone.delete()
    else:
        row, _made = AnswerTemplate.objects.update_or_create(town_id=town_id, name=name, defaults={"text": text})
        pk = row.pk
    audit.record(
        at=at, actor_id=user_id, action="cnap.template_saved", object_kind="answer_template", object_id=pk,
        town_id=town_id,
    )  # fmt: skip
    return pk


def only(found: Sequence[OfficeView]) -> int | None:
    """The id of the only centre there is to choose, or None."""
    return found[0].id if len(found) == 1 else None
