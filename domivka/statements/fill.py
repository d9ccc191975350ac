"""Bills as PDF: bands of the design stacked, fields filled with real text. One bill or thousands: the same code."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from domivka.kernel.money import Money
from domivka.statements.content import BillContent, BillMeter, BillProvider, BillService
from domivka.statements.design import REGULAR, SEMIBOLD, Band, Design, Field, load
from domivka.statements.look import Look
from domivka.statements.rules.qr_matrix import matrix

_MM: Final = 72 / 25.4
PAGE_WIDTH: Final = 297 * _MM
PAGE_HEIGHT: Final = 210 * _MM
LEFT: Final = 10 * _MM
TOP: Final = 7 * _MM
PANEL: Final = PAGE_WIDTH / 3
FOLD_MARK: Final = 4 * _MM
SLIPS_IN_ROW: Final = 6
_SLIP_STEP: Final = (277 * _MM) / SLIPS_IN_ROW
SMALLEST: Final = 0.7
"""How much smaller a long text may be set before it is cut."""
USUAL: Final = Look()
_GREY: Final = "0.33 0.37 0.43 rg"
_NBSP: Final = "\u00a0"


def bills_pdf(contents: Iterable[BillContent], *, look: Look = USUAL) -> bytes:
    """One document with these bills, each from a page of its own. The same contents give the same bytes."""
    return bills_file(contents, look=look)[0]


def bills_file(contents: Iterable[BillContent], *, look: Look = USUAL, address_side: bool = False) -> tuple[bytes, int]:
    """The document and how many pages it has. With the address side every bill's first sheet has a back: the address
    where the window of a Euro-envelope is, an advertisement, fold marks. Print it on both sides."""
    design = load("bill", look.inputs())
    pages = []
    for content in contents:
        made = _Layout(design, content).pages()
        if address_side:
            made[1:1] = [_address_side(design, content, look)]
            if len(made) % 2:
                made.append(b"")  # the next bill begins on a sheet of its own
        pages += made
    return _document(design, pages), len(pages)


def _address_side(design: Design, content: BillContent, look: Look) -> bytes:
    """The sheet folded in three across: panels 99 mm wide, 210 mm high, read with the sheet turned. The middle panel
    shows in the envelope, the next holds the advertisement."""
    texts = {
        "address": {"payer": content.payer, "address": content.address, "sender": f"м. {content.town}"},
        "advertisement": {"title": look.advertisement_title, "words": look.advertisement},
    }
    steps = []
    for place, (name, filled) in enumerate(texts.items(), start=1):
        band = design.bands[name]
        if name == "advertisement" and not (look.advertisement or look.advertisement_title):
            continue
        right = (place + 1) * PANEL
        steps.append(f"q 0 1 -1 0 {right:.2f} 0 cm /{name} Do")
        steps += [_filled(design, band, key, text) for key, text in filled.items() if text]
        steps.append("Q")
    for fold in (PANEL, 2 * PANEL):
        for low in (0.0, PAGE_HEIGHT - FOLD_MARK):
            steps.append(f"q 0.5 w 0.55 G {fold:.2f} {low:.2f} m {fold:.2f} {low + FOLD_MARK:.2f} l S Q")
    return "\n".join(steps).encode("latin-1")


class _Sheet:
    """One page being drawn: bands go under one another, `y` is how far from the top of the page we are."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.steps: list[str] = []
        self.y = TOP

    def band(self, name: str, texts: dict[str, str], *, x: float = LEFT, y: float | None = None) -> Band:
        """Draw a band at the running place, or at `x`, `y`, with these texts in its fields."""
        band = self.design.bands[name]
        top = self.y if y is None else y
        steps = [f"q 1 0 0 1 {x:.2f} {PAGE_HEIGHT - top - band.height:.2f} cm /{name} Do"]
        steps += [_filled(self.design, band, key, text) for key, text in texts.items() if text]
        self.steps.append("\n".join([*steps, "Q"]))
        if y is None:
            self.y += band.height
        return band

    def qr(self, field: Field, link: str, *, x: float, y: float) -> None:
        """A code with its quiet zone of four modules inside the field, and the hryvnia sign in a white circle.

        The modules are a one-bit image: sharp at any size as an outline is, a quarter of the bytes, and without the
        hairlines that viewers leave between neighbouring rectangles.
        """
        size, data = _qr_bits(link)
        module = field.height / (size + 8)
        side, left = module * size, x + field.x + 4 * module
        bottom = PAGE_HEIGHT - y - field.y - field.height + 4 * module
        self.steps.append(
            f"q 0 g {side:.3f} 0 0 {side:.3f} {left:.3f} {bottom:.3f} cm "
            f"BI /W {size} /H {size} /BPC 1 /IM true ID {data}\nEI Q"
        )
        x, y, points = left + side / 2, bottom + side / 2, 8 * module / 0.7
        sign = self.design.set("₴", SEMIBOLD, points, x - 0.3 * points, y - 4 * module)
        self.steps.append(f"1 g {_circle(x, y, 5.5 * module)} f BT 0 g {sign} ET")

    def chart(self, field: Field, history: Sequence[tuple[str, int]], *, x: float, y: float) -> None:
        """Bars of the months' charges with their sums above and the months below; the last month stands out."""
        step = field.width / max(len(history), 1)
        highest = max([kop for _label, kop in history] + [1])
        base = PAGE_HEIGHT - y - field.y - field.height + field.size * 1.5
        room = field.height - field.size * 2.9
        for number, (label, kop) in enumerate(history):
            left, tall = x + field.x + number * step, max(kop, 0) / highest * room
            last = number == len(history) - 1
            colour = field.colour if last else "0.72 0.78 0.86 rg"
            self.steps.append(f"{colour} {left + step * 0.18:.2f} {base:.2f} {step * 0.64:.2f} {tall:.2f} re f")
            for words, height in (
                (label, base - field.size * 1.15),
                (_hryvnias(kop), base + tall + 1.5),
            ):
                weight = SEMIBOLD if last else REGULAR
                em = self.design.measure(words, weight)[1]
                at = left + (step - em * field.size) / 2
                self.steps.append(f"BT {_GREY} {self.design.set(words, weight, field.size, at, height)} ET")


