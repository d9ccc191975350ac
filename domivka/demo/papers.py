"""Papers that residents of the demo joined: plainly invented, yet with something to look at in the preview."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final, Literal

import fontpkg_fira_sans
import typst

_FONTS: Final = Path(fontpkg_fira_sans.__path__[0]) / "files"
_DESIGN: Final = """
#let data = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: 25mm, background: rotate(-35deg, text(60pt, fill: luma(225), weight: "bold")[ЗРАЗОК]))
#set text(font: "Fira Sans", size: 12pt, lang: "uk")
#set par(justify: true, leading: 0.8em)
#for text in data.pages [
  #align(center, upper(strong(data.title)))
  #v(8mm)
  #text
  #v(1fr)
  #line(length: 60mm, stroke: 0.5pt)
  #emph(data.signed)
  #if text != data.pages.last() { pagebreak() }
]
""".encode()


@cache
def paper(title: str, signed: str, *pages: str) -> bytes:
    """A PDF with these pages."""
    return _compiled("pdf", title, signed, pages)


@cache
def photo(title: str, signed: str, page: str) -> bytes:
    """The same as a picture of one page."""
    return _compiled("png", title, signed, (page,))


def _compiled(kind: Literal["pdf", "png"], title: str, signed: str, pages: tuple[str, ...]) -> bytes:
    data = json.dumps({"title": title, "signed": signed, "pages": pages}, ensure_ascii=False)
    compiler = typst.Compiler(font_paths=[str(_FONTS)], ignore_system_fonts=True)
    made = compiler.compile(input=_DESIGN, format=kind, ppi=80.0, sys_inputs={"data": data})
    if not isinstance(made, bytes):
        raise TypeError("one file was asked for")
    return made
