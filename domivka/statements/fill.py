"""Bills as PDF: bands of the design stacked, fields filled with real text. One bill or thousands: the same code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from domivka.statements.content import BillContent, BillMeter, BillProvider, BillService
from domivka.statements.design import REGULAR, SEMIBOLD, Band, Design, Field, Runs, font_size, load
from domivka.statements.document import Drawing, document
from domivka.statements.look import Look
from domivka.statements.rules.qr_matrix import packed

_MM: Final = 72 / 25.4
PAGE_WIDTH: Final = 297 * _MM
PAGE_HEIGHT: Final = 210 * _MM
LEFT: Final = 10 * _MM
TOP: Final = 7 * _MM
PANEL: Final = PAGE_WIDTH / 3
SLIPS_IN_ROW: Final = 6
_SLIP_STEP: Final = (277 * _MM) / SLIPS_IN_ROW
SMALLEST: Final = 0.7
"""How much smaller a long text may be set before it is cut."""
TOGETHER: Final = 250
KNOWN: Final = 5000
"""Texts that a field remembers."""
USUAL: Final = Look()
_GREY: Final = "0.33 0.37 0.43 rg"
_PALE: Final = "0.72 0.78 0.86 rg"
_SHIFTS: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
_NBSP: Final = "\u00a0"


def bills_pdf(contents: Iterable[BillContent], *, look: Look = USUAL) -> bytes:
    """One document with these bills, each from a page of its own. The same contents give the same bytes."""
    return bills_file(contents, look=look)[0]


def bills_file(contents: Iterable[BillContent], *, look: Look = USUAL, address_side: bool = False) -> tuple[bytes, int]:
    """The document and how many pages it has. With the address side every bill's first sheet has a back: the address
    where the window of a Euro-envelope is, an advertisement, fold marks. Print it on both sides."""
    design = load("bill", look.inputs())
    pages = _drawings(design, iter(contents), look, address_side=address_side)
    return document(design, pages, width=PAGE_WIDTH, height=PAGE_HEIGHT, title="Рахунок-повідомлення")


def _drawings(design: Design, contents: Iterator[BillContent], look: Look, *, address_side: bool) -> Iterator[Drawing]:
    """Pages of the bills, some bills at a time, so that their codes are made together."""
    while some := list(islice(contents, TOGETHER)):
        links = [provider.qr for content in some for provider in content.providers if provider.qr]
        codes = dict(zip(links, packed(links), strict=True))
        for content in some:
            pages = _Layout(design, content, codes).pages()
            if address_side:
                pages[1:1] = [_address_side(design, content, look)]
                if len(pages) % 2:
                    pages.append(Drawing())  # the next bill begins on a sheet of its own
            yield from pages


def _address_side(design: Design, content: BillContent, look: Look) -> Drawing:
    """The sheet folded in three across: panels 99 mm wide, 210 mm high, read with the sheet turned. The middle panel
    shows in the envelope, the next holds the advertisement."""
    sheet = _Sheet(design)
    sheet.band("folds", {}, x=0, y=0)
    address = {"payer": content.payer, "address": content.address, "sender": f"м. {content.town}"}
    sheet.panel("address", 2, address)
    if look.advertisement or look.advertisement_title:
        sheet.panel("advertisement", 3, {"title": look.advertisement_title, "words": look.advertisement})
    return sheet.drawing()


class _Sheet:
    """One page being drawn: bands go under one another, `y` is how far from the top of the page we are."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.steps: list[str] = []
        self.codes: list[bytes] = []
        self.y = TOP

    def drawing(self) -> Drawing:
        return Drawing("\n".join(self.steps).encode("latin-1"), b"".join(self.codes))

    def band(self, name: str, texts: dict[str, str], *, x: float = LEFT, y: float | None = None) -> Band:
        """Draw a band at the running place, or at `x`, `y`, with these texts in its fields."""
        band = self.design.bands[name]
        top = self.y if y is None else y
        self._draw(band, texts, f"1 0 0 1 {x:.2f} {PAGE_HEIGHT - top - band.height:.2f}")
        if y is None:
            self.y += band.height
        return band

    def panel(self, name: str, place: int, texts: dict[str, str]) -> None:
        """Draw a band turned by a quarter, in the first, second or third panel of the folded sheet."""
        self._draw(self.design.bands[name], texts, f"0 1 -1 0 {place * PANEL:.2f} 0")

    def _draw(self, band: Band, texts: dict[str, str], place: str) -> None:
        steps, style = [f"q {place} cm /{band.name} Do"], ""
        for key, text in texts.items():
            if text:
                field = band.fields[key]
                own, shown = field.known.get(text) or _remembered(self.design, field, text)
                if own != style:
                    style = own
                    steps.append(style)
                steps.append(shown)
        self.steps.append("\n".join([*steps, "Q"]))

    def qr(self, field: Field, code: tuple[int, bytes], *, x: float, y: float) -> None:
        """A code with its quiet zone of four modules inside the field, and the hryvnia sign in a white circle.

        The modules are a one-bit image: sharp at any size as an outline is, a quarter of the bytes, and without the
        hairlines that viewers leave between neighbouring rectangles.
        """
        size, rows = code
        module = field.height / (size + 8)
        side, left = module * size, x + field.x + 4 * module
        bottom = PAGE_HEIGHT - y - field.y - field.height + 4 * module
        self.codes.append(
            b"q %.3f 0 0 %.3f %.3f %.3f cm BI/W %d/H %d/IM true ID %b\nEI Q\n"
            % (side, side, left, bottom, size, size, rows)
        )
        sign = side / 2 - self.design.bands["sign"].height / 2 * module  # drawn with a point a module
        self.steps.append(f"q {module:.3f} 0 0 {module:.3f} {left + sign:.3f} {bottom + sign:.3f} cm /sign Do Q")

    def chart(self, field: Field, history: Sequence[tuple[str, int]], *, x: float, y: float) -> None:
        """Bars of the months' charges with their sums above and the months below; the last month stands out."""
        step = field.width / max(len(history), 1)
        highest = max([kop for _label, kop in history] + [1])
        base, room = field.size * 1.5, field.height - field.size * 2.9
        tall = [max(kop, 0) / highest * room for _label, kop in history]
        feet = _feet(len(history), step, base)
        bars = [f"{foot} {high:.2f} re" for foot, high in zip(feet, tall, strict=True)]
        sums = tuple(_hryvnias(kop) for _label, kop in history)
        months = tuple(label for label, _kop in history)
        steps = [
            f"q 1 0 0 1 {x + field.x:.2f} {PAGE_HEIGHT - y - field.y - field.height:.2f} cm",
            _PALE, *bars[:-1], "f", field.colour, *bars[-1:], f"f {_GREY}",
            _under_bars(self.design, months, field.size, step, field.size * 0.35),
            _centred(self.design, sums, field.size, step, [base + high + 1.5 for high in tall]), "Q",
        ]  # fmt: skip
        self.steps.append("\n".join(steps))