@lru_cache(maxsize=65536)
def _filled(design: Design, band: Band, key: str, text: str) -> str:
    """The operators that set a text in a field, from the lower left corner of the band; remembered, as most texts of a
    print run come again (names of services, zeros, details of providers)."""
    field = band.fields[key]
    lines = _wrap(design, text, field) if field.lines > 1 else [text]
    steps = []
    for number, line in enumerate(lines):
        shown, em = _shortened(design, line, field)
        size = min(field.size, field.width / em) if em else field.size
        spare = field.width - em * size
        shift = {"left": 0.0, "center": spare / 2, "right": spare}[field.align]
        x, y = field.x + shift, band.height - field.y - field.size * (1 + 1.15 * number)
        steps.append(f"BT {field.colour} {design.set(shown, field.weight, size, x, y)} ET")
    return "\n".join(steps)


def _shortened(design: Design, text: str, field: Field) -> tuple[str, float]:
    """A text that fits its field at no less than `SMALLEST` of its size, cut with an ellipsis if it must be. Numbers
    stand to the right and are set as small as need be: an amount is never cut."""
    most, em = field.width / (field.size * SMALLEST), design.measure(text, field.weight)[1]
    if em <= most or field.align == "right":
        return text, em
    while text and design.measure(text + "…", field.weight)[1] > most:
        text = text[:-1].rstrip()
    return text + "…", design.measure(text + "…", field.weight)[1]


