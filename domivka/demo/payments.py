"""How the town pays for what is calculated here: bank registers every month, a few payments in the cabinet."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from random import Random

from django.conf import settings

from domivka.demo.files.town import Paid
from domivka.demo.town.connections import Connection
from domivka.demo.town.desk import Named
from domivka.demo.town.plan import Dwelling
from domivka.demo.town.providers import CALCULATED
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.payments import api as payments
from domivka.payments.gateways.sandbox import sign
from domivka.payments.models import Intent

_PURPOSES = {
    "akvaservis": "АКВАСЕРВІС",
    "kotelnia": "КОТЕЛЬНЯ",
    "gazmerezhi": "РОЗПОДІЛ ГАЗУ",
    "enerhozbut": "ЕНЕРГОЗБУТ",
    "osbb": "ВНЕСОК ОСББ",
    "chyste": "СМІТТЯ",
    "domofon": "ДОМОФОН",
}


_EVERY = {"domofon": 3, "gazmerezhi": 2, "chyste": 2}
"""Small bills are paid for several months at once."""


def register_rows(
    *,
    accounts: Sequence[Connection],
    services: dict[tuple[str, str, str], int],
    period: Period,
    until: dt.date,
    seed: int,
    without: Collection[str] = (),
) -> list[Paid]:
    """What the homes pay at the bank in a month against what they owed at the end of the month before; `without` these
    account numbers."""
    own = [account for account in accounts if account.provider in CALCULATED and account.number not in without]
    ids = {account.number: [services[account.provider, account.number, s] for s in account.services] for account in own}
    owed = ledger.balances(account_service_ids=[pk for found in ids.values() for pk in found], through=period.previous)
    found: list[Paid] = []
    for account in own:
        random = Random(f"pays:{seed}:{account.number}:{int(period)}")  # noqa: S311  # a seed, not a secret
        debt = sum(owed[pk].kop for pk in ids[account.number])
        amount = _amount(random, account.dwelling.habit, debt)
        if (period.month + account.dwelling.index) % _EVERY.get(account.provider, 1):
            amount = 0
        day = period.first_day.replace(day=random.choice((5, 8, 10, 10, 12, 15, 15, 18, 20, 20, 25)))
        if amount > 0 and day <= until:
            found.append(_paid(account, amount, day, random))
    found.sort(key=lambda paid: (paid.paid_on, paid.time, paid.account))
    return found


def terminal_rows(
    *,
    accounts: Sequence[Connection],
    services: dict[tuple[str, str, str], int],
    named: Mapping[str, Sequence[Named]],
    period: Period,
    seed: int,
) -> list[tuple[Paid, Sequence[Named]]]:
    """What homes pay at the terminals, with the readings they name there: the debt, or a little ahead where there is none."""
    own = [account for account in accounts if account.provider in CALCULATED and account.number in named]
    ids = {account.number: [services[account.provider, account.number, s] for s in account.services] for account in own}
    owed = ledger.balances(account_service_ids=[pk for found in ids.values() for pk in found], through=period.previous)
    found: list[tuple[Paid, Sequence[Named]]] = []
    for account in own:
        random = Random(f"terminal:{seed}:{account.number}:{int(period)}")  # noqa: S311  # a seed, not a secret
        registers = named[account.number]
        debt = sum(owed[pk].kop for pk in ids[account.number])
        day = max(register.on for register in registers)
        found.append((_paid(account, max(debt, _AHEAD_KOP), day, random), registers))
    return sorted(found, key=lambda row: (row[0].paid_on, row[0].time, row[0].account))


_AHEAD_KOP = 50_00


def _amount(random: Random, habit: str, debt: int) -> int:
    if debt <= 0:
        return 0
    if habit == "debtor":
        return min(debt, random.choice((0, 0, 0, 0, 10_000, 20_000)))
    if habit == "overpayer":
        return -(-debt // 5_000) * 5_000
    return debt if random.random() < 0.93 else 0


def _paid(account: Connection, amount: int, day: dt.date, random: Random) -> Paid:
    home = account.dwelling
    return Paid(
        account=account.number,
        address=f"{home.street.name} {home.building} {home.flat}".strip(),
        payer=home.holder_name,
        amount_kop=amount,
        purpose=_PURPOSES[account.provider],
        paid_on=day,
        time=f"{random.randint(8, 17):02d}:{random.randint(0, 59):02d}:{random.randint(0, 59):02d}",
    )


def pay_in_cabinet(*, user_id: int, premises_id: int, amounts: dict[int, int], at: dt.datetime, token: str) -> None:
    """A payment by city card as the cabinet makes it; the bank's signed answer comes as a callback."""
    intent_id = payments.create_intent(
        user_id=user_id, premises_id=premises_id, amounts=amounts, token=token, at=at, method="city_card"
    )
    payments.start(user_id=user_id, intent_id=intent_id, at=at)
    intent = Intent.objects.get(pk=intent_id)
    body = json.dumps(
        {
            "order_id": intent.gateway_reference,
            "amount_kop": intent.amount_kop + intent.fee_kop,
            "currency": "UAH",
            "status": "success",
            "event_id": f"demo-{intent_id}",
        }
    ).encode()
    timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(8)
    signature = sign(secret=settings.SANDBOX_BANK_SECRET, timestamp=timestamp, nonce=nonce, body=body)
    headers = {"X-Sandbox-Timestamp": timestamp, "X-Sandbox-Nonce": nonce, "X-Sandbox-Signature": signature}
    received = payments.receive_callback(gateway=intent.gateway, body=body, headers=headers, at=at)
    if received.outcome != "applied":
        raise RuntimeError(f"payment of the demo: {received.outcome}")


def debts_of(*, services: Sequence[int]) -> dict[int, int]:
    """What is owed now, by account service, kopiykas; only debts."""
    owed = ledger.balances(account_service_ids=services)
    found: dict[int, int] = defaultdict(int)
    for service, balance in owed.items():
        if balance.kop > 0:
            found[service] = balance.kop
    return dict(found)


def homes_by_habit(dwellings: Sequence[Dwelling], district: str, habit: str, people: int) -> list[Dwelling]:
    """Homes of a district whose people pay like this."""
    return [d for d in dwellings if (d.district, d.habit) == (district, habit) and d.registered >= people]
