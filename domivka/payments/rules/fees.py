"""The commission for transferring money, and the words a bank prints."""

from __future__ import annotations

from decimal import Decimal

from domivka.kernel.money import round_half_up
from domivka.kernel.period import Period

PURPOSE_LIMIT = 420
"""Longest purpose of a credit transfer (NBU resolution 163)."""


def commission_kop(*, amount_kop: int, percent: Decimal) -> int:
    """Commission of one recipient: `percent` (2.9024 means 2,9024 %) of the amount, half-up to a kopiyka, once."""
    return round_half_up(Decimal(amount_kop) / 100 * percent / 100)


def purpose(*, service: str, account_number: str, period: Period) -> str:
    """«за послугу Водопостачання, О/Р 101, за 10.2026, без ПДВ» (seed S1). Always Ukrainian: banks read it."""
    tail = f", О/Р {account_number}, за {period.month:02d}.{period.year}, без ПДВ"
    return f"за послугу {service}"[: PURPOSE_LIMIT - len(tail)] + tail
