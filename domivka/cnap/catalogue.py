"""The catalogue: services with their cards, where they are asked for, which documents they need."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from domivka.cnap import terms
from domivka.cnap.errors import TextMissing
from domivka.cnap.models import AnswerTerm, DocumentSlot, Offer, Office, Service, Subject
from domivka.cnap.offices import is_closed, open_on
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SlotView:
    id: int
    name: str
    needed_when: str
    who_may_skip: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class OfferView:
    id: int
    office_id: int
    office: str
    subject: str
    is_active: bool
    is_open: bool  # the centre and the body are there, too


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: int
    name: str
    is_active: bool
    is_draft: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service with its card; `days` is the term in force."""

    id: int
    town_id: int
    name: str
    card: str
    result: str
    fee: Money
    is_active: bool
    is_draft: bool
    days: int
    about: str
    who: str
    law: str
    offers: tuple[OfferView, ...]
    slots: tuple[SlotView, ...]


def services(*, town_ids: Collection[int] | None = None, also_closed: bool = False) -> list[ServiceRow]:
    """Services of these towns, or of all (None), by name. One query."""
    rows = _of(town_ids).order_by("name")
    if not also_closed:
        rows = rows.filter(is_active=True)
    return [ServiceRow(row.pk, row.name, row.is_active, row.published_at is None) for row in rows]


def _of(town_ids: Collection[int] | None) -> QuerySet[Service]:
    rows = Service.objects.all()
    return rows if town_ids is None else rows.filter(town_id__in=town_ids)


def service(*, service_id: int, on: dt.date, town_ids: Collection[int] | None = None) -> ServiceView:
    """A service of these towns; residents (None) see only open ones. `NotFoundError`. Four queries."""
    rows = _of(town_ids).filter(pk=service_id)
    row = (rows if town_ids is not None else rows.filter(is_active=True)).first()
    if row is None:
        raise NotFoundError(_("Такої послуги немає."))
    return ServiceView(
        id=row.pk,
        town_id=row.town_id,
        name=row.name,
        card=row.card,
        result=row.result,
        fee=Money(row.fee_kop),
        is_active=row.is_active,
        is_draft=row.published_at is None,
        days=terms.days(town_id=row.town_id, kind=AnswerTerm.Kind.APPLICATION, service_id=row.pk, on=on),
        about=row.about,
        who=row.who,
        law=row.law,
        offers=tuple(
            OfferView(
                one.pk,
                one.office_id,
                one.office.name,
                one.subject.name,
                one.is_active,
                one.is_active and not any(is_closed(at, on) for at in (one.office, one.subject)),
            )
            for one in _places(row, on, also_closed=town_ids is not None)
        ),
        slots=tuple(
            SlotView(one.pk, one.name, one.needed_when, one.who_may_skip, one.is_active)
            for one in row.slots.order_by("position", "pk")
            if one.is_active or town_ids is not None
        ),
    )


def _places(row: Service, on: dt.date, *, also_closed: bool) -> QuerySet[Offer]:
    rows = row.offers.select_related("office", "subject").order_by("office__name", "subject__name")
    return rows if also_closed else rows.filter(open_on(on, "office__"), open_on(on, "subject__"), is_active=True)


@transaction.atomic
def save_service(
    *,
    town_id: int,
    service_id: int | None,
    name: str,
    card: str,
    result: str,
    fee_kop: int,
    is_active: bool,
    days: int,
    user_id: int | None,
    at: dt.datetime,
    about: str = "",
    who: str = "",
    law: str = "",
) -> int:
    """A service of a town; another term is in force from that day on, earlier ones stay. What was sent keeps its words.

    Errors: `NotFoundError`, `TextMissing`.
    """
    if not name.strip():
        raise TextMissing(_("Напишіть назву послуги."))
    if Service.objects.filter(town_id=town_id, name=name.strip()).exclude(pk=service_id or 0).exists():
        raise TextMissing(_("Послуга з такою назвою вже є."))
    row = Service(town_id=town_id) if service_id is None else _locked(town_id, service_id)
    row.name, row.card, row.result = name.strip(), card.strip(), result.strip()
    row.about, row.who, row.law = about.strip(), who.strip(), law.strip()
    row.fee_kop, row.is_active = fee_kop, is_active
    if is_active and row.published_at is None:
        row.published_at = at
    row.save()
    on = at.astimezone(KYIV).date()
    if terms.days(town_id=town_id, kind=AnswerTerm.Kind.APPLICATION, service_id=row.pk, on=on) != days:
        AnswerTerm.objects.update_or_create(
            town_id=town_id, kind=AnswerTerm.Kind.APPLICATION, service_id=row.pk, valid_from=on, defaults={"days": days}
        )
    _record("service_saved", row, user_id, at)
    return row.pk


