"""What administrators write again and again: texts of answers and reasons of refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from domivka.cnap.errors import TextMissing
from domivka.cnap.models import AnswerTemplate, Office, RefusalReason
from domivka.cnap.rules.phrases import fill, unknown
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A text that answers begin with; see `rules.phrases`."""

    id: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why an application may be refused; a retired one is no longer offered."""

    id: int
    name: str
    is_active: bool


def templates(*, town_ids: Collection[int]) -> list[TemplateView]:
    """By name. One query."""
    rows = AnswerTemplate.objects.filter(town_id__in=town_ids).order_by("name")
    return [TemplateView(*row) for row in rows.values_list("pk", "name", "text")]


@dataclass(frozen=True, slots=True)
class About:
    """What the places of a text are filled from."""

    number: int
    topic: str
    person: str
    office_id: int
    due_on: dt.date | None
    today: dt.date
    administrator: str


def begun(*, found: Collection[TemplateView], chosen: str, about: About) -> str:
    """The text that was chosen by its id, with its places filled; empty without one. One query when there is one."""
    text = "".join(one.text for one in found if str(one.id) == chosen)
    if not text:
        return ""
    office = Office.objects.get(pk=about.office_id)
    words = {
        "заявник": about.person,
        "номер": str(about.number),
        "тема": about.topic,
        "цнап": office.name,
        "адреса": office.address,
        "телефон": office.phone,
        "години": office.hours_text,
        "строк": f"{about.due_on:%d.%m.%Y}" if about.due_on else "",
        "сьогодні": f"{about.today:%d.%m.%Y}",
        "адміністратор": about.administrator,
    }
    return fill(text, words)


def save_template(
    *, town_id: int, name: str, text: str, user_id: int, at: dt.datetime, template_id: int | None = None
) -> int:
    """A text, new (None) or changed; its id. Errors: `NotFoundError`, `TextMissing` (also for a place that nobody fills)."""
    name, text = name.strip()[:120], text.strip()
    if not name or not text:
        raise TextMissing(_("Напишіть назву та текст."))
    if AnswerTemplate.objects.filter(town_id=town_id, name=name).exclude(pk=template_id or 0).exists():
        raise TextMissing(_("Зразок з такою назвою вже є."))
    for place in unknown(text):
        raise TextMissing(_("Місця {%(place)s} немає. Виберіть із переліку під текстом.") % {"place": place})
    with transaction.atomic():
        row = AnswerTemplate(town_id=town_id) if template_id is None else _template(town_id, template_id)
        row.name, row.text = name, text
        row.save()
        _record("template_saved", "answer_template", row, user_id, at)
    return row.pk


def remove_template(*, town_id: int, template_id: int, user_id: int, at: dt.datetime) -> None:
    """Take a text away; answers that began with it stay. Errors: `NotFoundError`."""
    with transaction.atomic():
        row = _template(town_id, template_id)
        _record("template_removed", "answer_template", row, user_id, at)
        row.delete()


def _template(town_id: int, template_id: int) -> AnswerTemplate:
    row = AnswerTemplate.objects.select_for_update().filter(town_id=town_id, pk=template_id).first()
    if row is None:
        raise NotFoundError(_("Такого зразка немає."))
    return row


def reasons(*, town_ids: Collection[int], also_retired: bool = False) -> list[ReasonView]:
    """Reasons of refusals by name, retired ones last. One query."""
    rows = RefusalReason.objects.filter(town_id__in=town_ids).order_by("-is_active", "name")
    if not also_retired:
        rows = rows.filter(is_active=True)
    return [ReasonView(*row) for row in rows.values_list("pk", "name", "is_active")]


def save_reason(*, town_id: int, reason_id: int | None, name: str, user_id: int | None, at: dt.datetime) -> int:
    """A reason, new (None) or renamed; letters that were sent keep its words of that day. Errors: `NotFoundError`, `TextMissing`."""
    name = name.strip()[:120]
    if not name:
        raise TextMissing(_("Напишіть причину."))
    if RefusalReason.objects.filter(town_id=town_id, name=name).exclude(pk=reason_id or 0).exists():
        raise TextMissing(_("Така причина вже є."))
    with transaction.atomic():
        row = RefusalReason(town_id=town_id) if reason_id is None else _reason(town_id, reason_id)
        row.name = name
        row.save()
        _record("reason_saved", "refusal_reason", row, user_id, at)
    return row.pk


def retire_reason(*, town_id: int, reason_id: int, is_active: bool, user_id: int | None, at: dt.datetime) -> None:
    """No longer offer a reason, or offer it again; refusals that have it stay. Errors: `NotFoundError`."""
    with transaction.atomic():
        row = _reason(town_id, reason_id)
        row.is_active = is_active
        row.save()
        _record("reason_restored" if is_active else "reason_retired", "refusal_reason", row, user_id, at)


def _reason(town_id: int, reason_id: int) -> RefusalReason:
    row = RefusalReason.objects.select_for_update().filter(town_id=town_id, pk=reason_id).first()
    if row is None:
        raise NotFoundError(_("Такої причини немає."))
    return row


def chosen_reason(*, town_id: int, name: str) -> RefusalReason:
    """The reason that is offered now under this name. Errors: `TextMissing`."""
    row = RefusalReason.objects.filter(town_id=town_id, name=name.strip(), is_active=True).first()
    if row is None:
        raise TextMissing(_("Виберіть причину відмови з переліку."))
    return row


def _record(what: str, kind: str, row: AnswerTemplate | RefusalReason, user_id: int | None, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"cnap.{what}", object_kind=kind, object_id=row.pk, town_id=row.town_id
    )