@lru_cache(maxsize=65536)
def _measured(design: Design, word: str, weight: str) -> tuple[Runs, float]:
    return design.measure(word, weight)


def _centred(design: Design, words: Sequence[str], size: float, step: float, heights: Sequence[float]) -> str:
    """Words set in the middle of steps from left to right, the last in semibold."""
    shown = [font_size(REGULAR, size)]
    for number, (word, height) in enumerate(zip(words, heights, strict=True), start=1):
        weight = REGULAR
        if number == len(words):
            weight = SEMIBOLD
            shown.append(font_size(weight, size))
        runs, em = _measured(design, word, weight)
        shown.append(design.set(runs, weight, size, (number - 0.5) * step - em * size / 2, height))
    return "\n".join(shown)


@lru_cache(maxsize=64)
def _feet(count: int, step: float, base: float) -> list[str]:
    """Left, bottom and width of each bar."""
    return [f"{(number + 0.18) * step:.2f} {base:.2f} {step * 0.64:.2f}" for number in range(count)]


@lru_cache(maxsize=64)
def _under_bars(design: Design, words: Sequence[str], size: float, step: float, height: float) -> str:
    """The same months are under the bars of a whole run."""
    return _centred(design, words, size, step, [height] * len(words))


def _remembered(design: Design, field: Field, text: str) -> tuple[str, str]:
    """`_filled`, kept for the next time: most texts of a print run come again (names of services, zeros, details of
    providers)."""
    if len(field.known) >= KNOWN:
        field.known.clear()
    field.known[text] = made = _filled(design, field, text)
    return made


