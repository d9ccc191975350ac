"""The bill set by Typst anew each time: what the filled bill is measured against."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import segno
import typst

from domivka.kernel.money import Money
from domivka.statements.content import BillContent
from domivka.statements.design import FONTS

DESIGNS = Path(__file__).parent / "designs"


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(DESIGNS), font_paths=[str(FONTS)], ignore_system_fonts=True)


def qr_svg(text: str) -> str:
    """The QR of a payment link as SVG: version 10 or more, level M, quiet zone of 4, the hryvnia sign in the centre
    (the standard wants it; level M reads through it)."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    if int(code.version) < 10:
        code = segno.make(text, error="m", version=10, boost_error=False)
    size = len(code.matrix) + 8
    runs = []
    for y, row in enumerate(code.matrix, start=4):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                runs.append(f"M{x + 4} {y}h{length}v1h-{length}z")
            x += max(length, 1)
    middle, radius = size / 2, size * 0.055
    sign = (
        f'<circle cx="{middle}" cy="{middle}" r="{radius}" fill="#fff"/>'
        f'<g transform="translate({middle} {middle}) scale({radius / 7})" fill="none" stroke="#000" stroke-width="1.3">'
        '<path d="M-2.6 -3.2C-1.6 -5 2.6 -5 2.6 -2.4C2.6 0 -2.6 0 -2.6 2.4C-2.6 5 1.8 5 2.8 3.2M-4 -1H4M-4 1H4"/></g>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d="{"".join(runs)}"/>{sign}</svg>'
    )


def _kop(value: int) -> str:
    return str(Money(value))


def bill(content: BillContent) -> bytes:
    """The bill-notice as PDF, A4, the same bytes for the same content."""
    data = content.as_json()
    for shown, provider in zip(data["providers"], content.providers, strict=True):
        shown["qr"] = qr_svg(provider.qr) if provider.qr else ""
        shown["to_pay"] = _kop(provider.to_pay.kop)
        for row in shown["services"]:
            for name in ("debt", "charged", "correction", "subsidy", "penalty", "to_pay"):
                row[name] = _kop(row[f"{name}_kop"])
            row["paid"] = _kop(-row["paid_kop"])  # printed as a negative number (domain.md §5.7)
            for meter in row["meters"]:
                meter["charged"] = _kop(meter["charged_kop"])
    data["to_pay"] = _kop(content.to_pay.kop)
    top = max((kop for _, kop in content.history), default=0)
    data["history"] = [
        {"label": label, "share": max(kop, 0) / top if top > 0 else 0, "amount": _kop(kop)}
        for label, kop in content.history
    ]
    made = _compiler().compile(
        input=str(DESIGNS / "bill.typ"), format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}
    )
    assert isinstance(made, bytes)
    return made
