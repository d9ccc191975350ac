"""Terms («строки»): how long an answer may take, from which day on. The past is never rewritten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from domivka.cnap.errors import TermInForce, TextMissing
from domivka.cnap.models import AnswerTerm, Service
from domivka.cnap.rules.terms import Term, due_on, term_days
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError
from domivka.kernel.workdays import holidays

Kind = AnswerTerm.Kind


@dataclass(frozen=True, slots=True)
class TermView:
    """A term of a town; `service` is empty when it is for all. `last_on` is its last day, None while nothing follows it."""

    id: int
    kind: str
    service_id: int | None
    service: str
    days: int
    valid_from: dt.date
    last_on: dt.date | None
    is_now: bool
    is_planned: bool


def due(*, town_id: int, kind: str, at: dt.datetime, service_id: int | None = None) -> dt.date:
    """The last day to answer what is sent at that moment."""
    on = at.astimezone(KYIV).date()
    return due_on(on, days(town_id=town_id, kind=kind, on=on, service_id=service_id), holidays())


def days(*, town_id: int, kind: str, on: dt.date, service_id: int | None = None) -> int:
    """The term in force on that day, calendar days."""
    rows = AnswerTerm.objects.filter(town_id=town_id, kind=kind, valid_from__lte=on)
    found = [Term(*row) for row in rows.values_list("days", "valid_from", "service_id")]
    return term_days(found, on=on, service_id=service_id)


def terms(*, town_id: int, on: dt.date) -> list[TermView]:
    """Every term of the town: consultations, all services, each service; the newest first. One query."""
    rows = AnswerTerm.objects.filter(town_id=town_id).order_by("-valid_from", "pk")
    ends: dict[tuple[str, int | None], dt.date] = {}
    found = []
    for pk, kind, service_id, name, length, since in rows.values_list(
        "pk", "kind", "service_id", "service__name", "days", "valid_from"
    ):
        until = ends.get((kind, service_id))
        last_on = until - dt.timedelta(days=1) if until else None
        is_now = since <= on and (last_on is None or last_on >= on)
        found.append(TermView(pk, kind, service_id, name or "", length, since, last_on, is_now, since > on))
        ends[kind, service_id] = since
    return sorted(found, key=lambda one: (one.kind != Kind.CONSULTATION, one.service_id is not None, one.service))


def set_term(
    *,
    town_id: int,
    kind: str,
    service_id: int | None,
    length: int,
    valid_from: dt.date,
    user_id: int | None,
    at: dt.datetime,
) -> int:
    """So many calendar days from a day on, of consultations, of all services or of one; what is only planned for that day gives way.

    Errors: `NotFoundError`, `TextMissing` (a day that has passed, a length outside 1–365), `TermInForce` (there is one from today on).
    """
    today = at.astimezone(KYIV).date()
    if valid_from < today:
        raise TextMissing(_("Виберіть сьогоднішній або пізніший день: минуле не змінюється."))
    if not 1 <= length <= 365:
        raise TextMissing(_("Строк – від 1 до 365 календарних днів."))
    if service_id is not None and not Service.objects.filter(town_id=town_id, pk=service_id).exists():
        raise NotFoundError(_("Такої послуги немає."))
    about: dict[str, Any] = {"town_id": town_id, "kind": kind, "service_id": service_id, "valid_from": valid_from}
    with transaction.atomic():
        if valid_from > today:
            row, _made = AnswerTerm.objects.update_or_create(**about, defaults={"days": length})
        else:
            try:
                with transaction.atomic():
                    row = AnswerTerm.objects.create(**about, days=length)
            except IntegrityError as error:
                raise TermInForce from error
        _record("term_set", row, user_id, at)
    return row.pk


def remove_term(*, town_id: int, term_id: int, user_id: int | None, at: dt.datetime) -> None:
    """Take back a term that is only planned. Errors: `NotFoundError`, `TermInForce`."""
    with transaction.atomic():
        row = AnswerTerm.objects.select_for_update().filter(town_id=town_id, pk=term_id).first()
        if row is None:
            raise NotFoundError(_("Такого строку немає."))
        if row.valid_from <= at.astimezone(KYIV).date():
            raise TermInForce
        _record("term_removed", row, user_id, at)
        row.delete()


def _record(what: str, row: AnswerTerm, user_id: int | None, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"cnap.{what}", object_kind="answer_term", object_id=row.pk, town_id=row.town_id,
        detail={"kind": row.kind, "service": row.service_id, "days": row.days, "from": row.valid_from.isoformat()},
    )  # fmt: skip
