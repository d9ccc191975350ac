"""Payments of a bank's or post office's register."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import polars as pl
from django.db import connection, transaction

from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Balance
from domivka.payments.models import Allocation, RegisterPayment
from domivka.payments.operations.confirm import SystemAccounts, lock_personal_accounts
from domivka.payments.rules.split import Part, over_services
from domivka.payments.types import RegisterResult, RegisterRow
from domivka.registry.models import AccountService

UNKNOWN_ACCOUNT: Final = "unknown_account"
AMBIGUOUS_ACCOUNT: Final = "ambiguous_account"
"""The number belongs to accounts of several providers and the register does not say whose."""
NO_SUCH_SERVICE: Final = "no_such_service"


class _Book:
    """What is known of the accounts of a register: services, and debts that shrink as rows are settled."""

    def __init__(self, town_id: int, provider_id: int | None, rows: Sequence[RegisterRow]) -> None:
        found = AccountService.objects.filter(
            account__town_id=town_id, account__number__in={row.account_number for row in rows}
        )
        if provider_id is not None:
            found = found.filter(account__provider_id=provider_id)
        self.provider_service: dict[int, int] = {}
        self.service_code: dict[int, str] = {}
        self._services: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for service, number, account, provider_service, code in found.values_list(
            "pk", "account__number", "account_id", "provider_service_id", "provider_service__service__code"
        ):
            self._services[number][account].append(service)
            self.provider_service[service], self.service_code[service] = provider_service, code
        ids = sorted(self.provider_service)
        self.personal = lock_personal_accounts(town_id, ids) if ids else {}
        self.debts = {
            service: [(debt.period, debt.amount.kop) for debt in debts]
            for service, debts in ledger.open_debts(account_service_ids=ids).items()
        }
        self.charges = _last_charges(ids)

    def services(self, row: RegisterRow) -> list[int] | str:
        """The account services a row pays, or the reason why it cannot be known."""
        accounts = self._services.get(row.account_number)
        if not accounts:
            return UNKNOWN_ACCOUNT
        if len(accounts) > 1:
            return AMBIGUOUS_ACCOUNT
        (services,) = accounts.values()
        if row.service_code:
            services = [service for service in services if self.service_code[service] == row.service_code]
        return services or NO_SUCH_SERVICE

    def settle(self, row: RegisterRow, services: list[int]) -> dict[int, list[Part]]:
        """Split a row and take its parts off the debts."""
        parts = over_services(
            amount_kop=row.amount_kop,
            debts={service: self.debts[service] for service in services},
            charges=self.charges,
            advance_from=Period.of(row.paid_on),
        )
        for service, settled in parts.items():
            paid = {part.period: part.amount_kop for part in settled if not part.is_advance}
            self.debts[service] = [(period, kop - paid.get(period, 0)) for period, kop in self.debts[service]]
        return parts


def _last_charges(ids: list[int]) -> dict[int, int]:
    rows = (
        Balance.objects.filter(account__kind="personal", account__owner_id__in=ids, charged_kop__gt=0)
        .order_by("account__owner_id", "-period")
        .distinct("account__owner_id")
    )
    return {owner: kop for owner, kop in rows.values_list("account__owner_id", "charged_kop") if owner is not None}


@transaction.atomic
def record_register(
    *,
    town_id: int,
    bank: str,
    batch: str,
    rows: Sequence[RegisterRow],
    at: dt.datetime,
    provider_id: int | None = None,
) -> RegisterResult:
    """Take the rows of a bank register into the ledger in one transaction.

    A row's money goes to the services of its account: month by month from the oldest debt, inside a month in
    proportion to the debts, the rest in proportion to the last charges. A row whose owner is not known waits in
    suspense with its reason. A digest seen before (and not reversed) is skipped. `provider_id` narrows account
    numbers to one provider's. Amounts in kopiykas, above zero. A constant number of queries.
    """
    with connection.cursor() as cursor:  # one register of a bank at a time: digests are checked, then written
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"register:{bank}"])
    seen = set(
        RegisterPayment.objects.filter(
            bank=bank, digest__in=[row.digest for row in rows], reversed_at__isnull=True
        ).values_list("digest", flat=True)
    )
    fresh = list({row.digest: row for row in rows if row.digest not in seen}.values())
    if not fresh:
        return RegisterResult(None, 0, 0, len(rows), 0, 0, {})
    book = _Book(town_id, provider_id, fresh)
    reasons: dict[int, str] = {}
    split: dict[int, dict[int, list[Part]]] = {}
    for row in fresh:
        services = book.services(row)
        if isinstance(services, str):
            reasons[row.row_id] = services
        else:
            split[row.row_id] = book.settle(row, services)
    posted = _post(town_id, bank, batch, fresh, split, book, at)
    _write_rows(town_id, bank, batch, fresh, split, reasons, posted, at)
    suspended = sum(row.amount_kop for row in fresh if row.row_id in reasons)
    return RegisterResult(
        ledger_transaction_id=posted,
        credited=len(split),
        suspended=len(reasons),
        repeated=len(rows) - len(fresh),
        credited_kop=sum(row.amount_kop for row in fresh) - suspended,
        suspended_kop=suspended,
        suspense_reasons=reasons,
    )


def _post(
    town_id: int,
    bank: str,
    batch: str,
    rows: list[RegisterRow],
    split: dict[int, dict[int, list[Part]]],
    book: _Book,
    at: dt.datetime,
) -> int:
    """Dr bank, Cr personal accounts or suspense; Dr control, Cr clearing. Periods are those of the payment days."""
    accounts = SystemAccounts(town_id, set(book.provider_service.values()), [bank])
    entries: list[tuple[int, str, int, int, int]] = []
    for row in rows:
        period = int(Period.of(row.paid_on))
        entries.append((accounts.gateway(bank), "payment", row.amount_kop, period, row.row_id))
        if row.row_id not in split:
            entries.append((accounts.suspense(bank), "payment", -row.amount_kop, period, row.row_id))
            continue
        for service, parts in split[row.row_id].items():
            kop, provider_service = sum(part.amount_kop for part in parts), book.provider_service[service]
            entries += [
                (book.personal[service], "payment", -kop, period, row.row_id),
                (accounts.control(provider_service), "payment", kop, period, row.row_id),
                (accounts.clearing(provider_service), "payment", -kop, period, row.row_id),
            ]
    attempt = RegisterPayment.objects.filter(bank=bank, batch=batch).values("ledger_transaction_id").distinct().count()
    posted = ledger.post_frame(
        town_id=town_id,
        key=f"register:{bank}:{batch}:{attempt}",
        cause="register",
        cause_id=batch,
        period=Period.of(max(row.paid_on for row in rows)),
        postings=pl.DataFrame(entries, schema=["account_id", "kind", "amount_kop", "period", "ref_id"], orient="row"),
        at=at,
    )
    return posted.transaction_id


def _write_rows(
    town_id: int,
    bank: str,
    batch: str,
    rows: list[RegisterRow],
    split: dict[int, dict[int, list[Part]]],
    reasons: dict[int, str],
    transaction_id: int,
    at: dt.datetime,
) -> None:
    payments = RegisterPayment.objects.bulk_create(
        (
            RegisterPayment(
                town_id=town_id,
                bank=bank,
                digest=row.digest,
                batch=batch,
                row_id=row.row_id,
                account_number=row.account_number,
                amount_kop=row.amount_kop,
                paid_on=row.paid_on,
                purpose=row.purpose,
                suspense_reason=reasons.get(row.row_id, ""),
                ledger_transaction_id=transaction_id,
                recorded_at=at,
            )
            for row in rows
        ),
        batch_size=2000,
    )
    Allocation.objects.bulk_create(
        (
            Allocation(
                register_payment=payment,
                account_service_id=service,
                for_period=part.period,
                is_advance=part.is_advance,
                amount_kop=part.amount_kop,
                ledger_transaction_id=transaction_id,
            )
            for payment in payments
            for service, parts in split.get(payment.row_id, {}).items()
            for part in parts
        ),
        batch_size=2000,
    )


@transaction.atomic
def reverse_register(*, bank: str, batch: str, at: dt.datetime) -> int:
    """Undo a batch: its postings are reversed, its rows may come again. How many rows; a second undo does nothing."""
    rows = RegisterPayment.objects.select_for_update().filter(bank=bank, batch=batch, reversed_at__isnull=True)
    for transaction_id in sorted(set(rows.values_list("ledger_transaction_id", flat=True))):
        ledger.reverse(transaction_id=transaction_id, key=f"register-reversal:{transaction_id}", at=at)
    return rows.update(reversed_at=at)
