"""Recalculations as the provider's desk shows them: what may be chosen, an act with its accounts and people, its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from domivka.billing import api as billing
from domivka.billing.api import RecalculationView, TakenOff
from domivka.billing.tasks import apply_recalculation, undo_recalculation
from domivka.identity import api as identity
from domivka.kernel import clock, spreadsheet
from domivka.registry import api as registry
from domivka.registry.api import SupplyView
from domivka.registry.models import AccountService, Building

PAGE_SIZE: Final = 20
ROWS_PER_PAGE: Final = 50
PRINTED_ROWS: Final = 1_000
"""Accounts on the printed act; more go into its file."""
JOB_FROM: Final = 3_000
"""Rows from which an act is posted by a job: fewer are posted while the clerk waits."""


@dataclass(frozen=True, slots=True)
class StreetOfBuildings:
    """A street with its buildings (id, number) in natural order."""

    name: str
    buildings: list[tuple[int, str]]


def calculated(provider_id: int) -> tuple[list[SupplyView], list[SupplyView]]:
    """Services that are calculated here, and those that the provider's own system charges. One query."""
    supplies = registry.supplies_of(provider_id=provider_id)
    own = [supply for supply in supplies if supply.mode == "calculated"]
    return own, [supply for supply in supplies if supply not in own]


def streets_of(provider_service_id: int) -> list[StreetOfBuildings]:
    """Buildings in which somebody has the service, by street. One query."""
    supplied = AccountService.objects.filter(provider_service_id=provider_service_id, closed_on=None)
    found = Building.objects.filter(premises__accounts__services__in=supplied).distinct()
    rows = found.order_by("street__name", "street__kind", "number_sort", "number").values_list(
        "street__kind", "street__name", "number_sort", "pk", "number"
    )
    streets = groupby(rows, key=lambda row: f"{row[0]} {row[1]}")
    return [StreetOfBuildings(name, [(row[3], row[4]) for row in own]) for name, own in streets]


def account_service_of(provider_service_id: int, number: str) -> int | None:
    """The account's service by the account's number as people write it. One query."""
    rows = AccountService.objects.filter(provider_service_id=provider_service_id, account__number=number.strip())
    return rows.values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True)
class ActPeople:
    """Who made, applied and undid the act; «» where it was no person."""

    made: str
    applied: str
    undone: str


def people_of(act: RecalculationView) -> ActPeople:
    """Two queries."""
    ids = (act.made_by_id, act.applied_by_id, act.undone_by_id)
    known = identity.people(user_ids=[one for one in ids if one is not None])

    def name(user_id: int | None) -> str:
        person = known.get(user_id or 0)
        return "" if person is None else f"{person.surname} {person.name}".strip() or person.email

    return ActPeople(*(name(one) for one in ids))


def place_of(act: RecalculationView) -> str:
    """Where, in words: the account's number and address, or the buildings by street. Two queries at most."""
    if act.account_service_id is not None:
        service = registry.services_by_id(account_service_ids=[act.account_service_id])[act.account_service_id]
        home = registry.premises_view(premises_id=service.premises_id)
        return _("о/р %(number)s, %(address)s") % {"number": service.account_number, "address": home.short_address}
    if not act.buildings:
        return act.place_words
    rows = Building.objects.filter(pk__in=act.buildings).order_by("street__name", "street__kind", "number_sort")
    streets = groupby(rows.values_list("street__kind", "street__name", "number"), key=lambda row: f"{row[0]} {row[1]}")
    return "; ".join(f"{name}: {', '.join(row[2] for row in own)}" for name, own in streets)


def start(*, act: RecalculationView, undo: bool, user_id: int) -> bool:
    """Apply or undo an act: at once, or by a job where there are many accounts (False). Raises what billing raises."""
    at = clock.now()
    if act.rows < JOB_FROM:
        if undo:
            billing.undo_recalculation(recalculation_id=act.id, user_id=user_id, at=at)
        else:
            billing.apply_recalculation(recalculation_id=act.id, user_id=user_id, at=at)
        return True
    with transaction.atomic():
        if billing.recalculation_waiting(act.id, stage=_("Скасування в черзі") if undo else _("Акт у черзі")):
            job = undo_recalculation if undo else apply_recalculation
            job.defer(recalculation_id=act.id, user_id=user_id)
    return False


def csv_of(chunks: Iterator[list[TakenOff]]) -> Iterator[str]:
    """The accounts of an act for a spreadsheet; cells cannot run as formulas."""
    head = [_("Особовий рахунок"), _("Адреса"), _("Місяць"), _("Нараховано, грн"), _("Знято, грн"), _("Чому не знято")]
    yield spreadsheet.MARK + spreadsheet.line(head)
    for rows in chunks:
        yield "".join(
            spreadsheet.line([
                row.account_number, row.address, row.period, _sum(row.monthly.plain()), _sum(row.off.plain()), row.why,
            ])
            for row in rows
        )  # fmt: skip


def _sum(plain: str) -> str:
    return plain.replace(".", ",")


def homes_of(rows: list[TakenOff]) -> list[int]:
    """Whose data the rows are, for the audit."""
    return sorted({row.premises_id for row in rows})