def _filled(design: Design, field: Field, text: str) -> tuple[str, str]:
    """The operators that choose colour and font of a text in a field, and those that set it, from the lower left corner
    of the band."""
    runs, em = design.measure(text, field.weight)
    spare = field.width - em * field.size
    if spare >= 0:  # as nearly all do
        x = field.x + _SHIFTS[field.align] * spare
        return field.style, design.set(runs, field.weight, field.size, x, field.baseline)
    lines = [_shortened(design, line, field) for line in _wrap(design, text, field)]
    widest = max(em for _runs, em in lines)
    size = min(field.size, field.width / widest) if widest else field.size
    steps = []
    for number, (runs, em) in enumerate(lines):
        shift = _SHIFTS[field.align] * (field.width - em * size)
        steps.append(design.set(runs, field.weight, size, field.x + shift, field.baseline - field.size * 1.15 * number))
    return f"{field.colour} {font_size(field.weight, size)}", "\n".join(steps)


def _shortened(design: Design, text: str, field: Field) -> tuple[Runs, float]:
    """A text that fits its field at no less than `SMALLEST` of its size, cut with an ellipsis if it must be. Numbers
    stand to the right and are set as small as need be: an amount is never cut."""
    runs, em = design.measure(text, field.weight)
    most = field.width / (field.size * SMALLEST)
    if em <= most or field.align == "right":
        return runs, em
    while text and em > most:
        text = text[:-1].rstrip()
        runs, em = design.measure(text + "…", field.weight)
    return runs, em


class _Layout:
    """A bill cut into pages."""

    def __init__(self, design: Design, content: BillContent, codes: dict[str, tuple[int, bytes]]) -> None:
        self.design, self.content, self.codes = design, content, codes
        self.bottom = PAGE_HEIGHT - TOP - design.bands["foot"].height
        self.sheets = [_Sheet(design)]

    def pages(self) -> list[Drawing]:
        self._head()
        for provider in self.content.providers:
            self._provider(provider)
        self._total()
        self._slips()
        for number, sheet in enumerate(self.sheets, start=1):
            sheet.band("foot", self._foot(number), y=self.bottom)
        return [sheet.drawing() for sheet in self.sheets]

    @property
    def sheet(self) -> _Sheet:
        return self.sheets[-1]

    def _height(self, *bands: str) -> float:
        return sum([self.design.bands[name].height for name in bands])

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
        self.sheet.band("total", {"total": f"{_money(self.content.to_pay.kop)}{_NBSP}грн", "note": note})

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
                        "amount": f"{_money(provider.to_pay.kop)}{_NBSP}грн",
                    },
                    x=x,
                    y=top,
                )
                self.sheet.qr(band.fields["qr"], self.codes[provider.qr], x=x, y=top)
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
    """As `Money` writes it."""
    hryvnias, rest = divmod(abs(kop), 100)
    shown = f"{hryvnias:,},{rest:02d}" if hryvnias < 1000 else f"{hryvnias:,}".replace(",", _NBSP) + f",{rest:02d}"
    return f"−{shown}" if kop < 0 else shown


@lru_cache(maxsize=65536)
def _hryvnias(kop: int) -> str:
    return f"{round(kop / 100):,}".replace(",", _NBSP).replace("-", "−")


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}.{month}.{year}"


def _wrap(design: Design, text: str, field: Field) -> list[str]:
    """Words filled into at most `field.lines` lines; the last takes what is left."""
    if field.lines == 1:
        return [text]
    lines, words = [""], text.split(" ")
    for word in words:
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        fits = design.measure(longer, field.weight)[1] * field.size <= field.width
        if fits or not lines[-1] or len(lines) == field.lines:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
