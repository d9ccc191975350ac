"""A year of the providers that charge in their own systems: what their monthly files say, row by row.

Amounts are whole kopiykas and add up in every row: opening + charged + correction + penalty − subsidy − benefit − paid =
closing, and the next month opens with the closing of this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from domivka.demo.town import seasons
from domivka.demo.town.connections import Connection
from domivka.demo.town.plan import Dwelling
from domivka.demo.town.providers import IMPORTED, TARIFFS
from domivka.kernel.period import Period

_ROLLOVER_E3: Final = 100_000_000  # five whole digits and three decimals
_MODELS: Final = {"oblenergo": ("НІК 2102", "НІК 2303", "GAMA 100"), "vodokanal": ("КВ-1,5", "Новатор ЛК-15")}


@dataclass(slots=True)
class Row:
    """One service of one account in a provider's file. Volumes and register values in thousandths (Gcal: e4)."""

    connection: Connection
    service: str
    volume: int
    price_e4: int
    charged: int
    opening: int
    correction: int = 0
    penalty: int = 0
    subsidy: int = 0
    benefit: int = 0
    paid: int = 0
    meter: str = ""
    model: str = ""
    previous: tuple[int, ...] = ()
    current: tuple[int, ...] = ()
    people: int = 0

    @property
    def closing(self) -> int:
        relief = self.subsidy + self.benefit
        return self.opening + self.charged + self.correction + self.penalty - relief - self.paid


@dataclass(slots=True)
class _State:
    """What a service of an account carries from month to month."""

    balance: int = 0
    meter: str = ""
    model: str = ""
    registers: list[int] = field(default_factory=list)
    waiting: int = 0  # volume used while nobody sent a reading


def simulate(
    accounts: list[Connection], *, last: Period, months: int = 12, seed: int
) -> Iterator[tuple[Period, dict[str, list[Row]]]]:
    """Month by month, the rows of each provider's file."""
    served = [account for account in accounts if account.provider in IMPORTED]
    randoms = [Random(f"months:{seed}:{a.number}") for a in served]  # noqa: S311  # a seed, not a secret
    states = [_first_states(random, account) for random, account in zip(randoms, served, strict=True)]
    first = last.shift(1 - months)
    for index, period in enumerate(first.through(last)):
        prices = _prices(period, last)
        files: dict[str, list[Row]] = {provider: [] for provider in IMPORTED}
        for account, random, state in zip(served, randoms, states, strict=True):
            files[account.provider] += _account_month(random, account, state, index, period, prices)
        yield period, files


def _prices(period: Period, last: Period) -> dict[tuple[str, str], int]:
    """Prices of the month by (provider, service). Versions are dated by years before the last month's."""
    found: dict[tuple[str, str], int] = {}
    for tariff in TARIFFS:
        for (years, month, _day), _number, rates in tariff.versions:
            if not tariff.code and (last.year - years, month) <= (period.year, period.month):
                found[tariff.provider, tariff.service] = int(rates[0].price * 10_000)
    return found


