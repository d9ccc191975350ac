"""The National Bank's QR for a credit transfer, formats 002 and 003 (NBU resolutions No 11 of 2021 and No 97 of 2025)."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from domivka.kernel.money import Money

START_002: Final = "https://bank.gov.ua/qr/"
START_003: Final = "https://qr.bank.gov.ua/"
_MAX_PAYLOAD_003: Final = 475
_MAX_TEXT_003: Final = 504
"""The rules say 507 bytes; version 17 at level M, the largest allowed, holds 504."""
PURPOSE_CEILING: Final = 290
"""Longest purpose that banks show of format 003 in Windows-1251 (domain.md §2.3, field 12)."""
_MAX_BLOCK_002: Final = 500
_MAX_KOP: Final = 99_999_999_999
_KYIV: Final = ZoneInfo("Europe/Kyiv")
_FORBIDDEN: Final = {127, 152, 160}
_SUBSTITUTES: Final = str.maketrans({"ʼ": "’", "\u00a0": " ", "\u202f": " ", "\n": " ", "\r": " ", "\t": " "})


class QrRefused(ValueError):
    """The transfer cannot be written as the standard wants; the message says which field."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One recipient's transfer. `amount` None lets the payer type it; moments are aware."""

    recipient: str
    iban: str
    recipient_code: str
    purpose: str
    amount: Money | None = None
    reference: str = ""
    category: str = "SUPP/SUPP"
    lock_mask: str = "FEFF"  # everything but the amount
    valid_until: dt.datetime | None = None
    created_at: dt.datetime | None = None


class _Allowed(dict[int, int | str | None]):
    """For `str.translate`: what each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> int | str | None:
        encoded = chr(code).encode("cp1251", errors="ignore")
        allowed = bool(encoded) and encoded[0] >= 32 and encoded[0] not in _FORBIDDEN
        self[code] = code if allowed else None
        return self[code]


_ALLOWED: Final = _Allowed(_SUBSTITUTES)


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Text with only the characters the standard allows (Windows-1251, no control characters), spaces folded."""
    return " ".join(text.translate(_ALLOWED).split())


def _field(name: str, value: str, limit: int) -> str:
    if not value:
        raise QrRefused(f"{name} is empty")
    if len(value.encode("utf-8" if not value.isascii() else "ascii")) > limit and len(value) > limit:
        raise QrRefused(f"{name} is longer than {limit}")
    return value


def _amount(kop: int | None) -> str:
    if kop is None:
        return ""
    if not 0 < kop <= _MAX_KOP:
        raise QrRefused(f"amount {kop} kop.")
    return f"UAH{kop // 100}.{kop % 100:02d}"


def _encode(text: str, encoding: str) -> str:
    return base64.urlsafe_b64encode(text.encode(encoding)).decode().rstrip("=")


def format_002(transfer: Transfer) -> str:
    """The link of format 002 in UTF-8. Raises `QrRefused`."""
    lines = [
        "BCD", "002", "1", "UCT", "",
        _field("recipient", clean(transfer.recipient)[:70], 70),
        _field("iban", transfer.iban, 34),
        _amount(None if transfer.amount is None else transfer.amount.kop),
        _field("recipient code", transfer.recipient_code, 10),
        "", "",
        _field("purpose", clean(transfer.purpose)[:140], 140),
        "", "",
    ]  # fmt: skip
    block = _encode("\n".join(lines), "utf-8")
    if len(block) > _MAX_BLOCK_002:
        raise QrRefused("the block is longer than the standard allows")
    return START_002 + block


def format_003(transfer: Transfer, *, most: int = _MAX_TEXT_003) -> str:
    """The link of format 003 in Windows-1251 (half the size for Cyrillic). A purpose that does not fit `most` characters
    of link is cut at its end, as no bank shows more. Raises `QrRefused`."""
    amount_kop = None if transfer.amount is None else transfer.amount.kop
    return links_003(transfer)(
        amount_kop=amount_kop, reference=clean(transfer.reference), purpose=clean(transfer.purpose), most=most
    )


class Link(Protocol):
    """Writes one link: the amount in kopiykas (None lets the payer type it), the reference, the purpose; both `clean`."""

    def __call__(self, *, amount_kop: int | None, reference: str, purpose: str, most: int) -> str: ...


def links_003(to: Transfer) -> Link:
    """What writes links of format 003 to one recipient: the fields that are the same in all are checked and put together
    once. Raises `QrRefused`, as does each link for fields of its own."""
    recipient = _field("recipient", clean(to.recipient)[:140], 140)
    head = "\n".join(["BCD", "003", "2", "ICT", "", recipient, _field("iban", to.iban, 29), ""])
    code = "\n".join(["", _field("recipient code", to.recipient_code, 10), to.category, ""])
    tail = "\n".join(["", "", to.lock_mask, _moment(to.valid_until), _moment(to.created_at), ""])

    def link(*, amount_kop: int | None, reference: str, purpose: str, most: int) -> str:
        purpose = _field("purpose", purpose, 420)[:PURPOSE_CEILING].rstrip()
        start = f"{head}{_amount(amount_kop)}{code}{reference[:35]}\n"
        room = min(_MAX_PAYLOAD_003, (most - len(START_003)) * 3 // 4) - len(start) - len(tail)
        while len(purpose) > room:
            if len(purpose) <= 40:
                raise QrRefused("the payload is longer than the standard allows")
            purpose = purpose[: len(purpose) - 8].rstrip()
        return START_003 + _encode(start + purpose + tail, "cp1251")

    return link


def _moment(value: dt.datetime | None) -> str:
    return "" if value is None else value.astimezone(_KYIV).strftime("%y%m%d%H%M%S")


def parse(text: str) -> dict[str, str]:
    """The fields of a 002 or 003 link, by name: what a bank's reader sees."""
    start = START_003 if text.startswith(START_003) else START_002
    block = text.removeprefix(start)
    raw = base64.urlsafe_b64decode(block + "=" * (-len(block) % 4))
    encoding = "cp1251" if raw.split(b"\n")[2] == b"2" else "utf-8"
    values = raw.decode(encoding).split("\n")
    names = [
        "tag", "version", "encoding", "function", "unique_id", "recipient", "iban", "amount", "recipient_code",
        "category", "reference", "purpose", "display", "lock_mask", "valid_until", "created_at", "signature",
    ]  # fmt: skip
    return dict(zip(names, values, strict=False))
