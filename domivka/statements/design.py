"""A design rendered once by Typst, ready to be filled: its bands, the places of their fields, its fonts.

The design file (`designs/bill.typ`) has one band a page and marks places for text with `field`. Typst draws the still parts
and embeds its fonts once; from its own PDF we take the bands as form XObjects and the fonts as they are, so the text of
still parts and of fields is set with the same two subset fonts.
"""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import fontpkg_fira_sans
import pikepdf
import typst
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

DESIGNS: Final = Path(__file__).parent / "designs"
FONTS: Final = Path(fontpkg_fira_sans.__path__[0]) / "files"
REGULAR: Final = "regular"
SEMIBOLD: Final = "semibold"
LACKING: Final = "\0"
"""Stands for a letter that a font does not have."""
_ESCAPED: Final = "()\\"
_SAME: Final = {"\u00a0": " ", "\u202f": " ", "ʼ": "’", "ˈ": "’", "\u2011": "-"}


Runs = list[tuple[str, str]]
"""A text cut where its font changes: weight, codes."""


@dataclass(frozen=True, slots=True, eq=False)
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
    style: str  # the operators that choose its colour and font
    baseline: float  # of the first line, from the bottom of the band
    known: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)  # texts that were set in it before


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    name: str
    height: float
    fields: dict[str, Field]


class Font:
    """A font of the design, set with one byte a letter: printable ASCII as itself, other letters where there is room.

    `table` is for `str.translate`: a letter to its code, what the font lacks to `LACKING`; `ems` are widths by code. No
    letter has a code that a PDF string would need to escape.
    """

    def __init__(self, name: str, font: Any) -> None:
        self.name = name
        widths, self.letters = _widths(font.DescendantFonts[0].W), _letters(font.ToUnicode.read_bytes())
        own = {letter for letter in self.letters.values() if " " <= letter <= "~" and letter not in _ESCAPED}
        taken = own | {*_ESCAPED, "\n", "\r", LACKING}
        free = (chr(code) for code in [*range(128, 256), *range(128)] if chr(code) not in taken)
        self.codes: dict[str, str] = {}
        self.by_glyph: dict[int, str] = {}
        for glyph, letter in self.letters.items():
            is_first = letter not in self.codes  # the same letter in another cut, such as a narrow digit, follows
            code = letter if is_first and letter in own else next(free, "")
            if not code:
                raise ValueError("a design has at most 250 different letters of a weight")
            self.by_glyph[glyph] = code
            self.codes.setdefault(letter, code)
        ems = {ord(code): round(widths[glyph] * 1000) / 1000 for glyph, code in self.by_glyph.items()}
        self.ems = [ems.get(code, 0.0) for code in range(256)]
        self.table = _Letters({ord(letter): code for letter, code in self.codes.items() if len(letter) == 1})
        self.table.update({ord(other): self.codes[letter] for other, letter in _SAME.items()})

    def can_set(self, text: str) -> bool:
        return LACKING not in text.translate(self.table)

    def width(self, codes: str) -> float:
        """Of a line of codes, in em."""
        return sum(map(self.ems.__getitem__, codes.encode("latin-1")))


class _Letters(dict[int, str]):
    def __missing__(self, letter: int) -> str:
        return LACKING


def _letters(cmap: bytes) -> dict[int, str]:
    """Glyph → what it says, from a ToUnicode map."""
    pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]{4,})>", cmap.decode("ascii").split("endcodespacerange")[1])
    return {int(glyph, 16): bytes.fromhex(target).decode("utf-16-be") for glyph, target in pairs}


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

    def set(self, runs: Runs, weight: str, size: float, x: float, y: float) -> str:
        """Operators that set what was measured with its baseline from `x`, `y`, when the font is this weight at this
        size."""
        if len(runs) == 1 and runs[0][0] == weight:
            return f"BT {x:.2f} {y:.2f} Td ({runs[0][1]})Tj ET"
        shown = " ".join(f"{font_size(name, size)} ({codes})Tj" for name, codes in runs)
        return f"BT {x:.2f} {y:.2f} Td {shown} ET {font_size(weight, size)}"

    def measure(self, text: str, weight: str) -> tuple[Runs, float]:
        """A text as runs of (font, codes), and its width in em. What the font lacks is set in the regular one, what
        that lacks too is a question mark."""
        font = self.fonts[weight]
        codes = text.translate(font.table)
        if LACKING not in codes:
            return [(weight, codes)], font.width(codes)
        other = self.fonts[REGULAR]
        runs = []
        for own, letters in groupby(text, key=lambda letter: font if font.can_set(letter) else other):
            runs.append((own.name, "".join(letters).translate(own.table).replace(LACKING, own.codes["?"])))
        return runs, sum(self.fonts[name].width(codes) for name, codes in runs)


def font_size(weight: str, size: float) -> str:
    """The operator that chooses a font."""
    return f"/{weight} {size:.4g} Tf"


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
    with pikepdf.open(io.BytesIO(_drawn(path, look))) as drawn:
        letters = drawn.pages[names.index("letters")].Resources.Font
        weights = {_weight(font): font for font in letters.values()}
        fonts = {weight: Font(weight, font) for weight, font in weights.items()}
        heights = [float(page.MediaBox[3]) for page in drawn.pages]
        for place in _marked(path, "<field>", look):
            places[place["page"]][place["name"]] = _field(place, heights[place["page"] - 1])
        shared, offsets, resources, following = _shared(drawn, names, weights, fonts)
    bands = {
        band: Band(band, height, places[number])
        for number, (band, height) in enumerate(zip(names, heights, strict=True), start=1)
    }
    return Design(bands, fonts, shared, offsets, resources, following)


