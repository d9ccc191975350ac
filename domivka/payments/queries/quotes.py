"""The payment screen: who gets how much, by which bank details, with which commission."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from domivka.kernel.clock import KYIV
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.money import ZERO, Money
from domivka.kernel.period import Period
from domivka.payments.errors import AmountRefused
from domivka.payments.gateways import registry
from domivka.payments.rules.fees import commission_kop, purpose
from domivka.payments.types import Method, Quote, RecipientLine
from domivka.registry.api import service_name
from domivka.registry.models import AccountService, BankAccount, Premises


class NoBankDetails(DomainError):
    """A recipient has no bank account here, so nobody can pay it."""


@dataclass(frozen=True, slots=True)
class _Payee:
    line: RecipientLine  # amount and fee are zero
    percent: Decimal


def billed_period(at: dt.datetime) -> Period:
    """The month that is being paid at a moment: the last one charged."""
    return Period.of(at.astimezone(KYIV).date()).previous


def _payees(premises_id: int, ids: list[int], period: Period, on: dt.date) -> dict[int, _Payee]:
    """Two queries whatever the number. Raises `NotFoundError` when one is not of this premises or is closed."""
    rows = (
        AccountService.objects.filter(pk__in=ids, account__premises_id=premises_id)
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))
        .select_related("account", "provider_service__provider", "provider_service__service")
        .order_by("provider_service__service__position", "pk")
    )
    found = list(rows)
    if len(found) != len(ids):
        raise NotFoundError(_("Такого рахунку в цій оселі немає."))
    banks = {
        (bank.provider_id, bank.service_id): bank
        for bank in BankAccount.objects.filter(provider__in={row.provider_service.provider_id for row in found})
    }
    payees = {}
    for row in found:
        provider, service = row.provider_service.provider, row.provider_service.service
        bank = banks.get((provider.pk, service.pk)) or banks.get((provider.pk, None))
        if bank is None:
            raise NoBankDetails(_("Надавач «%(name)s» ще не вказав рахунку в банку.") % {"name": provider.name})
        line = RecipientLine(
            account_service_id=row.pk,
            service=service_name(service.name, service.name_en),
            icon=service.icon,
            account_number=row.account.number,
            provider_id=provider.pk,
            recipient=provider.name,
            recipient_code=provider.edrpou,
            iban=bank.iban,
            bank_name=bank.bank_name,
            purpose=purpose(service=service.name, account_number=row.account.number, period=period),
            amount=ZERO,
            fee=ZERO,
        )
        payees[row.pk] = _Payee(line, bank.fee_percent)
    return payees


def quote(*, premises_id: int, amounts: Mapping[int, int], method: str, at: dt.datetime) -> Quote:
    """The payment screen of S1 for `amounts` (account service → kopiykas, zero allowed) paid by `method`.

    The commission is each recipient's own percent, half-up per recipient, none for the city card. Raises
    `NotFoundError`, `NoBankDetails`, `AmountRefused`, `UnknownMethod`.
    """
    if any(kop < 0 for kop in amounts.values()):
        raise AmountRefused(_("Сума не може бути відʼємною."))
    way, period = registry.method(method), billed_period(at)
    payees = _payees(premises_id, list(amounts), period, at.astimezone(KYIV).date())
    lines = []
    for service, payee in payees.items():
        kop = amounts[service]
        fee = commission_kop(amount_kop=kop, percent=payee.percent) if way.has_fee else 0
        lines.append(replace(payee.line, amount=Money(kop), fee=Money(fee)))
    total, fee_total = sum(line.amount.kop for line in lines), sum(line.fee.kop for line in lines)
    return Quote(
        premises_id=premises_id,
        period=period,
        method=method,
        lines=tuple(lines),
        total=Money(total),
        fee=Money(fee_total),
        total_with_fee=Money(total + fee_total),
    )


def payment_methods(*, premises_id: int) -> list[Method]:
    """The ways of paying offered for a premises' town; the first is the default."""
    town = Premises.objects.filter(pk=premises_id).values_list("town__genitive", flat=True).first()
    return registry.methods(town=town or "")
