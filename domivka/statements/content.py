"""What a bill says, frozen when it is issued. The PDF is made from this and nothing else."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from domivka.kernel.errors import DomainError
from domivka.kernel.money import Money

VERSION: Final = 1
"""Of the JSON below. A changed shape is a new number, and `from_json` then reads the old ones too."""


class UnknownBillVersion(DomainError):
    """A bill was frozen by a newer Domivka than this one, so it is not guessed at."""


class BillDoesNotAddUp(DomainError):
    """to pay ≠ debt + charged + penalty + correction − subsidy − benefit − paid: the bill is not issued."""


@dataclass(frozen=True, slots=True)
class BillMeter:
    """A line of the metering part: readings, volume, tariff; texts are ready to print."""

    meter: str
    previous: str
    current: str
    difference: str
    volume: str
    unit: str
    price: str
    charged_kop: int
    method: str


@dataclass(frozen=True, slots=True)
class BillService:
    """One service: money of the month in kopiykas; debt positive, overpayment negative; `paid_kop` positive.

    `charged_kop` holds the subscription fee, `subsidy_kop` the benefit too. `boxes` is how many readings are asked for
    next month, `meter_numbers` of which meters; `compulsory_kop` is for information, None without a subsidy.
    """

    name: str
    account_number: str
    debt_kop: int
    charged_kop: int
    penalty_kop: int
    correction_kop: int
    subsidy_kop: int
    paid_kop: int
    to_pay_kop: int
    meters: tuple[BillMeter, ...]
    meter_numbers: tuple[str, ...] = ()
    boxes: int = 0
    compulsory_kop: int | None = None

    def check(self) -> None:
        """Raises `BillDoesNotAddUp` (domain.md §5.4, balance identity)."""
        due = (
            self.debt_kop + self.charged_kop + self.penalty_kop + self.correction_kop - self.subsidy_kop - self.paid_kop
        )
        if due != self.to_pay_kop:
            raise BillDoesNotAddUp(f"{self.name}, {self.account_number}: {due} ≠ {self.to_pay_kop}")


@dataclass(frozen=True, slots=True)
class BillProvider:
    """A recipient: services paid to one bank account under one personal account, and the QR that pays them; `qr` is
    empty when nothing is to be paid. `due_on` is ISO."""

    name: str
    short_name: str
    account_number: str
    due_on: str
    edrpou: str
    iban: str
    bank: str
    phone: str
    services: tuple[BillService, ...]
    qr: str

    @property
    def to_pay(self) -> Money:
        """An overpayment of one service does not pay for another: they are accounts of their own."""
        return Money(sum([service.to_pay_kop for service in self.services if service.to_pay_kop > 0]))


@dataclass(frozen=True, slots=True)
class BillContent:
    """The whole bill."""

    number: str
    period: int
    as_of: str
    issued_on: str
    due_on: str
    due_words: str
    town: str
    dispatcher_phone: str
    address: str
    payer: str
    registered: int
    living: int
    area: str
    heated_area: str
    key: str
    providers: tuple[BillProvider, ...]
    history: tuple[tuple[str, int], ...]  # («11.25», charged kopiykas), twelve months

    @property
    def to_pay(self) -> Money:
        """What the recipients are asked to be paid."""
        return Money(sum([provider.to_pay.kop for provider in self.providers]))

    @property
    def charged(self) -> Money:
        """Of the month, with subscription fees, without penalties and corrections."""
        return Money(sum(service.charged_kop for provider in self.providers for service in provider.services))

    @property
    def overpaid(self) -> Money:
        """What is paid ahead, positive; it stays at its services."""
        ahead = [min(service.to_pay_kop, 0) for provider in self.providers for service in provider.services]
        return Money(-sum(ahead))

    def as_json(self) -> dict[str, Any]:
        return {"version": VERSION, **dataclasses.asdict(self)}


def from_json(data: dict[str, Any]) -> BillContent:
    """The content as it was frozen. Raises `UnknownBillVersion`."""
    data = dict(data)
    version = data.pop("version", 1)  # the first bills did not say it
    if version != VERSION:
        raise UnknownBillVersion(_("Цей рахунок складено іншою версією Домівки. Зверніться до диспетчерської."))
    providers = tuple(
        BillProvider(
            **{
                **provider,
                "services": tuple(map(_service, provider["services"])),
            }
        )
        for provider in data["providers"]
    )
    history = tuple((label, kop) for label, kop in data["history"])
    return BillContent(**{**data, "providers": providers, "history": history})


def _service(data: dict[str, Any]) -> BillService:
    meters = tuple(BillMeter(**meter) for meter in data["meters"])
    return BillService(**{**data, "meters": meters, "meter_numbers": tuple(data["meter_numbers"])})
