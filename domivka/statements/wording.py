"""Bills of a month in words: plain dictionaries in the shape of `content.BillContent`, ready to be frozen as JSON.

A whole town passes here in half a minute, so the loops are over plain tuples, and what many bills say alike is worked out
once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

import polars as pl

from domivka.billing.api import component_words, method_words
from domivka.billing.explanation import number
from domivka.kernel.clock import KYIV
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import day_words
from domivka.registry import api as registry
from domivka.registry.api import TownView
from domivka.statements.content import VERSION, BillDoesNotAddUp
from domivka.statements.reading import MONTHS, SERVICES, Inputs
from domivka.statements.rules.nbu_qr import Link, QrRefused, Transfer, clean, links_003

_SHORT_UNITS: Final = {"особа": "ос.", "місяць": "міс."}
_UNITS: Final = {"area": "м²", "persons": "ос.", "fixed": ""}
_LINK_LENGTHS: Final = (362, 504)
"""A code of version 14 has modules of half a millimetre on the paper and every camera reads it; 17 if it must be."""

Content = dict[str, Any]
WordedBill = tuple[int, str, str, int, int, Content]
"""Premises, number, due day (ISO), to pay and charged in kopiykas, what the bill says."""
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
        self.alike = {
            "version": VERSION,
            "period": int(period),
            "as_of": period.next.first_day.strftime("%d.%m.%Y"),
            "issued_on": at.astimezone(KYIV).date().isoformat(),
            "town": town.name,
            "dispatcher_phone": town.dispatcher_phone,
        }
        self.due, self.link, self.method = cache(self._due), cache(self._link), cache(self._method)

    def bills(self, *, homes: pl.DataFrame, keys: dict[int, str]) -> Iterator[WordedBill]:
        """The bills of these homes, which have services, in the order of their ids."""
        labels = [f"{month.month:02d}.{month.year % 100:02d}" for month in self.period.shift(-11).through(self.period)]
        months = self.services.group_by("premises_id", maintain_order=True).agg(pl.col(MONTHS).sum())
        history = {row[0]: list(zip(labels, row[1:], strict=True)) for row in months.iter_rows()}
        services = _grouped(self.services, by=_PREMISES)
        for premises_id, kind, street, building, flat, area, heated, registered, living, holder in homes.iter_rows():
            own = services[premises_id]
            number_of = f"{int(self.period)}-{premises_id:07d}"
            due_on, due_words = self.due(tuple(row[_SUPPLY] for row in own))
            address = {"street": street, "building": building, "flat": flat or ""}
            content = {
                **self.alike,
                "number": number_of,
                "due_on": due_on,
                "due_words": due_words,
                "address": registry.address_text(town=self.town.name, kind=kind, **address),
                "payer": holder or "",
                "registered": registered,
                "living": living,
                "area": shown(area),
                "heated_area": shown(heated),
                "key": keys[premises_id],
                "providers": self._recipients(own, clean(registry.short_address_text(**address))),
                "history": history[premises_id],
            }
            to_pay = sum(row[_CLOSING] for row in own if row[_CLOSING] > 0)
            yield premises_id, number_of, due_on, to_pay, sum(row[_CHARGED] for row in own), content

    def _recipients(self, rows: list[tuple[Any, ...]], address: str) -> list[Content]:
        """Services by where their money goes: provider, personal account, bank account. Providers in the order of their
        first service on the bill."""
        found: dict[tuple[int, str, str], list[tuple[Any, ...]]] = {}
        order: dict[int, int] = {}
        for row in rows:
            supply = self.supplies[row[_SUPPLY]]
            order.setdefault(supply.provider_id, len(order))
            found.setdefault((supply.provider_id, row[_NUMBER], supply.iban), []).append(row)
        return [self._recipient(found[key], address) for key in sorted(found, key=lambda key: order[key[0]])]

    def _recipient(self, rows: list[tuple[Any, ...]], address: str) -> Content:
        supply, account = self.supplies[rows[0][_SUPPLY]], rows[0][_NUMBER]
        to_pay = sum(
            row[_CLOSING] for row in rows if row[_CLOSING] > 0
        )  # an overpayment does not pay for another service
        of = tuple(row[_SUPPLY] for row in rows)
        return {
            "name": supply.provider,
            "short_name": supply.short_name,
            "account_number": account,
            "due_on": self.due(of)[0],
            "edrpou": supply.edrpou,
            "iban": supply.iban,
            "bank": supply.bank,
            "phone": supply.phone,
            "services": [self._service(*row[:_MONEY]) for row in rows],
            "qr": self._qr(of, account, to_pay, address) if supply.iban and to_pay > 0 else "",
        }

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
    ) -> Content:
        supply, meters = self.supplies[supply_id], self.meters.get(account_service_id, [])
        covered = subsidy + benefit
        return {
            "name": supply.service,
            "account_number": account,
            "debt_kop": opening,
            "charged_kop": charged,
            "penalty_kop": penalty,
            "correction_kop": correction,
            "subsidy_kop": covered,
            "paid_kop": paid,
            "to_pay_kop": closing,
            "meters": [self._meter(supply.unit, *line) for line in self.lines.get(account_service_id, [])],
            "meter_numbers": [name for _, name, _ in meters],
            "boxes": sum(registers for _, _, registers in meters),
            # «Обов'язкова частка», what the household itself pays of the charge; nothing without a subsidy.
            "compulsory_kop": max(charged - covered, 0) if subsidy or benefit else None,
        }

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
    ) -> Content:
        return {
            "meter": meter or "",
            "previous": shown(previous),
            "current": shown(current),
            "difference": shown(difference),
            "volume": shown(volume),
            "unit": _UNITS.get(method, _SHORT_UNITS.get(unit, unit)),
            "price": _price(price),
            "charged_kop": amount_kop,
            "method": self.method(kind, component, method),
        }

    def _method(self, kind: str, component: str, method: str) -> str:
        part = kind if component == "single" and kind != "charge" else component
        return ", ".join(words for words in (component_words(part), method_words(method)) if words)

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
    """`1 354,78` of «1354.780»; nothing of nothing."""
    return "" if value is None else number(Decimal(value))


@lru_cache(maxsize=4096)
def _price(value: str) -> str:
    whole, _, part = number(Decimal(value)).partition(",")
    return f"{whole},{part:0<2}"
