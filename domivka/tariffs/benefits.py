"""Benefits of personal accounts: who has them, entering and ending. Nothing is edited: a change is an end and a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from domivka.kernel import audit
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.registry.models import Occupancy, PersonalAccount
from domivka.registry.rules.folding import fold
from domivka.tariffs.benefit_terms import benefit_categories, category_name
from domivka.tariffs.models import Benefit
from domivka.tariffs.queries import holds


class UnknownCategory(DomainError):
    """No benefit has this code."""

    def __init__(self) -> None:
        super().__init__(_("Такої категорії пільги немає. Оберіть зі списку."))


class BenefitOverlaps(DomainError):
    """The same person has the same category on this account for some of the days."""

    def __init__(self) -> None:
        super().__init__(_("Ця людина вже має таку пільгу за цим рахунком у ці дні. Спершу завершіть попередню."))


class TooManyPeople(DomainError):
    """More people than are registered in the home."""

    def __init__(self, registered: int) -> None:
        super().__init__(
            _("В оселі зареєстровано людей: %(registered)s. Пільга не може поширюватися на більше.")
            % {"registered": registered}
        )


class BenefitOutsideAccount(DomainError):
    """It begins before the account was opened, or ends before it begins."""


class BenefitEnded(DomainError):
    """It has ended by that day already."""

    def __init__(self) -> None:
        super().__init__(_("Пільгу вже завершено раніше. Оновіть сторінку."))


@dataclass(frozen=True, slots=True)
class BenefitView:
    """A benefit of a personal account; `last_day` is None while nobody knows of an end."""

    id: int
    account_id: int
    category: str
    category_name: str
    holder: str
    people: int
    valid_from: dt.date
    last_day: dt.date | None
    document: str
    document_on: dt.date

    @property
    def was_mistake(self) -> bool:
        """Taken back from its very beginning."""
        return self.last_day is not None and self.last_day < self.valid_from

    def is_over(self, today: dt.date) -> bool:
        return self.last_day is not None and self.last_day < today


@transaction.atomic
def add_benefit(
    *,
    provider_id: int,
    account_id: int,
    category: str,
    holder: str,
    people: int,
    valid_from: dt.date,
    last_day: dt.date | None,
    document_series: str,
    document_number: str,
    document_on: dt.date,
    user_id: int | None,
    at: dt.datetime,
) -> int:
    """Enter a benefit of this provider's account; its id. The months charged already get a correction by their next run.

    Raises `NotFoundError`, `UnknownCategory`, `BenefitOutsideAccount`, `TooManyPeople`, `BenefitOverlaps`.
    """
    account = PersonalAccount.objects.filter(pk=account_id, provider_id=provider_id).first()
    if account is None:
        raise NotFoundError
    if category not in benefit_categories():
        raise UnknownCategory
    if valid_from < account.opened_on:
        raise BenefitOutsideAccount(
            _("Рахунок відкрито %(day)s, пільга не може почати діяти раніше.")
            % {"day": f"{account.opened_on:%d.%m.%Y}"}
        )
    if last_day is not None and last_day < valid_from:
        raise BenefitOutsideAccount(_("Останній день дії раніший за перший."))
    lived = Occupancy.objects.filter(premises_id=account.premises_id, valid_from__lte=valid_from).order_by(
        "-valid_from"
    )
    registered = lived.values_list("registered", flat=True).first()
    if registered is not None and people > registered:
        raise TooManyPeople(registered)
    try:
        with transaction.atomic():
            made = Benefit.objects.create(
                account=account,
                category=category,
                holder=holder,
                holder_key=fold(holder),
                people=people,
                valid_from=valid_from,
                valid_to=None if last_day is None else last_day + dt.timedelta(days=1),
                document_series=document_series,
                document_number=document_number,
                document_on=document_on,
                entered_by_id=user_id,
                entered_at=at,
            )
    except IntegrityError as error:
        raise BenefitOverlaps from error
    _audit("tariffs.benefit_added", made, account, user_id, at)
    return made.pk


@transaction.atomic
def end_benefit(
    *, provider_id: int, benefit_id: int, last_day: dt.date | None, user_id: int | None, at: dt.datetime
) -> None:
    """Let a benefit of this provider's account hold through `last_day`, None: it was entered by mistake and never held.

    Raises `NotFoundError`, `BenefitOutsideAccount`, `BenefitEnded`.
    """
    found = Benefit.objects.select_for_update(of=("self",)).select_related("account")
    benefit = found.filter(pk=benefit_id, account__provider_id=provider_id).first()
    if benefit is None:
        raise NotFoundError
    valid_to = benefit.valid_from if last_day is None else last_day + dt.timedelta(days=1)
    if last_day is not None and last_day < benefit.valid_from:
        raise BenefitOutsideAccount(_("Останній день дії раніший за перший."))
    if benefit.valid_to is not None and benefit.valid_to <= valid_to:
        raise BenefitEnded
    benefit.valid_to, benefit.ended_by_id, benefit.ended_at = valid_to, user_id, at
    benefit.save(update_fields=["valid_to", "ended_by_id", "ended_at"])
    _audit("tariffs.benefit_ended", benefit, benefit.account, user_id, at)


def benefits_of(*, account_ids: Collection[int], on: dt.date | None = None) -> list[BenefitView]:
    """Benefits of accounts, newest first; `on`: only those that hold on the day. One query."""
    found = Benefit.objects.filter(account__in=account_ids).order_by("-valid_from", "-pk")
    if on is not None:
        found = found.filter(holds(on))
    return [benefit_view(row) for row in found]


def benefit_of(*, provider_id: int, account_id: int, benefit_id: int) -> BenefitView:
    """One benefit of this provider's account. Raises `NotFoundError`."""
    row = Benefit.objects.filter(pk=benefit_id, account_id=account_id, account__provider_id=provider_id).first()
    if row is None:
        raise NotFoundError
    return benefit_view(row)


def benefit_view(row: Benefit) -> BenefitView:
    return BenefitView(
        id=row.pk,
        account_id=row.account_id,
        category=row.category,
        category_name=category_name(row.category),
        holder=row.holder,
        people=row.people,
        valid_from=row.valid_from,
        last_day=None if row.valid_to is None else row.valid_to - dt.timedelta(days=1),
        document=f"{row.document_series} {row.document_number}".strip(),
        document_on=row.document_on,
    )


def _audit(action: str, benefit: Benefit, account: PersonalAccount, user_id: int | None, at: dt.datetime) -> None:
    audit.record(
        at=at, actor_id=user_id, action=action, object_kind="benefit", object_id=benefit.pk, town_id=account.town_id,
        detail={"account": account.pk, "provider": account.provider_id, "category": benefit.category},
        premises_ids=[account.premises_id],
    )  # fmt: skip
