"""Issuing bills: what they say is read for a thousand premises at a time, frozen, and the authorisation key rotates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Final

from django.db import transaction
from django.utils import translation

from domivka.billing.api import LineView, charge_lines
from domivka.billing.explanation import number
from domivka.homes.api import issue_keys
from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import day_words
from domivka.ledger import api as ledger
from domivka.ledger.api import AccountState
from domivka.metering.models import Meter
from domivka.registry import api as registry
from domivka.registry.api import PremisesView, ServiceView, TownView
from domivka.registry.models import Premises
from domivka.statements.content import BillContent, BillMeter, BillProvider, BillService
from domivka.statements.models import Bill
from domivka.statements.rules.nbu_qr import QrRefused, Transfer, clean, format_003

_CHUNK: Final = 1000
_SHORT_UNITS: Final = {"особа": "ос.", "місяць": "міс."}
_LINK_LENGTHS: Final = (362, 504)
"""A code of version 14 has modules of half a millimetre on the paper and every camera reads it; 17 if it must be."""


@dataclass(frozen=True, slots=True)
class Issued:
    """How many bills were made now, and the sum they ask for."""

    bills: int
    to_pay: Money


def issue_bills(
    *,
    town_id: int,
    period: Period,
    at: dt.datetime,
    premises_ids: Iterable[int] | None = None,
    user_id: int | None = None,
) -> Issued:
    """Issue the bills of a month for a town or some premises; those that have one keep it. About a dozen queries for a
    thousand premises. Raises `BillDoesNotAddUp`: then none of that thousand is issued."""
    wanted = Premises.objects.filter(town_id=town_id).exclude(bill__period=period).order_by("pk")
    if premises_ids is not None:
        wanted = wanted.filter(pk__in=list(premises_ids))
    ids = list(wanted.values_list("pk", flat=True))
    bills, total = 0, ZERO
    for start in range(0, len(ids), _CHUNK):
        issued = _issue(town_id, ids[start : start + _CHUNK], period, at)
        bills, total = bills + issued.bills, total + issued.to_pay
    if bills:
        audit.record(
            at=at, actor_id=user_id, action="statements.issued", object_kind="period", object_id=int(period),
            town_id=town_id, detail={"bills": bills},
        )  # fmt: skip
    return Issued(bills, total)


@transaction.atomic
def _issue(town_id: int, premises_ids: Sequence[int], period: Period, at: dt.datetime) -> Issued:
    with translation.override("uk"):  # the paper is Ukrainian whoever asks for it
        contents = contents_of(town_id=town_id, premises_ids=premises_ids, period=period, at=at)
    rows = [
        Bill(
            premises_id=premises_id,
            period=period,
            number=content.number,
            issued_at=at,
            due_on=dt.date.fromisoformat(content.due_on),
            to_pay_kop=content.to_pay.kop,
            charged_kop=content.charged.kop,
            content=content.as_json(),
        )
        for premises_id, content in contents.items()
    ]
    Bill.objects.bulk_create(rows)
    return Issued(len(rows), sum((content.to_pay for content in contents.values()), ZERO))


def contents_of(
    *, town_id: int, premises_ids: Sequence[int], period: Period, at: dt.datetime
) -> dict[int, BillContent]:
    """What the bills of these premises say; premises without services have none."""
    town = next(town for town in registry.towns() if town.id == town_id)
    homes = registry.premises_views(premises_ids=premises_ids, on=period.last_day)
    services = registry.services_of(premises_ids=premises_ids, on=period.last_day)
    ids = [service.account_service_id for service in services]
    states = ledger.account_states(account_service_ids=ids, first=period.shift(-11), last=period)
    closing = ledger.balances(account_service_ids=ids, through=period)
    lines = _by_service(charge_lines(account_service_ids=ids, first=period, last=period))
    meters = list(Meter.objects.filter(account_service_id__in=ids).order_by("pk"))
    numbers = {meter.pk: meter.number for meter in meters}
    standing: dict[int, list[Meter]] = defaultdict(list)
    for meter in meters:
        if meter.installed_on <= period.last_day and (meter.removed_on is None or meter.removed_on > period.last_day):
            standing[meter.account_service_id].append(meter)
    billed = sorted({service.premises_id for service in services})
    keys = issue_keys(premises_ids=billed, period=period, at=at)
    by_service: dict[int, list[AccountState]] = defaultdict(list)
    for state in states:
        by_service[state.account_service_id].append(state)
    contents = {}
    for premises_id, own in groupby(services, key=lambda service: service.premises_id):
        rows = [
            (
                s,
                _service(
                    s,
                    period,
                    by_service[s.account_service_id],
                    closing[s.account_service_id],
                    [_meter(line, s, numbers) for line in lines[s.account_service_id]],
                    standing[s.account_service_id],
                ),
            )
            for s in own
        ]
        contents[premises_id] = _content(town, homes[premises_id], rows, period, at, keys[premises_id], by_service)
    return contents


def _by_service(lines: Iterable[LineView]) -> dict[int, list[LineView]]:
    found: dict[int, list[LineView]] = defaultdict(list)
    for line in lines:
        if line.corrects_id is None and line.kind in {"charge", "subscription"}:
            found[line.account_service_id].append(line)
    return found


def _service(
    service: ServiceView,
    period: Period,
    states: Sequence[AccountState],
    closing: Money,
    parts: Sequence[BillMeter],
    meters: Sequence[Meter],
) -> BillService:
    month = next((state for state in states if state.period == period), None)
    row = BillService(
        name=service.name,
        account_number=service.account_number,
        debt_kop=month.opening.kop if month else closing.kop,
        charged_kop=month.charged.kop + month.subscription.kop if month else 0,
        penalty_kop=month.penalty.kop if month else 0,
        correction_kop=month.correction.kop if month else 0,
        subsidy_kop=month.subsidy.kop + month.benefit.kop if month else 0,
        paid_kop=month.paid.kop if month else 0,
        to_pay_kop=closing.kop,
        meters=tuple(parts),
        meter_numbers=tuple(meter.number for meter in meters),
        boxes=sum(len(meter.zones or ["single"]) for meter in meters),
        compulsory_kop=_compulsory(month),
    )
    row.check()
    return row


def _compulsory(month: AccountState | None) -> int | None:
    """«Обов'язкова частка», what the household itself pays of the charge; None without a subsidy."""
    if month is None or not (month.subsidy or month.benefit):
        return None
    return max((month.charged + month.subscription - month.subsidy - month.benefit).kop, 0)