class _Layout:
    """A bill cut into pages."""

    def __init__(self, design: Design, content: BillContent) -> None:
        self.design, self.content = design, content
        self.bottom = PAGE_HEIGHT - TOP - design.bands["foot"].height
        self.sheets = [_Sheet(design)]

    def pages(self) -> list[bytes]:
        self._head()
        for provider in self.content.providers:
            self._provider(provider)
        self._total()
        self._slips()
        for number, sheet in enumerate(self.sheets, start=1):
            sheet.band("foot", self._foot(number), y=self.bottom)
        return ["\n".join(sheet.steps).encode("latin-1") for sheet in self.sheets]

    @property
    def sheet(self) -> _Sheet:
        return self.sheets[-1]

    def _height(self, *bands: str) -> float:
        return sum(self.design.bands[name].height for name in bands)

    def _room(self, height: float, *, table: bool) -> None:
        """See that `height` fits on the page, or begin the next."""
        if self.sheet.y + height > self.bottom:
            self.sheets.append(_Sheet(self.design))
            self.sheet.band(
                "runner",
                {"title": f"Рахунок станом на {self.content.as_of} р. (продовження)", "address": self.content.address},
            )
            if table:
                self._table()

    def _head(self) -> None:
        content, top = self.content, self.sheet.y
        numbers = list(dict.fromkeys(part.account_number for part in content.providers))
        month = f"{content.period % 100:02d}.{content.period // 100}"
        band = self.sheet.band(
            "head",
            {
                "title": f"станом на {content.as_of} р.",
                "subtitle": f"м. {content.town} · за {month} · № {content.number}",
                "payer": content.payer,
                "address": content.address,
                "accounts": ", ".join(numbers),
                "people": f"{content.registered} / {content.living}",
                "area": content.area,
                "heated": content.heated_area,
                "due": _day(content.due_on),
            },
        )
        self.sheet.chart(band.fields["chart"], content.history, x=LEFT, y=top)
        self._table()

    def _table(self) -> None:
        month = f"{self.content.period % 100:02d}.{self.content.period // 100}"
        self.sheet.band("table", {"charged_in": f"за {month}", "paid_in": f"у {month}"})

    def _provider(self, provider: BillProvider) -> None:
        details = [
            f"ЄДРПОУ {provider.edrpou}" if provider.edrpou else "",
            f"IBAN {provider.iban}" if provider.iban else "",
            provider.bank,
            f"тел. {provider.phone}" if provider.phone else "",
            f"сплатити до {_day(provider.due_on)}",
        ]
        for number, service in enumerate(provider.services):
            parts = _parts(service)
            height = self._height("row", *["part"] * len(parts)) + (0 if number else self._height("recipient"))
            self._room(height, table=True)
            if not number:
                self.sheet.band(
                    "recipient",
                    {
                        "name": provider.name,
                        "account": f"О/Р {provider.account_number}",
                        "details": " · ".join(filter(None, details)),
                    },
                )
            self._service(service, parts)

    def _service(self, service: BillService, parts: Sequence[BillMeter]) -> None:
        only = service.meters[0] if len(service.meters) == 1 else None
        boxes_above = service.boxes > 0 and not any(part.current for part in parts)
        self.sheet.band(
            "row_boxes" if boxes_above else "row",
            {
                "service": service.name,
                "method": only.method if only and not parts else "",
                "meter": ", ".join(service.meter_numbers),
                **(_readings(only) if only and not parts else {}),
                "charged": _money(service.charged_kop + service.penalty_kop),
                "debt": _money(service.debt_kop),
                "paid": _money(-service.paid_kop),
                "recalculation": _money(service.correction_kop),
                "subsidy": _money(-service.subsidy_kop),
                "compulsory": "" if service.compulsory_kop is None else _money(service.compulsory_kop),
                "to_pay": _money(service.to_pay_kop),
            },
        )
        for part in parts:
            boxed = bool(part.current) and service.boxes > 0
            words = " · ".join(filter(None, [part.method, part.meter and f"№ {part.meter}"]))
            self.sheet.band(
                "part_boxes" if boxed else "part",
                {"words": words, **_readings(part), "amount": _money(part.charged_kop)},
            )

    def _total(self) -> None:
        overpaid = self.content.overpaid
        note = f"Переплата {overpaid} грн залишається на рахунках за своїми послугами." if overpaid else ""
        self._room(self._height("total"), table=False)
        self.sheet.band("total", {"total": f"{self.content.to_pay}{_NBSP}грн", "note": note})

    def _slips(self) -> None:
        coded = [provider for provider in self.content.providers if provider.qr]
        for start in range(0, len(coded), SLIPS_IN_ROW):
            self._room(self._height("slip", *([] if start else ["slips"])), table=False)
            if not start:
                self.sheet.band("slips", {})
            top = self.sheet.y
            for place, provider in enumerate(coded[start : start + SLIPS_IN_ROW]):
                x = LEFT + place * _SLIP_STEP
                band = self.sheet.band(
                    "slip",
                    {
                        "name": provider.short_name,
                        "account": f"О/Р {provider.account_number}",
                        "amount": f"{provider.to_pay}{_NBSP}грн",
                    },
                    x=x,
                    y=top,
                )
                self.sheet.qr(band.fields["qr"], provider.qr, x=x, y=top)
            self.sheet.y += self._height("slip")

    def _foot(self, number: int) -> dict[str, str]:
        phone = self.content.dispatcher_phone
        return {
            "key": self.content.key,
            "contact": f"Диспетчерська: {phone}" if phone else "",
            "number": f"№ {self.content.number}",
            "page": f"сторінка {number} з {len(self.sheets)}",
        }


