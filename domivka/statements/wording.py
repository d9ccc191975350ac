"""Bills of a month in words: the JSON of `content.BillContent`, ready to be frozen.

A whole town passes here in half a minute, so the loops are over plain tuples, what many bills say alike is worked out once,
and the text is written at once: objects of every service only to be walked by an encoder would take as long again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from functools import cache, lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any, Final

import polars as pl

from domivka.billing.api import component_words, method_words
from domivka.billing.numbers import number
from domivka.kernel.clock import KYIV
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import day_words
from domivka.registry import api as registry
from domivka.registry.api import TownView
from domivka.statements.content import VERSION, BillContent, BillDoesNotAddUp, BillMeter, BillProvider, BillService
from domivka.statements.reading import MONTHS, SERVICES, Inputs
from domivka.statements.rules.nbu_qr import Link, QrRefused, Transfer, clean, links_003

_SHORT_UNITS: Final = {"особа": "ос.", "місяць": "міс."}
_UNITS: Final = {"area": "м²", "persons": "ос.", "fixed": ""}
_LINK_LENGTHS: Final = (362, 504)
"""A code of version 14 has modules of half a millimetre on the paper and every camera reads it; 17 if it must be."""

WordedBill = tuple[int, str, str, int, int, str]
"""Premises, number, due day (ISO), to pay and charged in kopiykas, what the bill says as JSON."""


def _shape(kind: type) -> str:
    """The JSON of a part of a bill with a place for each of its fields, in their order."""
    return "{" + ",".join(f'"{field.name}":%s' for field in fields(kind)) + "}"


_METER, _SERVICE, _PROVIDER = _shape(BillMeter), _shape(BillService), _shape(BillProvider)
_BILL: Final = f'{{"version":{VERSION},' + _shape(BillContent)[1:]
_PREMISES, _SUPPLY, _NUMBER, _CLOSING, _CHARGED = (
    list(SERVICES).index(name) for name in ("premises_id", "supply_id", "account_number", "closing", "charged")
)
_MONEY: Final = list(SERVICES).index(MONTHS[0])
"""Where the money of a service's row ends and its months begin."""