def _field(place: dict[str, Any], height: float) -> Field:
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
        style=f"{parts} rg {font_size(place['weight'], place['size'])}",
        baseline=height - place["y"] - place["size"],
    )


def _shared(
    drawn: pikepdf.Pdf, names: list[str], weights: dict[str, Any], fonts: dict[str, Font]
) -> tuple[bytes, dict[int, int], str, int]:
    """Bands, fonts and the resource dictionary as numbered objects, serialised."""
    with pikepdf.new() as target:
        setting = {name: _one_byte(target, weights[name], fonts[name]) for name in weights}
        forms = pikepdf.Dictionary()
        for name, page in zip(names, drawn.pages, strict=True):
            if name != "letters":
                form = target.copy_foreign(page.as_form_xobject())
                used = {key: _weight(font) for key, font in page.Resources.get("/Font", pikepdf.Dictionary()).items()}
                form.write(_still(page, {key: fonts[weight] for key, weight in used.items()}))
                form.Resources = pikepdf.Dictionary(
                    {key: value for key, value in form.Resources.items() if key not in {"/ProcSet", "/Font"}}
                )
                form.Resources.Font = pikepdf.Dictionary({key: setting[weight] for key, weight in used.items()})
                forms[f"/{name}"] = form
        own = pikepdf.Dictionary({f"/{name}": font for name, font in setting.items()})
        resources = target.make_indirect(pikepdf.Dictionary(XObject=forms, Font=own))
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


def _one_byte(target: pikepdf.Pdf, wide: Any, font: Font) -> Any:
    """The font with codes of one byte, of lean outlines."""
    made = {ord(code): font.letters[glyph] for glyph, code in font.by_glyph.items()}
    pairs = [f"<{code:02X}> <{letter.encode('utf-16-be').hex()}>" for code, letter in sorted(made.items())]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]  # more than a hundred a block is not allowed
    characters = "\n".join("\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{characters}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    outlines = wide.DescendantFonts[0].FontDescriptor.FontFile2
    descriptor = target.copy_foreign(wide.DescendantFonts[0].FontDescriptor)
    descriptor.FontFile2 = target.make_stream(_outlines(outlines.read_bytes(), font))
    if "/CIDSet" in descriptor:
        del descriptor.CIDSet
    return target.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.TrueType,
            BaseFont=wide.BaseFont,
            FirstChar=0,
            LastChar=255,
            Widths=pikepdf.Array([round(em * 1000) for em in font.ems]),
            FontDescriptor=descriptor,
            ToUnicode=target.make_stream(cmap.encode("ascii")),
        )
    )


def _outlines(file: bytes, font: Font) -> bytes:
    """The outlines alone, and which of them the one-byte codes are: viewers and printers of our size need no hinting,
    PDF no names of glyphs."""
    with TTFont(io.BytesIO(file), recalcTimestamp=False) as outlines:
        for table in ("fpgm", "prep", "cvt ", "name"):
            if table in outlines:
                del outlines[table]
        for glyph in outlines["glyf"].glyphs.values():
            glyph.expand(outlines["glyf"])
            glyph.removeHinting()
        names = {ord(code): outlines.getGlyphName(glyph) for glyph, code in font.by_glyph.items()}
        outlines["cmap"] = codes = newTable("cmap")
        codes.tableVersion, codes.tables = 0, [_subtable(6, 1, 0, names)]
        codes.tables.append(_subtable(4, 3, 0, {0xF000 + code: name for code, name in names.items()}))
        outlines["post"].formatType = 3.0
        lean = io.BytesIO()
        outlines.save(lean, reorderTables=None)
        return lean.getvalue()


def _subtable(form: int, platform: int, encoding: int, names: dict[int, str]) -> Any:
    """A map of codes that a symbolic font in a PDF is read by."""
    made = CmapSubtable.newSubtable(form)
    made.platformID, made.platEncID, made.language, made.cmap = platform, encoding, 0, names
    return made


def _weight(font: Any) -> str:
    return REGULAR if "Regular" in str(font.BaseFont) else SEMIBOLD


def _still(page: pikepdf.Page, fonts: dict[str, Font]) -> bytes:
    """The page's drawing with letters of one byte, without references to Typst's structure tree, which stays behind."""
    kept: list[Any] = []
    font: Font | None = None
    for step in pikepdf.parse_content_stream(page):
        operator = str(step.operator)
        if operator in {"BDC", "BMC", "EMC"}:
            continue
        if operator == "Tf":
            font = fonts[str(step.operands[0])]
        if operator == "Tj" and font is not None:
            kept.append(([_recoded(step.operands[0], font)], step.operator))
        elif operator == "TJ" and font is not None:
            shown = [_recoded(part, font) if isinstance(part, pikepdf.String) else part for part in step.operands[0]]
            kept.append(([pikepdf.Array(shown)], step.operator))
        else:
            kept.append(step)
    return pikepdf.unparse_content_stream(kept)


def _recoded(words: Any, font: Font) -> pikepdf.String:
    """A string of glyph numbers, two bytes each, in the font's codes."""
    glyphs = bytes(words)
    codes = [font.by_glyph[int.from_bytes(glyphs[at : at + 2], "big")] for at in range(0, len(glyphs), 2)]
    return pikepdf.String("".join(codes).encode("latin-1"))
