"""What a bill says, frozen when it is issued. The PDF is made from this and nothing else."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from domivka.kernel.errors import DomainError
from domivka.kernel.money import ZERO, Money


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
    """One service: money of the month in kopiykas; debt positive, overpayment negative; `paid_kop` positive."""

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

    def check(self) -> None:
        """Raises `BillDoesNotAddUp` (domain.md §5.4, balance identity)."""
        due = (
            self.debt_kop + self.charged_kop + self.penalty_kop + self.correction_kop - self.subsidy_kop - self.paid_kop
        )
        if due != self.to_pay_kop:
            raise BillDoesNotAddUp(f"{self.name}, {self.account_number}: {due} ≠ {self.to_pay_kop}")


@dataclass(frozen=True, slots=True)
class BillProvider:
    """A recipient with its services and the QR that pays them; `qr` is empty when nothing is to be paid."""

    name: str
    edrpou: str
    iban: str
    bank: str
    phone: str
    services: tuple[BillService, ...]
    qr: str

    @property
    def to_pay(self) -> Money:
        return sum((Money(service.to_pay_kop) for service in self.services), ZERO)


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
        """An overpayment at one provider does not pay another's bill."""
        services = (service for provider in self.providers for service in provider.services)
        return sum((Money(service.to_pay_kop) for service in services if service.to_pay_kop > 0), ZERO)

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def from_json(data: dict[str, Any]) -> BillContent:
    """The content as it was frozen."""
    providers = tuple(
        BillProvider(
            **{
                **provider,
                "services": tuple(
                    BillService(**{**service, "meters": tuple(BillMeter(**meter) for meter in service["meters"])})
                    for service in provider["services"]
                ),
            }
        )
        for provider in data["providers"]
    )
    history = tuple((label, kop) for label, kop in data["history"])
    return BillContent(**{**data, "providers": providers, "history": history})
