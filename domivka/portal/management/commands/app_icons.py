"""Draws the icons of the installed app from img/app.svg. Run by hand after the drawing changes; the PNGs are committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import typst
from django.core.management.base import BaseCommand

SIZES: Final = (192, 512)
IMAGES: Final = Path(__file__).resolve().parents[2] / "static" / "domivka" / "img"


class Command(BaseCommand):
    help = "Draw app-192.png and app-512.png from app.svg"

    def handle(self, *args: Any, **options: Any) -> None:
        for size in SIZES:
            page = f'#set page(width: {size}pt, height: {size}pt, margin: 0pt)\n#image("app.svg", width: 100%)'
            source = IMAGES / f".app-{size}.typ"
            source.write_text(page, encoding="utf-8")
            try:
                typst.compile(str(source), output=str(IMAGES / f"app-{size}.png"), format="png", ppi=72.0)
            finally:
                source.unlink()
            self.stdout.write(f"app-{size}.png")