def _meter(line: LineView, service: ServiceView, meters: dict[int, str]) -> BillMeter:
    read = line.current_value is not None and line.previous_value is not None and bool(line.current_value)
    unit = {"area": "м²", "persons": "ос.", "fixed": ""}.get(line.method, _SHORT_UNITS.get(service.unit, service.unit))
    words = ", ".join(part for part in (line.component_words, line.method_words) if part)
    return BillMeter(
        meter=meters.get(line.meter_id or 0, ""),
        previous=number(line.previous_value) if read and line.previous_value is not None else "",
        current=number(line.current_value) if read and line.current_value is not None else "",
        difference=number(line.current_value - line.previous_value)
        if read and line.current_value is not None and line.previous_value is not None
        else "",
        volume=number(line.volume),
        unit=unit,
        price=_price(line.unit_price),
        charged_kop=line.amount.kop,
        method=words,
    )


def _price(value: Decimal) -> str:
    shown = number(value)
    whole, _, part = shown.partition(",")
    return f"{whole},{part:0<2}"


def _content(
    town: TownView,
    home: PremisesView,
    rows: Sequence[tuple[ServiceView, BillService]],
    period: Period,
    at: dt.datetime,
    key: str,
    states: dict[int, list[AccountState]],
) -> BillContent:
    issued_on = at.astimezone(KYIV).date()
    due_on = registry.due_day(period=period, services=[service for service, _ in rows])
    providers = [
        _provider([service for service, _ in own], [row for _, row in own], home, period, at)
        for own in _recipients(rows)
    ]
    return BillContent(
        number=f"{int(period)}-{home.id:07d}",
        period=int(period),
        as_of=period.next.first_day.strftime("%d.%m.%Y"),
        issued_on=issued_on.isoformat(),
        due_on=due_on.isoformat(),
        due_words=day_words(due_on),
        town=town.name,
        dispatcher_phone=town.dispatcher_phone,
        address=home.address,
        payer=home.holder,
        registered=home.registered,
        living=home.living,
        area=number(home.area_m2),
        heated_area=number(home.heated_area_m2),
        key=key,
        providers=tuple(providers),
        history=_history(period, [s.account_service_id for s, _ in rows], states),
    )


