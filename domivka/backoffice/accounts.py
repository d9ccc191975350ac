"""A provider's personal accounts: the list with search and debts, and one account with all that moved on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection

from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.api import AccountState
from domivka.registry import api as registry
from domivka.registry.models import AccountService, PersonalAccount
from domivka.registry.rules.folding import fold

PAGE_SIZE: Final = 50
STATES: Final = ("all", "debt", "credit", "settled", "closed")
_ORDER: Final = {
    "number": "a.number",
    "address": "st.name, st.kind, b.number_sort, p.flat_sort, a.number",
    "holder": "a.holder, a.number",
    "debt": "coalesce(d.kop, 0) DESC, a.number",
}
SORTS: Final = tuple(_ORDER)
_STATE: Final = {
    "all": "a.closed_on IS NULL",
    "debt": "a.closed_on IS NULL AND d.kop > 0",
    "credit": "a.closed_on IS NULL AND d.kop < 0",
    "settled": "a.closed_on IS NULL AND coalesce(d.kop, 0) = 0",
    "closed": "a.closed_on IS NOT NULL",
}
_LIST: Final = """
WITH d AS (
    SELECT s.account_id, sum(bal.net_kop)::bigint AS kop
    FROM registry_personalaccount own
    JOIN registry_accountservice s ON s.account_id = own.id
    JOIN ledger_account l ON l.kind = 'personal' AND l.owner_id = s.id
    JOIN ledger_balance bal ON bal.account_id = l.id
    WHERE own.provider_id = %(provider)s GROUP BY 1)
SELECT count(*) OVER (), sum(coalesce(d.kop, 0)) OVER (), a.id, a.number, a.holder, a.premises_id, coalesce(d.kop, 0)
FROM registry_personalaccount a
JOIN registry_premises p ON p.id = a.premises_id
JOIN registry_building b ON b.id = p.building_id
JOIN registry_street st ON st.id = b.street_id
LEFT JOIN d ON d.account_id = a.id
WHERE a.provider_id = %(provider)s AND {state} {words}
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
"""
_WORD: Final = """ AND (a.number ILIKE %(word{n})s || '%%' OR a.holder ILIKE '%%' || %(word{n})s || '%%'
    OR b.number ILIKE %(word{n})s OR p.flat = %(word{n})s OR EXISTS (
        SELECT 1 FROM registry_streetname sn WHERE sn.street_id = st.id AND sn.key LIKE '%%' || %(key{n})s || '%%'))"""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the list; a positive balance is debt."""

    id: int
    number: str
    holder: str
    address: str
    balance: Money
    premises_id: int


@dataclass(frozen=True, slots=True)
class AccountList:
    """A page of accounts with the number and the balance of all that were found."""

    rows: list[AccountRow]
    total: int
    balance: Money


def account_list(
    *, provider_id: int, text: str = "", state: str = "all", sort: str = "number", page: int = 1
) -> AccountList:
    """Accounts whose number, holder or address has every word of `text` (old street names too). Two queries."""
    words = text.replace(",", " ").split()[:6]
    parameters: dict[str, int | str] = {
        "provider": provider_id,
        "limit": PAGE_SIZE,
        "offset": (page - 1) * PAGE_SIZE,
    }
    for n, word in enumerate(words):
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parameters |= {f"word{n}": escaped, f"key{n}": fold(word) or "\x01"}
    query = _LIST.format(
        state=_STATE[state], order=_ORDER[sort], words="".join(_WORD.format(n=n) for n in range(len(words)))
    )
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found = cursor.fetchall()
    views = registry.premises_views(premises_ids=[row[5] for row in found])
    rows = [AccountRow(r[2], r[3], r[4], views[r[5]].short_address, Money(int(r[6])), r[5]) for r in found]
    total, balance = (found[0][0], int(found[0][1])) if found else (0, 0)
    return AccountList(rows, total, Money(balance))


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One personal account as its provider sees it."""

    id: int
    number: str
    holder: str
    premises_id: int
    address: str
    area_m2: object
    registered: int | None
    opened_on: dt.date
    closed_on: dt.date | None
    services: list[tuple[int, str, Money]]  # account service, name, balance now
    states: list[tuple[str, AccountState]]  # service name with each month's turnover, newest first

    @property
    def balance(self) -> Money:
        return Money(sum(balance.kop for _, _, balance in self.services))

    @property
    def account_service_ids(self) -> list[int]:
        return [pk for pk, _, _ in self.services]


def account_page(*, provider_id: int, account_id: int, today: dt.date) -> AccountPage:
    """The account of this provider with the last twelve months. Raises `NotFoundError` for other providers'."""
    row = PersonalAccount.objects.filter(pk=account_id, provider_id=provider_id).first()
    if row is None:
        raise NotFoundError("Немає такого особового рахунку.")
    services = AccountService.objects.filter(account=row).order_by("provider_service__service__position")
    named = services.values_list("pk", "provider_service__service__name", "provider_service__service__name_en")
    names = {pk: registry.service_name(name, name_en) for pk, name, name_en in named}
    balances = ledger.balances(account_service_ids=list(names))
    month = Period.of(today)
    states = ledger.account_states(account_service_ids=list(names), first=month.shift(-12), last=month)
    view = registry.premises_view(premises_id=row.premises_id)
    return AccountPage(
        id=row.pk,
        number=row.number,
        holder=row.holder,
        premises_id=row.premises_id,
        address=view.address,
        area_m2=view.area_m2,
        registered=view.registered,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        services=[(pk, name, balances[pk]) for pk, name in names.items()],
        states=[(names[state.account_service_id], state) for state in states],
    )