@transaction.atomic
def save_offer(
    *,
    town_id: int,
    service_id: int,
    office_id: int,
    subject: str,
    is_active: bool,
    user_id: int | None,
    at: dt.datetime,
) -> int:
    """Where the service is asked for; the subject (СНАП) by its name. Errors: `NotFoundError`, `TextMissing`."""
    if not subject.strip():
        raise TextMissing(_("Напишіть назву СНАП."))
    row = _locked(town_id, service_id)
    office = Office.objects.filter(town_id=town_id, pk=office_id).first()
    if office is None:
        raise NotFoundError(_("Такого ЦНАП немає."))
    body, _made = Subject.objects.get_or_create(town_id=town_id, name=subject.strip()[:200])
    if is_active:
        office.subjects.add(body)
    offer, _made = Offer.objects.update_or_create(
        service=row, office_id=office_id, subject=body, defaults={"is_active": is_active}
    )
    _record("offer_saved", row, user_id, at)
    return offer.pk


@transaction.atomic
def save_slot(
    *,
    town_id: int,
    service_id: int,
    name: str,
    needed_when: str,
    who_may_skip: str,
    is_active: bool,
    user_id: int | None,
    at: dt.datetime,
    slot_id: int | None = None,
) -> int:
    """A document of the service, by its id, or (None) by its name; new ones come last. What was sent keeps its words.

    Errors: `NotFoundError`, `TextMissing` (also a name that another document of the service has).
    """
    name = name.strip()[:400]
    if not name:
        raise TextMissing(_("Напишіть назву документа."))
    row = _locked(town_id, service_id)
    if slot_id is None:
        slot, made = DocumentSlot.objects.get_or_create(service=row, name=name)
        if made:
            slot.position = row.slots.count()
    else:
        slot = _slot(row, slot_id)
        if row.slots.filter(name=name).exclude(pk=slot_id).exists():
            raise TextMissing(_("Такий документ у послузі вже є."))
        slot.name = name
    slot.needed_when, slot.who_may_skip = needed_when.strip()[:300], who_may_skip.strip()[:300]
    slot.is_active = is_active
    slot.save()
    _record("slot_saved", row, user_id, at)
    return slot.pk


def _slot(row: Service, slot_id: int) -> DocumentSlot:
    found = row.slots.filter(pk=slot_id).first()
    if found is None:
        raise NotFoundError(_("Такого документа послуга не потребує."))
    return found


@transaction.atomic
def move_slot(*, town_id: int, service_id: int, slot_id: int, up: bool, user_id: int | None, at: dt.datetime) -> None:
    """A document one place up or down in the list; at its end it stays. Errors: `NotFoundError`."""
    row = _locked(town_id, service_id)
    _slot(row, slot_id)
    order = list(row.slots.order_by("position", "pk"))
    place = next(number for number, slot in enumerate(order) if slot.pk == slot_id)
    order.insert(max(place + (-1 if up else 1), 0), order.pop(place))
    for number, slot in enumerate(order, start=1):
        slot.position = number
    DocumentSlot.objects.bulk_update(order, ["position"])
    _record("slot_saved", row, user_id, at)


@transaction.atomic
def copy_service(*, town_id: int, service_id: int, user_id: int | None, at: dt.datetime) -> int:
    """A draft with the same card, term, places and documents under another name; its id. Errors: `NotFoundError`."""
    row = _locked(town_id, service_id)
    on = at.astimezone(KYIV).date()
    length = terms.days(town_id=town_id, kind=AnswerTerm.Kind.APPLICATION, service_id=service_id, on=on)
    offers, slots = list(row.offers.all()), list(row.slots.all())
    taken = set(Service.objects.filter(town_id=town_id).values_list("name", flat=True))
    names = (f"{row.name[:270]} ({_('копія')}{f' {number}' if number > 1 else ''})" for number in itertools.count(1))
    row.pk, row.name = None, next(name for name in names if name not in taken)
    row.is_active, row.published_at = False, None
    row.save(force_insert=True)
    for offer in offers:
        offer.pk, offer.service = None, row
        offer.save(force_insert=True)
    for slot in slots:
        slot.pk, slot.service = None, row
        slot.save(force_insert=True)
    AnswerTerm.objects.create(
        town_id=town_id, kind=AnswerTerm.Kind.APPLICATION, service=row, valid_from=on, days=length
    )
    _record("service_copied", row, user_id, at)
    return row.pk


def _locked(town_id: int, service_id: int) -> Service:
    row = Service.objects.select_for_update().filter(town_id=town_id, pk=service_id).first()
    if row is None:
        raise NotFoundError(_("Такої послуги немає."))
    return row


def _record(what: str, row: Service, user_id: int | None, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"cnap.{what}", object_kind="cnap_service", object_id=row.pk,
        town_id=row.town_id,
    )  # fmt: skip
