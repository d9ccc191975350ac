"""What is made from pinned packages before pages can be served: web fonts, translations, the static folder.

Everything is made once and kept until its sources change; `domivka assets` does it by hand.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.resources import files
from pathlib import Path

from domivka.config import environment, messages

PACKAGE = Path(__file__).resolve().parents[1]
FONTS = PACKAGE / "portal" / "static" / "domivka" / "fonts"
WEIGHTS = ("Regular", "Medium", "SemiBold")
# Latin with its accents, Ukrainian and its neighbours' Cyrillic, punctuation, currency, arrows, a few signs.
LETTERS = (
    "U+0020-017F,U+02BC,U+0300-0304,U+0400-045F,U+0490-0491,U+2010-2026,U+202F,U+2030,U+2032-2033,U+2039-203A,"
    "U+20AC,U+20B4,U+2116,U+2190-2193,U+2212,U+2248,U+2264-2265"
)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum", "pnum", "lnum"]


def make_fonts() -> None:
    """Fira Sans as small woff2 files; kerning, accents and tabular figures stay."""
    if all((FONTS / f"FiraSans-{weight}.woff2").exists() for weight in WEIGHTS):
        return
    from fontTools import subset  # takes half a second, and is needed once

    FONTS.mkdir(parents=True, exist_ok=True)
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False)
    for weight in WEIGHTS:
        source = str(files("fontpkg_fira_sans") / "files" / f"FiraSans-{weight}.ttf")
        font = subset.load_font(source, options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=subset.parse_unicodes(LETTERS))
        cutter.subset(font)
        draft = FONTS / f".FiraSans-{weight}.woff2"
        subset.save_font(font, str(draft), options)
        draft.replace(FONTS / f"FiraSans-{weight}.woff2")


def make() -> None:
    """Fonts and translations: what tests and pages need."""
    make_fonts()
    messages.compile_catalogues()


def collect() -> None:
    """Copy and compress everything under /static/ into the data folder, when something changed."""
    from django.contrib.staticfiles.finders import get_finders  # Django must be set up first
    from django.core.management import call_command

    make()
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = environment.home() / "static.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest.hexdigest())


def main(argv: list[str]) -> int:
    make()
    sys.stdout.write(f"fonts and translations are ready in {PACKAGE}\n")
    return 0