class Wording:
    """What bills of one town and month say."""

    def __init__(self, *, town: TownView, period: Period, at: dt.datetime, inputs: Inputs) -> None:
        check(inputs.services)
        self.town, self.period, self.at, self.supplies = town, period, at, inputs.supplies
        self.month = f"{period.month:02d}.{period.year}"
        self.services = inputs.services
        self.lines = _grouped(inputs.lines)
        self.meters = _grouped(inputs.meters)
        self.as_of = quoted(period.next.first_day.strftime("%d.%m.%Y"))
        self.issued_on = quoted(at.astimezone(KYIV).date().isoformat())
        self.town_name, self.dispatcher_phone = quoted(town.name), quoted(town.dispatcher_phone)
        self.due, self.link, self.method = cache(self._due), cache(self._link), cache(self._method)

    def bills(self, *, homes: pl.DataFrame, keys: dict[int, str]) -> Iterator[WordedBill]:
        """The bills of these homes, which have services, in the order of their ids."""
        labels = [f"{month.month:02d}.{month.year % 100:02d}" for month in self.period.shift(-11).through(self.period)]
        history = "[" + ",".join(f'["{label}",%s]' for label in labels) + "]"
        charged = self.services.group_by("premises_id", maintain_order=True).agg(pl.col(MONTHS).sum())
        months = {row[0]: row[1:] for row in charged.iter_rows()}
        services = _grouped(self.services, by=_PREMISES)
        for premises_id, kind, street, building, flat, area, heated, registered, living, holder in homes.iter_rows():
            own = services[premises_id]
            number_of = f"{int(self.period)}-{premises_id:07d}"
            due_on, due_words = self.due(tuple(row[_SUPPLY] for row in own))
            address = {"street": street, "building": building, "flat": flat or ""}
            content = _BILL % (
                quoted(number_of),
                int(self.period),
                self.as_of,
                self.issued_on,
                quoted(due_on),
                quoted(due_words),
                self.town_name,
                self.dispatcher_phone,
                quoted(registry.address_text(town=self.town.name, kind=kind, **address)),
                quoted(holder or ""),
                registered,
                living,
                shown(area),
                shown(heated),
                quoted(keys[premises_id]),
                self._recipients(own, clean(registry.short_address_text(**address))),
                history % months[premises_id],
            )
            to_pay = sum(row[_CLOSING] for row in own if row[_CLOSING] > 0)
            yield premises_id, number_of, due_on, to_pay, sum(row[_CHARGED] for row in own), content

    def _recipients(self, rows: list[tuple[Any, ...]], address: str) -> str:
        """Services by where their money goes: provider, personal account, bank account. Providers in the order of their
        first service on the bill."""
        found: dict[tuple[int, str, str], list[tuple[Any, ...]]] = {}
        order: dict[int, int] = {}
        for row in rows:
            supply = self.supplies[row[_SUPPLY]]
            order.setdefault(supply.provider_id, len(order))
            found.setdefault((supply.provider_id, row[_NUMBER], supply.iban), []).append(row)
        return _list(self._recipient(found[key], address) for key in sorted(found, key=lambda key: order[key[0]]))

    def _recipient(self, rows: list[tuple[Any, ...]], address: str) -> str:
        supply, account = self.supplies[rows[0][_SUPPLY]], rows[0][_NUMBER]
        to_pay = sum(
            row[_CLOSING] for row in rows if row[_CLOSING] > 0
        )  # an overpayment does not pay for another service
        of = tuple(row[_SUPPLY] for row in rows)
        return _PROVIDER % (
            quoted(supply.provider),
            quoted(supply.short_name),
            quoted(account),
            quoted(self.due(of)[0]),
            quoted(supply.edrpou),
            quoted(supply.iban),
            quoted(supply.bank),
            quoted(supply.phone),
            _list(self._service(*row[:_MONEY]) for row in rows),
            quoted(self._qr(of, account, to_pay, address) if supply.iban and to_pay > 0 else ""),
        )

    def _service(
        self,
        account_service_id: int,
        _premises_id: int,
        supply_id: int,
        account: str,
        closing: int,
        opening: int,
        charged: int,
        penalty: int,
        correction: int,
        subsidy: int,
        benefit: int,
        paid: int,
    ) -> str:
        supply, meters = self.supplies[supply_id], self.meters.get(account_service_id, [])
        covered = subsidy + benefit
        return _SERVICE % (
            quoted(supply.service),
            quoted(account),
            opening,
            charged,
            penalty,
            correction,
            covered,
            paid,
            closing,
            _list(self._meter(supply.unit, *line) for line in self.lines.get(account_service_id, [])),
            _list(quoted(name) for _, name, _ in meters),
            sum(registers for _, _, registers in meters),
            # «Обов'язкова частка», what the household itself pays of the charge; nothing without a subsidy.
            max(charged - covered, 0) if subsidy or benefit else "null",
        )

    def _meter(
        self,
        unit: str,
        _account_service_id: int,
        kind: str,
        component: str,
        method: str,
        meter: str | None,
        previous: str | None,
        current: str | None,
        difference: str | None,
        volume: str,
        price: str,
        amount_kop: int,
    ) -> str:
        return _METER % (
            quoted(meter or ""),
            shown(previous),
            shown(current),
            shown(difference),
            shown(volume),
            quoted(_UNITS.get(method, _SHORT_UNITS.get(unit, unit))),
            _price(price),
            amount_kop,
            self.method(kind, component, method),
        )

    def _method(self, kind: str, component: str, method: str) -> str:
        part = kind if component == "single" and kind != "charge" else component
        return quoted(", ".join(words for words in (component_words(part), method_words(method)) if words))

    def _due(self, of: tuple[int, ...]) -> tuple[str, str]:
        """The earliest due day of these services, ISO and in words."""
        day = registry.due_day(period=self.period, services=[self.supplies[supply_id] for supply_id in of])
        return day.isoformat(), day_words(day)

    def _qr(self, of: tuple[int, ...], account: str, to_pay: int, address: str) -> str:
        """The link that pays a recipient's part. It lasts until the next bill replaces it: many pay after the due day.
        Empty where a provider's details do not fit the standard: the bill itself must still reach people."""
        link, names = self.link(of)
        if link is None:
            return ""
        number_of = clean(account)
        words = f"за {names}, О/Р {number_of}, за {self.month}, {address}"[:420]
        reference = f"{number_of}-{int(self.period)}"
        for most in _LINK_LENGTHS:
            try:
                return link(amount_kop=to_pay, reference=reference, purpose=words, most=most)
            except QrRefused:
                continue
        return ""

    def _link(self, of: tuple[int, ...]) -> tuple[Link | None, str]:
        """What writes the links to the recipient of these services, and the services' names."""
        supply = self.supplies[of[0]]
        names = clean(", ".join(self.supplies[supply_id].service for supply_id in of))
        transfer = Transfer(
            recipient=clean(supply.provider)[:140],
            iban=supply.iban,
            recipient_code=supply.edrpou,
            purpose="",
            valid_until=dt.datetime.combine(self.period.next.last_day, dt.time(23, 59, 59), KYIV),
            created_at=self.at,
        )
        try:
            return links_003(transfer), names
        except QrRefused:
            return None, names


def check(services: pl.DataFrame) -> None:
    """Raises `BillDoesNotAddUp` (domain.md §5.4, balance identity): money came or went that no column of a bill shows."""
    parts = pl.sum_horizontal("opening", "charged", "penalty", "correction") - pl.sum_horizontal(
        "subsidy", "benefit", "paid"
    )
    wrong = services.with_columns(due=parts).filter(pl.col("due") != pl.col("closing"))
    for row in wrong.head(1).iter_rows(named=True):
        raise BillDoesNotAddUp(f"{row['account_number']}: {row['due']} ≠ {row['closing']}")


def _grouped(frame: pl.DataFrame, by: int = 0) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in frame.iter_rows():
        found[row[by]].append(row)
    return found


@lru_cache(maxsize=65_536)
def shown(value: str | None) -> str:
    """`1 354,78` of «1354.780», nothing of nothing, quoted."""
    return '""' if value is None else quoted(number(Decimal(value)))


@lru_cache(maxsize=4096)
def _price(value: str) -> str:
    whole, _, part = number(Decimal(value)).partition(",")
    return quoted(f"{whole},{part:0<2}")


def _list(items: Iterable[str]) -> str:
    return f"[{','.join(items)}]"
