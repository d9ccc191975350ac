from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from domivka.emulators.liqpay import LiqPay
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.emulators.server import Server
from tests.database.payments.town import AT, House, build, charge


@pytest.fixture
def house(db: None) -> House:
    """Debts of seed S1: 1 264,70 + 869,27 + 0 + 1 021,00."""
    made = build()
    charge(made, "water", 1264_70)
    charge(made, "wastewater", 869_27)
    charge(made, "housing", 1021_00)
    return made


@pytest.fixture
def bank(settings: Settings) -> Iterator[SandboxBank]:
    """The sandbox bank in a thread of this process; our adapter talks to it over HTTP."""
    emulator = SandboxBank(secret=settings.SANDBOX_BANK_SECRET, late_s=0.2, hang_s=0.6, clock=AT.timestamp)
    server = Server(emulator.routes()).start()
    settings.SANDBOX_BANK_URL = server.url
    yield emulator
    server.stop()


@pytest.fixture
def liqpay(settings: Settings) -> Iterator[LiqPay]:
    """The LiqPay emulator in a thread of this process."""
    emulator = LiqPay(public_key=settings.LIQPAY_PUBLIC_KEY, private_key=settings.LIQPAY_PRIVATE_KEY)
    server = Server(emulator.routes()).start()
    settings.LIQPAY_URL = server.url
    yield emulator
    server.stop()