def _first_states(random: Random, account: Connection) -> dict[str, _State]:
    states = {service: _State() for service in account.services}
    for service, state in states.items():
        typical = {"heating": 90_000, "gas": 30_000, "electricity": 60_000}.get(service, 15_000)
        state.balance = {
            "debtor": typical * random.randint(3, 9),
            "overpayer": -random.choice((5_605, 10_000, 25_000)),
        }.get(account.dwelling.habit, random.choice((0, 0, 0, 0, typical // 2)))
        if service in ("water", "gas", "electricity"):
            state.meter = f"{random.randint(1_000_000, 99_999_999):08d}"
            state.model = random.choice(_MODELS.get(account.provider, ("Самгаз G4", "Октава G4")))
            start = random.randint(40, 70_000) * 1000 + random.randint(0, 999 if service == "water" else 0)
            if random.random() < 0.01:
                start = _ROLLOVER_E3 - random.randint(20, 60) * 1000  # turns over within the year
            state.registers = [start, start * 7 // 10 // 1000 * 1000] if service == "electricity" else [start]
    return states


def _account_month(
    random: Random,
    account: Connection,
    states: dict[str, _State],
    index: int,
    period: Period,
    prices: dict[tuple[str, str], int],
) -> list[Row]:
    rows: list[Row] = []
    water: Row | None = None
    for service in account.services:
        state = states[service]
        price = prices[account.provider, service]
        row = Row(account, service, 0, price, 0, state.balance, people=account.dwelling.people_in(index))
        if service == "wastewater" and water is not None:
            row.volume, row.meter, row.previous, row.current = water.volume, water.meter, water.previous, water.current
            row.charged = _half_up(row.volume * price, 100_000)
        elif state.meter:
            _metered(random, account.dwelling, state, row, index, period)
        else:
            _unmetered(random, account.dwelling, row, index, period)
        if service == "water":
            water = row
        if service == "heating":
            _relieve(account.dwelling, row)
        _settle(random, account.dwelling, row)
        state.balance = row.closing
        rows.append(row)
    return rows


def _half_up(value: int, scale: int) -> int:
    return (2 * value + scale) // (2 * scale)


def _metered(random: Random, dwelling: Dwelling, state: _State, row: Row, index: int, period: Period) -> None:
    if random.random() < 0.004:  # replaced: a new meter starts from nothing
        state.meter = f"{random.randint(1_000_000, 99_999_999):08d}"
        state.registers = [0] * len(state.registers)
    used = _used(random, dwelling, row.service, index, period) + state.waiting
    silent = dwelling.habit == "careless" and random.random() < 0.45
    state.waiting, used = (used, 0) if silent else (0, used)
    day = used if len(state.registers) == 1 else used * random.randint(62, 78) // 100 // 1000 * 1000
    parts = [day] if len(state.registers) == 1 else [day, used - day]
    row.meter, row.model, row.previous = state.meter, state.model, tuple(state.registers)
    state.registers = [(value + part) % _ROLLOVER_E3 for value, part in zip(state.registers, parts, strict=True)]
    row.current, row.volume = tuple(state.registers), used
    row.charged = _half_up(parts[0] * row.price_e4, 100_000)
    if len(parts) == 2:  # the night register at half the price
        row.charged = _half_up(2 * parts[0] * row.price_e4 + parts[1] * row.price_e4, 200_000)


def _used(random: Random, dwelling: Dwelling, service: str, index: int, period: Period) -> int:
    if service == "water":
        return seasons.water_litres(random, dwelling, index, period.month)
    if service == "gas":
        return seasons.gas_m3(random, dwelling, index, period.month) * 1000
    return seasons.power_kwh(random, dwelling, index, period.month) * 1000


def _unmetered(random: Random, dwelling: Dwelling, row: Row, index: int, period: Period) -> None:
    """Heat by Gcal, hot water by m³, the rest by area, people or a fixed sum; volumes in thousandths (heat: e4)."""
    if row.service == "heating":
        row.volume = seasons.heat_e4(random, dwelling, period.month)
        row.charged = _half_up(row.volume * row.price_e4, 1_000_000)
        return
    row.volume = {
        "hot_water": lambda: seasons.hot_water_m3(random, dwelling, index) * 1000,
        "management": lambda: int(dwelling.area_m2 * 1000),
        "waste": lambda: row.people * 1000,
    }.get(row.service, lambda: 1000)()
    row.charged = _half_up(row.volume * row.price_e4, 100_000)


_BENEFIT_EVERY: Final = 23
_OBLIGATORY_KOP: Final = 150_00
_BENEFIT_PERCENT: Final = 25


def _relieve(dwelling: Dwelling, row: Row) -> None:
    """What the state pays of a month's heat: a benefit in some homes, a subsidy above the compulsory share in others.
    No charge, no relief: there is none outside the heating season."""
    if dwelling.habit == "subsidised":
        row.subsidy = max(row.charged - _OBLIGATORY_KOP, 0)
    elif dwelling.index % _BENEFIT_EVERY == 0:
        row.benefit = _half_up(row.charged * _BENEFIT_PERCENT, 100)


def _settle(random: Random, dwelling: Dwelling, row: Row) -> None:
    """What came in during the month, as people with this habit pay; a late debtor gets a penalty."""
    due, habit = row.opening, dwelling.habit
    if habit == "debtor":
        row.paid = random.choice((0, 0, 0, 0, 0, 20_000, 50_000)) if due > 0 else 0
        if row.service == "water" and due > 50_000:
            row.penalty = due * 31 // 10_000  # 0.01 % a day
    elif habit == "overpayer":
        row.paid = -(-max(due, 0) // 10_000) * 10_000 + random.choice((0, 0, 5_000))
    elif habit == "subsidised":
        if row.service == "water" and row.charged > 2_000:
            row.correction = -(row.charged * 40 // 100)  # the subsidy the office sent to the provider
        row.paid = max(due, 0)
    elif random.random() < 0.93:
        row.paid = max(due, 0)
