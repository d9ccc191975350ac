"""A design rendered once by Typst, ready to be filled: its bands, the places of their fields, its fonts.

The design file (`designs/bill.typ`) has one band a page and marks places for text with `field`. Typst draws the still parts
and embeds its fonts once; from its own PDF we take the bands as form XObjects and the fonts as they are, so the text of
still parts and of fields is set with the same two subset fonts.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import fontpkg_fira_sans
import pikepdf
import typst
from fontTools.ttLib import TTFont

DESIGNS: Final = Path(__file__).parent / "designs"
FONTS: Final = Path(fontpkg_fira_sans.__path__[0]) / "files"
REGULAR: Final = "regular"
SEMIBOLD: Final = "semibold"
_SAME: Final = {"\u00a0": " ", "\u202f": " ", "ʼ": "’", "ˈ": "’", "\u2011": "-"}


@dataclass(frozen=True, slots=True)
class Field:
    """A place of a band, points from its top left corner. `kind`: text, qr, chart."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    size: float
    weight: str
    align: str
    colour: str  # the operator that sets it, «0.086 0.125 0.18 rg»
    lines: int


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    name: str
    height: float
    fields: dict[str, Field]


class Font:
    """A font of the design: what it can set, its widths in em."""

    def __init__(self, name: str, font: Any) -> None:
        self.name = name
        self.codes = _codes(font.ToUnicode.read_bytes())
        widths = _widths(font.DescendantFonts[0].W)
        self.widths = {letter: widths[int(code, 16)] for letter, code in self.codes.items()}
        for other, letter in _SAME.items():
            self.codes[other], self.widths[other] = self.codes[letter], self.widths[letter]

    def can_set(self, text: str) -> bool:
        return all(letter in self.codes for letter in text)


def _codes(cmap: bytes) -> dict[str, str]:
    """Letter → four hexadecimal digits, from a ToUnicode map."""
    pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]{4,})>", cmap.decode("ascii").split("endcodespacerange")[1])
    return {bytes.fromhex(target).decode("utf-16-be"): code for code, target in reversed(pairs)}


def _widths(array: Iterable[Any]) -> dict[int, float]:
    """Code → em, from a W array: `first [w w …]` and `first last w`."""
    widths: dict[int, float] = {}
    items = list(array)
    while items:
        first, second = int(items[0]), items[1]
        if isinstance(second, pikepdf.Array):
            widths.update((first + i, float(w) / 1000) for i, w in enumerate(second))
            items = items[2:]
        else:
            widths.update((code, float(items[2]) / 1000) for code in range(first, int(second) + 1))
            items = items[3:]
    return widths


@dataclass(frozen=True, eq=False)
class Design:
    bands: dict[str, Band]
    fonts: dict[str, Font]
    shared: bytes  # the objects that every document of this design begins with
    offsets: dict[int, int]  # of those objects, from the start of `shared`
    resources: str  # reference of the dictionary that every page uses
    next_object: int

    def set(self, text: str, weight: str, size: float, x: float, y: float) -> str:
        """Operators that set a text at a size with its baseline from `x`, `y`, to stand between BT and ET."""
        runs, _em = self.measure(text, weight)
        first, *others = runs
        steps = [f"/{first[0]} {size:.4g} Tf {x:.2f} {y:.2f} Td <{first[1]}> Tj"]
        return " ".join(steps + [f"/{name} {size:.4g} Tf <{codes}> Tj" for name, codes in others])

    def measure(self, text: str, weight: str) -> tuple[list[tuple[str, str]], float]:
        """A text as runs of (font, codes), and its width in em. What the font lacks is set in the regular one, what
        that lacks too is a question mark."""
        font, other = self.fonts[weight], self.fonts[REGULAR]
        if font.can_set(text):
            codes, widths = font.codes, font.widths
            return [(weight, "".join([codes[letter] for letter in text]))], sum([widths[letter] for letter in text])
        runs, width = [], 0.0
        for letter in text:
            own = font if letter in font.codes else other
            shown = letter if letter in own.codes else "?"
            runs.append((own.name, own.codes[shown]))
            width += own.widths[shown]
        return runs, width


def _drawn(path: Path, look: str) -> bytes:
    made = typst.compile(
        str(path), root=str(DESIGNS), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"look": look}
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def _marked(path: Path, label: str, look: str) -> list[Any]:
    """What the design says at each place with a label, in the order of the pages."""
    found = typst.query(
        str(path),
        label,
        root=str(DESIGNS),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"look": look},
    )
    return [item["value"] for item in json.loads(found)]