def _parts(service: BillService) -> Sequence[BillMeter]:
    """Lines under a service: none when it has one part that is the whole charge; penalty has a line of its own."""
    parts = list(service.meters)
    if service.penalty_kop:
        parts.append(BillMeter("", "", "", "", "", "", "", service.penalty_kop, "пеня"))
    return parts if len(parts) > 1 or service.penalty_kop else []


def _readings(part: BillMeter) -> dict[str, str]:
    return {
        "current": part.current,
        "previous": part.previous,
        "difference": part.difference,
        "volume": f"{part.volume}{_NBSP}{part.unit}" if part.unit else part.volume,
        "price": part.price,
    }


@lru_cache(maxsize=65536)
def _money(kop: int) -> str:
    return str(Money(kop))


def _hryvnias(kop: int) -> str:
    return f"{round(kop / 100):,}".replace(",", _NBSP).replace("-", "−")


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}.{month}.{year}"


def _wrap(design: Design, text: str, field: Field) -> list[str]:
    """Words filled into at most `field.lines` lines; the last takes what is left."""
    lines, words = [""], text.split(" ")
    for word in words:
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        fits = design.measure(longer, field.weight)[1] * field.size <= field.width
        if fits or not lines[-1] or len(lines) == field.lines:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=64)
def _qr_bits(link: str) -> tuple[int, str]:
    """Side in modules, and rows of bits (0 is dark) as Latin-1."""
    modules = matrix(link)
    return len(modules), np.packbits(~modules, axis=1).tobytes().decode("latin-1")


def _circle(x: float, y: float, radius: float) -> str:
    k = radius * 0.5523
    return (
        f"{x + radius:.2f} {y:.2f} m "
        f"{x + radius:.2f} {y + k:.2f} {x + k:.2f} {y + radius:.2f} {x:.2f} {y + radius:.2f} c "
        f"{x - k:.2f} {y + radius:.2f} {x - radius:.2f} {y + k:.2f} {x - radius:.2f} {y:.2f} c "
        f"{x - radius:.2f} {y - k:.2f} {x - k:.2f} {y - radius:.2f} {x:.2f} {y - radius:.2f} c "
        f"{x + k:.2f} {y - radius:.2f} {x + radius:.2f} {y - k:.2f} {x + radius:.2f} {y:.2f} c"
    )


def _document(design: Design, pages: Sequence[bytes]) -> bytes:
    """The file: shared objects as they are, then a page and its drawing each, the tree, the table of offsets."""
    head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    offsets = {number: len(head) + at for number, at in design.offsets.items()}
    pieces, at, number = [head, design.shared], len(head) + len(design.shared), design.next_object
    catalog, tree, info = number, number + 1, number + 2
    number += 3
    kids = []

    def add(which: int, body: bytes) -> None:
        nonlocal at
        piece = b"%d 0 obj\n%b\nendobj\n" % (which, body)
        offsets[which] = at
        pieces.append(piece)
        at += len(piece)

    for drawing in pages:
        packed = zlib.compress(drawing, 5)
        add(number, b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed))
        add(number + 1, b"<< /Type /Page /Parent %d 0 R /Contents %d 0 R >>" % (tree, number))
        kids.append(b"%d 0 R" % (number + 1))
        number += 2
    add(catalog, b"<< /Type /Catalog /Pages %d 0 R /Lang (uk) /ViewerPreferences << /DisplayDocTitle true >> >>" % tree)
    box = f"/MediaBox [0 0 {PAGE_WIDTH:.2f} {PAGE_HEIGHT:.2f}] /Resources {design.resources}".encode("ascii")
    add(tree, b"<< /Type /Pages /Count %d /Kids [%b] %b >>" % (len(kids), b" ".join(kids), box))
    title = "Рахунок-повідомлення".encode("utf-16-be").hex()
    add(info, f"<< /Title <feff{title}> /Producer (Domivka) >>".encode("ascii"))
    table = [b"0000000000 65535 f \n"]
    table += [
        b"%010d 00000 n \n" % offsets[entry] if entry in offsets else b"0000000000 00000 f \n"
        for entry in range(1, number)
    ]
    identity = hashlib.sha256(b"".join(pages)).hexdigest()[:32]
    trailer = f"<< /Size {number} /Root {catalog} 0 R /Info {info} 0 R /ID [<{identity}> <{identity}>] >>"
    pieces.append(b"xref\n0 %d\n%b" % (number, b"".join(table)))
    pieces.append(f"trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n".encode("ascii"))
    return b"".join(pieces)