def _recipients(rows: Sequence[tuple[ServiceView, BillService]]) -> list[list[tuple[ServiceView, BillService]]]:
    """Services by where their money goes: provider, personal account, bank account. Providers in the order of their
    first service on the bill."""
    found: dict[tuple[int, str, str], list[tuple[ServiceView, BillService]]] = {}
    order: dict[int, int] = {}
    for service, row in rows:
        order.setdefault(service.provider.id, len(order))
        iban = service.bank.iban if service.bank else ""
        found.setdefault((service.provider.id, service.account_number, iban), []).append((service, row))
    return [found[key] for key in sorted(found, key=lambda key: order[key[0]])]


def _provider(
    services: Sequence[ServiceView], rows: Sequence[BillService], home: PremisesView, period: Period, at: dt.datetime
) -> BillProvider:
    first = services[0]
    provider, bank = first.provider, first.bank
    made = BillProvider(
        name=provider.name,
        short_name=provider.short_name,
        account_number=first.account_number,
        due_on=registry.due_day(period=period, services=services).isoformat(),
        edrpou=provider.edrpou,
        iban=bank.iban if bank else "",
        bank=bank.bank_name if bank else "",
        phone=provider.phone,
        services=tuple(rows),
        qr="",
    )
    return replace(made, qr=_qr(made, home, period, at)) if made.iban and made.to_pay.kop > 0 else made


def _qr(provider: BillProvider, home: PremisesView, period: Period, at: dt.datetime) -> str:
    """The link that pays a recipient's part. It lasts until the next bill replaces it: many pay after the due day.
    Empty where a provider's details do not fit the standard: the bill itself must still reach people."""
    names = ", ".join(service.name for service in provider.services)
    words = f"за {names}, О/Р {provider.account_number}, за {period.month:02d}.{period.year}, {home.short_address}"
    transfer = Transfer(
        recipient=clean(provider.name)[:140],
        iban=provider.iban,
        recipient_code=provider.edrpou,
        purpose=clean(words)[:420],
        amount=provider.to_pay,
        reference=f"{provider.account_number}-{int(period)}",
        valid_until=dt.datetime.combine(period.next.last_day, dt.time(23, 59, 59), KYIV),
        created_at=at,
    )
    for most in _LINK_LENGTHS:
        try:
            return format_003(transfer, most=most)
        except QrRefused:
            continue
    return ""


def _history(period: Period, ids: Sequence[int], states: dict[int, list[AccountState]]) -> tuple[tuple[str, int], ...]:
    charged: dict[Period, int] = defaultdict(int)
    for account_service_id in ids:
        for state in states[account_service_id]:
            charged[state.period] += state.charged.kop + state.subscription.kop
    return tuple(
        (f"{month.month:02d}.{month.year % 100:02d}", charged[month]) for month in period.shift(-11).through(period)
    )


@transaction.atomic
def choose_paper(*, premises_id: int, town_id: int, on_paper: bool, user_id: int, at: dt.datetime) -> None:
    """Whether a home gets its bills on paper, from the next print run on."""
    Premises.objects.filter(pk=premises_id).update(paper_bill=on_paper)
    audit.record(
        at=at, actor_id=user_id, action="statements.paper", object_kind="premises", object_id=premises_id,
        town_id=town_id, detail={"on_paper": on_paper},
    )  # fmt: skip