@lru_cache(maxsize=16)
def load(name: str, look: str) -> Design:
    """The design of `designs/<name>.typ` with a town's look (`Look.inputs`), rendered once a process."""
    path = DESIGNS / f"{name}.typ"

    names: list[str] = _marked(path, "<band>", look)
    places: dict[int, dict[str, Field]] = {number: {} for number in range(1, len(names) + 1)}
    for place in _marked(path, "<field>", look):
        places[place["page"]][place["name"]] = _field(place)
    with pikepdf.open(io.BytesIO(_drawn(path, look))) as drawn:
        letters = drawn.pages[names.index("letters")].Resources.Font
        weights = {REGULAR if "Regular" in str(font.BaseFont) else SEMIBOLD: font for font in letters.values()}
        fonts = {weight: Font(weight, font) for weight, font in weights.items()}
        heights = [float(page.MediaBox[3]) for page in drawn.pages]
        shared, offsets, resources, following = _shared(drawn, names, weights)
    bands = {
        band: Band(band, height, places[number])
        for number, (band, height) in enumerate(zip(names, heights, strict=True), start=1)
    }
    return Design(bands, fonts, shared, offsets, resources, following)


def _field(place: dict[str, Any]) -> Field:
    colour = place["colour"].lstrip("#")
    parts = " ".join(f"{int(colour[i : i + 2], 16) / 255:.3g}" for i in (0, 2, 4))
    return Field(
        kind=place["kind"],
        x=place["x"],
        y=place["y"],
        width=place["width"],
        height=place["height"],
        size=place["size"],
        weight=place["weight"],
        align=place["align"],
        colour=f"{parts} rg",
        lines=place["lines"],
    )


def _shared(drawn: pikepdf.Pdf, names: list[str], weights: dict[str, Any]) -> tuple[bytes, dict[int, int], str, int]:
    """Bands, fonts and the resource dictionary as numbered objects, serialised."""
    with pikepdf.new() as target:
        for font in weights.values():
            _make_lean(font.DescendantFonts[0])
        forms = pikepdf.Dictionary()
        for name, page in zip(names, drawn.pages, strict=True):
            if name != "letters":
                form = target.copy_foreign(page.as_form_xobject())
                form.write(_without_marks(page))
                del form.Resources.ProcSet
                forms[f"/{name}"] = form
        fonts = pikepdf.Dictionary({f"/{weight}": target.copy_foreign(font) for weight, font in weights.items()})
        resources = target.make_indirect(pikepdf.Dictionary(XObject=forms, Font=fonts))
        target.Root.Resources = resources
        plain = io.BytesIO()
        target.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    with pikepdf.open(plain) as saved:
        pieces, offsets, at = [], {}, 0
        skipped = {saved.Root.objgen[0], saved.Root.Pages.objgen[0]}
        for thing in saved.objects:
            number = thing.objgen[0]
            if number in skipped or thing is None:
                continue
            body = thing.unparse(resolved=True)
            if isinstance(thing, pikepdf.Stream):
                body = (
                    thing.stream_dict.unparse(resolved=True) + b"\nstream\n" + thing.read_raw_bytes() + b"\nendstream"
                )
            piece = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            pieces.append(piece)
            offsets[number] = at
            at += len(piece)
        reference = f"{saved.Root.Resources.objgen[0]} 0 R"
        return b"".join(pieces), offsets, reference, len(saved.objects) + 1


def _make_lean(font: Any) -> None:
    """Half the bytes of an embedded font: outlines without hints, widths in one run."""
    file = font.FontDescriptor.FontFile2
    file.write(_outlines(file.read_bytes()))
    widths = _widths(font.W)
    run = [round(widths.get(code, 0) * 1000) for code in range(max(widths) + 1)]
    font.W = pikepdf.Array([0, pikepdf.Array(run)])
    if "/CIDSet" in font.FontDescriptor:
        del font.FontDescriptor.CIDSet


def _outlines(font: bytes) -> bytes:
    """The outlines alone: viewers and printers of our size need no hinting, PDF no names of glyphs."""
    with TTFont(io.BytesIO(font), recalcTimestamp=False) as outlines:
        for table in ("fpgm", "prep", "cvt ", "name"):
            if table in outlines:
                del outlines[table]
        for glyph in outlines["glyf"].glyphs.values():
            glyph.expand(outlines["glyf"])
            glyph.removeHinting()
        outlines["post"].formatType = 3.0
        lean = io.BytesIO()
        outlines.save(lean, reorderTables=None)
        return lean.getvalue()


def _without_marks(page: pikepdf.Page) -> bytes:
    """The page's drawing without references to Typst's structure tree, which stays behind."""
    marks = {"BDC", "BMC", "EMC"}
    kept = [step for step in pikepdf.parse_content_stream(page) if str(step.operator) not in marks]
    return pikepdf.unparse_content_stream(kept)
